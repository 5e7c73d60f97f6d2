"""How well a network reads labelled images: accuracy, confusion, calibration, worst mistakes.

Knows scores, labels and statistics. Does not know how scores are computed, nor how results are shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.arrays import DIGITS, checked_pair
from tenfold.errors import DataError
from tenfold.networks.classifier import Classifier

Z95 = 1.959963984540054  # standard normal quantile of a two-sided 95 % interval


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a network made of `n` labelled images.

    Attributes:
        labels: `(n,) uint8`, 0..9.
        predictions: `(n,) int64`, 0..9.
        probabilities: `(n, 10) float32`, each row sums to 1 or less.
    """

    labels: NDArray[np.uint8]
    predictions: NDArray[np.int64]
    probabilities: NDArray[np.float32]

    @property
    def accuracy(self) -> float:
        """The share of images read right, 0..1."""
        return float((self.predictions == self.labels).mean())

    @property
    def errors(self) -> int:
        """How many images are read wrong."""
        return int((self.predictions != self.labels).sum())

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy, 0..1 (Wilson, 1927)."""
        return wilson_interval(len(self.labels) - self.errors, len(self.labels))

    @property
    def confusion(self) -> NDArray[np.int64]:
        """The confusion matrix, `(10, 10)`: row = label, column = prediction."""
        return confusion_matrix(self.labels, self.predictions)

    @property
    def calibration_error(self) -> float:
        """Expected calibration error over 15 equal bins of confidence, 0..1 (Naeini et al., 2015)."""
        confidence = self.probabilities.max(axis=1).astype(np.float64)
        bins = np.minimum((confidence * 15).astype(np.int64), 14)
        gaps = np.bincount(bins, weights=(self.predictions == self.labels) - confidence, minlength=15)
        return float(np.abs(gaps).sum() / len(self.labels))

    @property
    def loss(self) -> float:
        """The mean cross-entropy an image, in nats."""
        of_label = self.probabilities[np.arange(len(self.labels)), self.labels].astype(np.float64)
        return float(-np.log(np.maximum(of_label, np.finfo(np.float32).tiny)).mean())

    def errors_at_rejection_rate(self, refused: float) -> int:
        """How many errors remain where the least confident are refused, `refused` of all images, 0..1."""
        by_confidence = np.argsort(-self.probabilities.max(axis=1), kind="stable")
        kept = by_confidence[: len(by_confidence) - round(refused * len(by_confidence))]
        return int((self.predictions[kept] != self.labels[kept]).sum())

    def _repr_html_(self) -> str:
        from tenfold.visualization import notebook

        low, high = self.interval
        text = f"accuracy {100 * self.accuracy:.2f} % (95 % interval {100 * low:.2f} to {100 * high:.2f} %)"
        return notebook.line(f"{text}; a row is the digit written, a column the digit read") + notebook.table(
            self.confusion
        )

    def worst(self, count: int = 20) -> NDArray[np.int64]:
        """Indices of the mistakes in which the label was given the least probability, worst first."""
        wrong = np.flatnonzero(self.predictions != self.labels)
        of_label = self.probabilities[wrong, self.labels[wrong]]
        surest = self.probabilities[wrong].max(axis=1)
        return wrong[np.lexsort((-surest, of_label))[:count]]


def evaluate(network: Classifier, images: ArrayLike, labels: ArrayLike) -> Evaluation:
    """Read labelled images.

    Args:
        network: any network.
        images: `(n, 28, 28)` or `(n, 784)` whole numbers 0 paper .. 255 ink, at least one.
        labels: `(n,)` whole numbers 0..9.

    Raises:
        DataError: images or labels break these rules.
    """
    pixels, digits = checked_pair(images, labels)
    if len(digits) == 0:
        raise DataError("there are 0 images: an evaluation needs at least one")
    shares = network.probabilities(pixels)
    return Evaluation(digits, network.predict(pixels), shares)


def confusion_matrix(labels: NDArray[np.uint8], predictions: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each label was given each prediction, `(10, 10)`: row = label, column = prediction."""
    cells = labels.astype(np.int64) * DIGITS + predictions
    return np.bincount(cells, minlength=DIGITS * DIGITS).reshape(DIGITS, DIGITS)


def wilson_interval(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share, both ends 0..1, from `right` of `count` (Wilson, 1927)."""
    share, spread = right / count, Z95**2 / count
    middle = (share + spread / 2) / (1 + spread)
    reach = Z95 * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - reach), min(1.0, middle + reach)
