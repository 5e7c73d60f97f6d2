"""What a network must not forget: features of MNIST's digits and their second moment. Computed once and kept."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tenfold.adaptation.last_layer import features_of, last_layer
from tenfold.arrays import DIGITS
from tenfold.datasets import mnist
from tenfold.networks.classifier import softmax

IMAGES = 4000  # training digits, evenly spaced; more change little, and each costs a reading
HARD = 400  # of them take part in the fit one by one: those whose label the network is least certain of
LEAST_WEIGHT = 1e-3  # in the second moment, of a digit that the network is certain of


class Memory(NamedTuple):
    """MNIST as the last layer reads it. `n` counts training digits, `f` features; the last column of features is 1.

    Attributes:
        moment: `(f + 1, f + 1) float64`, the second moment of the features of training digits. The less certain the
            network is of a digit, the more it weighs.
        hard: `(n, f + 1) float64`, the features of training digits that the network reads right and is least sure of.
        labels: `(n,) int64`, their labels.
        test: `(10000, f + 1) float64`, the features of the test digits; only for the figures that are reported.
        test_labels: `(10000,) int64`.
    """

    moment: NDArray[np.float64]
    hard: NDArray[np.float64]
    labels: NDArray[np.int64]
    test: NDArray[np.float64]
    test_labels: NDArray[np.int64]


@lru_cache(maxsize=2)
def memory_of(model: bytes) -> Memory:
    """The memory of a network, by the bytes of its ONNX file; about half a second on one processor, kept afterwards.

    Raises:
        NetworkError: see `last_layer`.
    """
    (train_images, train_labels), (test_images, test_labels) = mnist.load_data()
    chosen = np.linspace(0, len(train_images) - 1, IMAGES).astype(np.int64)
    labels = train_labels[chosen].astype(np.int64)
    features = features_of(model, train_images[chosen])
    probabilities = softmax(last_layer(model).logits(features))
    right = probabilities[np.arange(IMAGES), labels].astype(np.float64)
    extended = with_one(features)
    weights = 1 - right + LEAST_WEIGHT
    moment = (extended * (weights / weights.sum())[:, None]).T @ extended
    hardest = np.argsort(right, kind="stable")[:HARD]
    hardest = hardest[probabilities[hardest, :DIGITS].argmax(axis=1) == labels[hardest]]
    return Memory(
        moment,
        extended[hardest],
        labels[hardest],
        with_one(features_of(model, test_images)),
        test_labels.astype(np.int64),
    )


def with_one(features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Features with a column of ones, for the bias."""
    return np.column_stack([features.astype(np.float64), np.ones(len(features))])
