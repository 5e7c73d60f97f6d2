"""The training runs and least squares that the story's tables and charts are made of; each runs once.

No text and no drawing here.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

import tenfold
from tenfold.networks.onelayer import OneLayerNet

EPOCHS = (1, 2, 3, 5, 10, 20, 45, 100)


@functools.cache
def last_epoch() -> tuple[list[float], float]:
    """Test accuracy after every tenth update of the article's last epoch, and of the mean of those weights."""
    (images, labels), test = tenfold.load_data()
    net = OneLayerNet().fit(images[:1000], labels[:1000], 4)
    accuracies, total = [], np.zeros((10, 784))
    for first in range(0, 1000, 10):
        net.fit(images[first : first + 10], labels[first : first + 10], 1)
        accuracies.append(net.score(*test))
        total += net.weights
    return accuracies, OneLayerNet(weights=total / len(accuracies)).score(*test)


@functools.cache
def by_epochs() -> list[tuple[int, OneLayerNet]]:
    """The article's network after each number of epochs in `EPOCHS`."""
    (images, labels), _ = tenfold.load_data()
    return [(epochs, OneLayerNet().fit(images[:1000], labels[:1000], epochs)) for epochs in EPOCHS]


@functools.cache
def by_alpha(alphas: tuple[float, ...], images: int) -> list[float]:
    """Test accuracy after 5 epochs with each learning rate."""
    (x_train, y_train), test = tenfold.load_data()
    return [OneLayerNet(alpha).fit(x_train[:images], y_train[:images], 5).score(*test) for alpha in alphas]


def least_squares(bias: bool = True) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least squared error on all training images: weights, `(10, 784)`, and biases, `(10,)`."""
    squares, products = normal_equations()
    if not bias:
        squares, products = squares[:-1, :-1], products[:-1]
    best = (np.linalg.pinv(squares, hermitian=True) @ products).T
    return (best[:, :-1], best[:, -1]) if bias else (best, np.zeros(10))


@functools.cache
def normal_equations() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Products of pixels with pixels and with targets, exactly summed over all training images.

    A last pixel, always 1, gives the bias. float32 holds whole numbers up to 2**24, which 256
    products of two pixels cannot exceed.
    """
    (images, labels), _ = tenfold.load_data()
    squares, products = np.zeros((785, 785)), np.zeros((785, 10))
    for first in range(0, len(images), 256):
        part = images[first : first + 256].reshape(-1, 784)
        pixels = np.hstack([part, np.ones((len(part), 1))]).astype(np.float32)
        squares += pixels.T @ pixels
        products += pixels.T @ np.eye(10, dtype=np.float32)[labels[first : first + 256]]
    return squares, products
