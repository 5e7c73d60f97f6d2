"""What every network does with its scores. Knows neither how scores are computed nor what a file is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.errors import DataError
from tenfold.images import checked_pair


class Classifier(ABC):
    """Images in, ten scores out; the largest score names the digit.

    Attributes:
        kind: the name under which files know this kind of network.
        temperature: what scores are divided by before softmax makes probabilities of them; 1.0 until
            `tenfold.evaluate.fit_temperature` finds a better one.
    """

    kind: str
    temperature: float = 1.0

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

    @property
    @abstractmethod
    def parameters(self) -> int:
        """How many numbers training sets."""

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
