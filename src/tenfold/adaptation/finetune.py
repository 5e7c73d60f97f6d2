"""A last layer fitted to corrected digits, with MNIST in mind: multinomial logistic regression. Does not judge it.

The change of the layer is penalized by how much it changes the logits of MNIST's digits: the second moment of their
features is the metric (as in natural-gradient methods; Amari, 1998). In it, a change costs little where MNIST has no
digits, so a new form of a digit is learned without touching the old ones. The hardest digits of MNIST take part in the
fit themselves (rehearsal; Robins, 1995).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tenfold.adaptation.last_layer import CLASSES, LastLayer
from tenfold.adaptation.memory import Memory
from tenfold.arrays import DIGITS

# Fitted by scripts/fit_adaptation.py on drawn writers.
STRENGTH = 10.0  # of the penalty
HARD_WEIGHT = 2.0  # of each hard digit of MNIST, where a correction has 1
MAX_WEIGHT = 30.0  # of all corrections together, so that many of them do not outweigh MNIST
RIDGE = 0.03  # added to the second moment, as a fraction of its mean diagonal: some features never vary in MNIST
STEPS = 40  # after them, the errors do not change any more


def fit(layer: LastLayer, features: NDArray[np.float64], labels: NDArray[np.int64], memory: Memory) -> LastLayer:
    """Fit a layer to corrected digits; the same input gives the same layer.

    Args:
        layer: where the fit starts, and what the penalty pulls it to.
        features: `(n, f + 1) float64`, of the corrected digits, with a column of ones.
        labels: `(n,) int64`, 0..9.
        memory: of the same network.

    Returns:
        the fitted layer; the row of "not a digit" is unchanged.
    """
    start = np.column_stack([layer.weights.astype(np.float64), layer.bias.astype(np.float64)]).T
    moment = memory.moment
    metric = moment + RIDGE * np.trace(moment) / len(moment) * np.eye(len(moment))
    whiten = np.linalg.inv(np.linalg.cholesky(metric)).T
    rows = np.concatenate([features, memory.hard])
    targets = np.eye(CLASSES)[np.concatenate([labels, memory.labels])]
    weights = np.full((len(rows), 1), HARD_WEIGHT)
    weights[: len(features)] = min(1.0, MAX_WEIGHT / max(1, len(features)))
    change = whiten @ _descend(rows @ whiten, rows @ start, targets, weights)
    fitted = (start + change).T
    return LastLayer(fitted[:, :-1].astype(np.float16), fitted[:, -1].astype(np.float32))


def _descend(
    inputs: NDArray[np.float64], logits: NDArray[np.float64], targets: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Minimize the penalized cross-entropy by accelerated gradient descent (Nesterov, 1983); `(f + 1, 11)`."""
    curvature = 0.5 * np.linalg.norm(inputs * np.sqrt(weights), 2) ** 2 + STRENGTH
    change = np.zeros((inputs.shape[1], CLASSES))
    ahead, momentum = change, 1.0
    for _ in range(STEPS):
        gradient = inputs.T @ ((_softmax(logits + inputs @ ahead) - targets) * weights) + STRENGTH * ahead
        gradient[:, DIGITS] = 0  # "not a digit" stays as it is
        previous, change = change, ahead - gradient / curvature
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = change + (momentum - 1) / following * (change - previous)
        momentum = following
    return change


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers: NDArray[np.float64] = np.exp(logits - logits.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers
