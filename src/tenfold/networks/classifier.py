"""What every network does with its scores. Knows neither how scores are computed nor what a file is."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.arrays import checked_pair
from tenfold.errors import DataError, NetworkError


class Classifier(ABC):
    """Images in, ten scores out; the largest score names the digit.

    Attributes:
        kind: the name under which files know this kind of network.
        rejects: whether it knows what is no digit.
    """

    kind: str
    rejects = False
    _temperature = 1.0

    @property
    def temperature(self) -> float:
        """What scores are divided by before softmax makes probabilities of them, above 0; 1.0 where never set."""
        return self._temperature

    @temperature.setter
    def temperature(self, value: float) -> None:
        if not 0 < value < math.inf:
            raise NetworkError(f"the temperature is {value}: it must be a finite number above 0")
        self._temperature = float(value)

    @abstractmethod
    def scores(self, images: ArrayLike) -> NDArray[np.floating[Any]]:
        """The ten scores of each image.

        Args:
            images: `(n, 28, 28)` or `(n, 784)` whole numbers 0 paper .. 255 ink.

        Returns:
            `(n, 10)` floats; the largest names the digit.

        Raises:
            DataError: images break these rules.
        """

    def probabilities(self, images: ArrayLike) -> NDArray[np.float32]:
        """Softmax of the scores divided by the temperature: `(n, 10) float32`.

        Each row sums to 1, or to less where the network knows what is no digit: the rest is the probability of that.

        Raises:
            DataError: images break the rules of `scores`.
            NetworkError: the weights are so large that a score is no finite number.
        """
        return softmax(self.scores(images), self.temperature)

    @property
    @abstractmethod
    def parameters(self) -> int:
        """How many numbers training sets."""

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from tenfold.visualization import notebook

        return notebook.line(f"{type(self).__name__}, {self.parameters:,} parameters")

    @abstractmethod
    def save(self, path: str | Path, **facts: Any) -> None:
        """Write the network's folder; the facts go into its card."""

    @classmethod
    @abstractmethod
    def load(cls, path: Path) -> Self:
        """The network that `save` wrote; `tenfold.load_network` finds out which kind a folder holds."""

    def predict(self, images: ArrayLike) -> NDArray[np.int64]:
        """The digit with the largest score, the smallest such digit where several are equal: `(n,) int64`."""
        digits: NDArray[np.int64] = self.scores(images).argmax(axis=1)
        return digits

    def score(self, images: ArrayLike, labels: ArrayLike) -> float:
        """The accuracy, 0..1: the share of images whose predicted digit is their label."""
        pixels, digits = checked_pair(images, labels)
        if len(digits) == 0:
            raise DataError("there are 0 images: accuracy needs at least one")
        return float((self.predict(pixels) == digits).mean())


def softmax(scores: NDArray[np.floating[Any]], temperature: float = 1.0) -> NDArray[np.float32]:
    """The probabilities that scores stand for, `(n, classes) float32`.

    Raises:
        NetworkError: a score is no finite number.
    """
    if not np.isfinite(scores).all():
        raise NetworkError("a score is infinite or not a number: its weights are too large; train it again")
    return np.exp(log_softmax(scores, temperature)).astype(np.float32)


def log_softmax(scores: NDArray[np.floating[Any]], temperature: float) -> NDArray[np.float64]:
    """The logarithms of the probabilities that scores stand for, `(n, classes) float64`."""
    logits: NDArray[np.float64] = scores.astype(np.float64) / temperature
    logits -= logits.max(axis=1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return logits
