"""The base class of networks that read single digits: scores to probabilities, predictions and accuracy. No files here.

Its methods follow scikit-learn's conventions, so that `clone`, `cross_val_score` and pipelines accept a network;
scikit-learn itself is not needed.
"""

from __future__ import annotations

import inspect
import math
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.arrays import DIGITS, checked_pair
from tenfold.errors import DataError, NetworkError


class Classifier(ABC):
    """Images in, ten scores out; the largest score names the digit.

    Attributes:
        kind: the name of this kind of network in files.
        rejects: True if the network also gives a probability of "not a digit".
    """

    kind: str
    rejects = False
    _temperature = 1.0

    @property
    def classes_(self) -> NDArray[np.int64]:
        """The digits in the order of the scores, `(10,) int64`: scikit-learn's name for them."""
        return np.arange(DIGITS)

    @property
    def temperature(self) -> float:
        """Scores are divided by it before softmax; above 0, and 1.0 unless it was set."""
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
            images: `(n, 28, 28)` or `(n, 784)` numbers 0 paper .. 255 ink, or floats 0..1.

        Returns:
            `(n, 10)` floats; the largest names the digit.

        Raises:
            DataError: images break these rules.
        """

    def probabilities(self, images: ArrayLike) -> NDArray[np.float32]:
        """The softmax of the scores divided by the temperature: `(n, 10) float32`.

        Each row sums to 1, or to less if the network rejects: the rest is the probability of "not a digit".

        Raises:
            DataError: images break the rules of `scores`.
            NetworkError: the weights are so large that a score is not a finite number.
        """
        return softmax(self.scores(images), self.temperature)

    def predict_proba(self, images: ArrayLike) -> NDArray[np.float32]:
        """The same as `probabilities`: scikit-learn's name for them."""
        return self.probabilities(images)

    @property
    @abstractmethod
    def parameters(self) -> int:
        """The number of trained parameters."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 (scikit-learn passes it)
        """The arguments of the constructor, by name; scikit-learn's `clone` makes an untrained copy from them."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **parameters: Any) -> Self:
        """Start over, untrained, with some arguments of the constructor changed.

        Raises:
            NetworkError: there is no such argument, or its value is out of range.
        """
        current = self.get_params()
        for name in parameters:
            if name not in current:
                raise NetworkError(f"{type(self).__name__} has no parameter {name!r}: it has {', '.join(current)}")
        self.__dict__ = type(self)(**(current | parameters)).__dict__
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.get_params().items())})"

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks of an estimator; only scikit-learn calls this."""
        from sklearn.utils import ClassifierTags, Tags, TargetTags

        tags = Tags(
            estimator_type="classifier", target_tags=TargetTags(required=True), classifier_tags=ClassifierTags()
        )
        tags.requires_fit = False
        return tags

    def _repr_html_(self) -> str:
        from tenfold.visualization import notebook

        return notebook.line(f"{type(self).__name__}, {self.parameters:,} parameters")

    @abstractmethod
    def save(self, path: str | Path, **facts: Any) -> None:
        """Write the network's folder; the facts go into its model card."""

    @classmethod
    @abstractmethod
    def load(cls, path: Path) -> Self:
        """Load the network that `save` wrote; `tenfold.load_network` finds the kind of network in a folder."""

    def predict(self, images: ArrayLike) -> NDArray[np.int64]:
        """The digit with the largest score, the smallest such digit if several are equal: `(n,) int64`."""
        digits: NDArray[np.int64] = self.scores(images).argmax(axis=1)
        return digits

    def score(self, images: ArrayLike, labels: ArrayLike) -> float:
        """The accuracy, 0..1: the fraction of images whose predicted digit is their label.

        Raises:
            DataError: images or labels break their rules, or there are none.
        """
        pixels, digits = checked_pair(images, labels)
        if len(digits) == 0:
            raise DataError("there are 0 images: accuracy needs at least one")
        return float((self.predict(pixels) == digits).mean())


def softmax(scores: NDArray[np.floating[Any]], temperature: float = 1.0) -> NDArray[np.float32]:
    """The softmax of scores divided by a temperature, `(n, classes) float32`.

    Raises:
        NetworkError: a score is not a finite number.
    """
    if not np.isfinite(scores).all():
        raise NetworkError("a score is infinite or not a number: the weights are too large; train the network again")
    return np.exp(log_softmax(scores, temperature)).astype(np.float32)


def log_softmax(scores: NDArray[np.floating[Any]], temperature: float) -> NDArray[np.float64]:
    """The logarithm of the softmax of scores divided by a temperature, `(n, classes) float64`."""
    logits: NDArray[np.float64] = scores.astype(np.float64) / temperature
    logits -= logits.max(axis=1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return logits
