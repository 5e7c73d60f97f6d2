"""Temperature scaling: find the temperature at which softmax probabilities match the accuracy of a network."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.networks.classifier import log_softmax


def fit_temperature(scores: NDArray[np.floating[Any]], labels: NDArray[np.uint8]) -> float:
    """The temperature that minimizes the cross-entropy of the softmax of scores (Guo et al., 2017).

    Args:
        scores: `(n, classes)`, for images that the network was not trained on.
        labels: `(n,)` whole numbers below `classes`.

    Returns:
        the temperature, from 0.001 to 1000, with a relative error of at most one millionth.
    """
    rows = np.arange(len(labels))
    return search_temperature(lambda temperature: -float(log_softmax(scores, temperature)[rows, labels].mean()))


def search_temperature(loss: Callable[[float], float], tolerance: float = 1e-6) -> float:
    """The temperature, from 0.001 to 1000, that minimizes a loss with a single minimum, by golden-section search.

    Args:
        loss: the loss at a temperature.
        tolerance: the relative error of the result.
    """
    low, high = math.log(0.001), math.log(1000)
    golden = (math.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = loss(math.exp(left)), loss(math.exp(right))
    while high - low > tolerance:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = loss(math.exp(left))
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = loss(math.exp(right))
    return math.exp((low + high) / 2)
