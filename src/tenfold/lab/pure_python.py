"""The article's own program, in plain Python lists, to time it on this machine."""

from __future__ import annotations

import time
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, PIXELS

MEASURED = 24  # updates of one measurement, about a tenth of a second

Rows = list[list[Any]]


def train_in_lists(weights: Rows, images: NDArray[np.uint8], labels: NDArray[np.uint8], alpha: float) -> None:
    """Train once on each image, in order.

    Args:
        weights: ten lists of 784 numbers, which are changed.
        images: `(n, 28, 28)` whole numbers 0 paper .. 255 ink.
        labels: `(n,)` whole numbers 0..9.
        alpha: learning rate.
    """
    for image, label in zip(images, labels, strict=True):
        pixels = list(chain.from_iterable(image))
        sums = [_weighted_sum(pixels, row) for row in weights]
        goal = [0] * DIGITS
        goal[label] = 1
        delta, error = [0] * DIGITS, [0] * DIGITS
        for d in range(DIGITS):
            delta[d] = sums[d] - goal[d]
            error[d] = delta[d] ** 2  # its program computes it and never looks at it
        slopes: Rows = [[0 for _ in range(PIXELS)] for _ in range(DIGITS)]
        for d in range(DIGITS):
            for p in range(PIXELS):
                slopes[d][p] = delta[d] * pixels[p]
        for d in range(DIGITS):
            for p in range(PIXELS):
                weights[d][p] -= alpha * slopes[d][p]


def seconds_per_update(images: NDArray[np.uint8], labels: NDArray[np.uint8], start: NDArray[np.float64]) -> float:
    """Measured now: the seconds that one update takes, the first (before the weights are NumPy's numbers) left out."""
    weights = start.tolist()
    train_in_lists(weights, images[:1], labels[:1], 1e-7)
    began = time.perf_counter()
    train_in_lists(weights, images[1 : MEASURED + 1], labels[1 : MEASURED + 1], 1e-7)
    return (time.perf_counter() - began) / MEASURED


def _weighted_sum(pixels: list[Any], row: list[Any]) -> Any:
    total: Any = 0
    for p in range(len(pixels)):
        total += pixels[p] * row[p]
    return total
