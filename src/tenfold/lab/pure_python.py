"""The article's program in plain Python lists, to be timed on this machine. Tests have their own in tests/reference."""

from __future__ import annotations

import time
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, PIXELS

TIMED_UPDATES = 24  # about a tenth of a second

Rows = list[list[Any]]


def train_in_lists(weights: Rows, images: NDArray[np.uint8], labels: NDArray[np.uint8], alpha: float) -> None:
    """Make one update with each image, in order.

    Args:
        weights: ten lists of 784 numbers, changed in place.
        images: `(n, 28, 28) uint8`, 0 paper .. 255 ink.
        labels: `(n,) uint8`, 0..9.
        alpha: learning rate.
    """
    for image, label in zip(images, labels, strict=True):
        pixels = list(chain.from_iterable(image))
        sums = [_weighted_sum(pixels, row) for row in weights]
        target = [0] * DIGITS
        target[label] = 1
        delta, error = [0] * DIGITS, [0] * DIGITS
        for d in range(DIGITS):
            delta[d] = sums[d] - target[d]
            error[d] = delta[d] ** 2  # the article's program computes the error but never uses it
        gradients: Rows = [[0 for _ in range(PIXELS)] for _ in range(DIGITS)]
        for d in range(DIGITS):
            for p in range(PIXELS):
                gradients[d][p] = delta[d] * pixels[p]
        for d in range(DIGITS):
            for p in range(PIXELS):
                weights[d][p] -= alpha * gradients[d][p]


def seconds_per_update(images: NDArray[np.uint8], labels: NDArray[np.uint8], start: NDArray[np.float64]) -> float:
    """Time the program on this machine.

    The first update is not timed, because the weights hold NumPy's numbers until it is done.

    Args:
        images: `(n, 28, 28) uint8`, 0 paper .. 255 ink; at least 25.
        labels: `(n,) uint8`, 0..9.
        start: `(10, 784)`, the starting weights.
    """
    weights = start.tolist()
    train_in_lists(weights, images[:1], labels[:1], 1e-7)
    began = time.perf_counter()
    train_in_lists(weights, images[1 : TIMED_UPDATES + 1], labels[1 : TIMED_UPDATES + 1], 1e-7)
    return (time.perf_counter() - began) / TIMED_UPDATES


def _weighted_sum(pixels: list[Any], row: list[Any]) -> Any:
    total: Any = 0
    for p in range(len(pixels)):
        total += pixels[p] * row[p]
    return total
