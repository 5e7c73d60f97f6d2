"""The article's network: ten times 784 weights, one layer, trained one image at a time.

Knows its arithmetic to the last bit: float64; a score is the sum over the pixels from first to last, one
multiplication and one addition a pixel, each rounded; a weight loses `alpha * (delta * pixel)`. Does not know files of
images, nor pictures.

Three things make the loops fast and change no bit. Pixels that are zero are left out: they add 0.0 to a finite sum and
take 0.0 from a weight. The ten weights of a pixel lie side by side, and the ten sums are ten variables, so that the
compiler keeps them in vector registers. Nothing is allocated while training.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.arrays import DIGITS, PIXELS, SIDE, Labels, checked_epochs, checked_images, checked_pair
from tenfold.errors import DivergenceError, NetworkError
from tenfold.networks import serialization
from tenfold.networks.classifier import Classifier
from tenfold.networks.jit import compiled
from tenfold.networks.sparse_pixels import MAX_PLAIN_IMAGES, SparsePixels, sparse_pixels

CHUNK = 5_000  # updates between two reports of progress, about 2 ms

Weights = NDArray[np.float64]

_LEVELS = np.arange(256, dtype=np.float64)  # a pixel as float64, looked up faster than converted


class OneLayerNet(Classifier):
    """The article's network.

    Args:
        alpha: learning rate (step size), any finite number; the article uses 1e-7.
        weights: `(10, 784)` finite float64 to start from; by default the article's: all of digit d are d / 10,000.

    Attributes:
        alpha: as given.

    Raises:
        NetworkError: a value is not finite or the weights' shape is wrong.
    """

    kind = "onelayer"

    def __init__(self, alpha: float = 1e-7, weights: ArrayLike | None = None) -> None:
        try:
            finite = math.isfinite(alpha)
        except (TypeError, OverflowError):  # no number, or a whole number beyond all floats
            finite = False
        if not finite:
            raise NetworkError(f"alpha is {alpha!r}: it must be a finite number; the article uses 1e-7")
        self.alpha = float(alpha)
        # Written out as the article has them: 3 * 0.0001 is another float64 than 0.0003.
        start = [0.0000, 0.0001, 0.0002, 0.0003, 0.0004, 0.0005, 0.0006, 0.0007, 0.0008, 0.0009]
        rows = np.repeat(start, PIXELS).reshape(DIGITS, PIXELS) if weights is None else _numbers(weights)
        if rows.shape != (DIGITS, PIXELS):
            raise NetworkError(f"weights have shape {rows.shape}: they must have shape (10, 784)")
        if not np.isfinite(rows).all():
            raise NetworkError("a weight is infinite or not a number: give finite weights")
        self._columns = np.ascontiguousarray(rows.T) + 0.0  # + 0.0 makes -0.0 0.0: zero pixels could not be left out

    @property
    def weights(self) -> Weights:
        """`(10, 784) float64`, a row a digit, pixels row by row; a copy."""
        return np.ascontiguousarray(self._columns.T)

    def fit(
        self,
        images: ArrayLike,
        labels: ArrayLike,
        epochs: int = 5,
        callback: Callable[[int, int], None] | None = None,
    ) -> Self:
        """Train on every image in turn, `epochs` times, from the weights as they are.

        Interrupted (Ctrl-C, or an exception from `callback`), the network keeps the updates made so far. One thread
        at a time may train a network.

        Args:
            images: `(n, 28, 28)` or `(n, 784)` whole numbers 0 paper .. 255 ink.
            labels: `(n,)` whole numbers 0..9.
            epochs: times that the images are gone through.
            callback: called with the updates done and the updates in all, every few milliseconds.

        Raises:
            DataError: images or labels break these rules.
            DivergenceError: a weight left the finite numbers; the weights are those from before the call.
        """
        images, labels = checked_pair(images, labels)
        epochs = checked_epochs(epochs)
        before = self._columns
        ink = sparse_pixels(images)
        done, total = 0, epochs * len(images)
        for _ in range(epochs if total else 0):
            for first in range(0, len(images), CHUNK):
                last = min(first + CHUNK, len(images))
                if not self.update(ink.part(first, last), labels[first:last]):
                    self._columns = before
                    raise DivergenceError(_divergence(self.alpha, ink, done + 1, done + last - first))
                done += last - first
                if callback is not None:
                    callback(done, total)
        return self

    def update(self, ink: SparsePixels, labels: Labels) -> bool:
        """Train once on each image of a list, in order: what `fit` repeats, for those who look at every step.

        Args:
            ink: of `n` images.
            labels: `(n,) uint8`, 0..9, read-only.

        Returns:
            whether all weights are finite still; where not, they stay what they were before the call.
        """
        columns = self._columns.copy()
        _update(columns, ink.starts, ink.pixels, ink.values, labels, self.alpha, _LEVELS)
        if not np.isfinite(columns).all():
            return False
        self._columns = columns
        return True

    def scores(self, images: ArrayLike) -> NDArray[np.float64]:
        """The ten weighted sums of each image, `(n, 10) float64`; see `Classifier.scores`."""
        return self.scores_of(sparse_pixels(checked_images(images)))

    def scores_of(self, ink: SparsePixels) -> NDArray[np.float64]:
        """The ten weighted sums of each image of a list, `(n, 10) float64`."""
        scores = np.zeros((len(ink.starts) - 1, DIGITS))
        loops = _score.plain if len(scores) <= MAX_PLAIN_IMAGES else _score
        with np.errstate(over="ignore", invalid="ignore"):  # compiled loops do not warn either
            loops(self._columns, ink.starts, ink.pixels, ink.values, _LEVELS, scores)
        return scores

    @property
    def parameters(self) -> int:
        """7,840: ten times 784 weights."""
        return DIGITS * PIXELS

    def _repr_html_(self) -> str:
        from tenfold.visualization import notebook

        planes = notebook.signed(self.weights.reshape(DIGITS, SIDE, SIDE))
        shown = [(plane, str(digit)) for digit, plane in enumerate(planes)]
        return super()._repr_html_() + notebook.pictures(shown, 72, "the weights of the digit")

    def save(self, path: str | Path, **facts: Any) -> None:
        """Write the folder `path`: weights.npz, and card.json with what the network is and the `facts` given.

        Each file is written whole or not at all.
        """
        sha256 = hashlib.sha256(self.weights.astype("<f8").tobytes()).hexdigest()
        card = {"kind": self.kind, "parameters": self.parameters, "alpha": self.alpha, "weights_sha256": sha256}
        serialization.save(path, self.kind, self._arrays(), facts | card)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The network that `save` wrote."""
        arrays = serialization.load(path, cls()._arrays())
        net = cls(float(arrays["alpha"]), arrays["weights"])
        net.temperature = float(arrays["temperature"])
        return net

    def _arrays(self) -> dict[str, Any]:
        return {"weights": self.weights, "alpha": np.float64(self.alpha), "temperature": np.float64(self.temperature)}


@compiled
def _update(columns: Any, starts: Any, pixels: Any, values: Any, labels: Any, alpha: Any, levels: Any) -> None:
    """The article's training: for each image, its ten scores, then delta = score - goal, then ten weights a pixel."""
    for i in range(len(labels)):
        pixels_i = pixels[starts[i] : starts[i + 1]]
        values_i = values[starts[i] : starts[i + 1]]
        d0 = d1 = d2 = d3 = d4 = d5 = d6 = d7 = d8 = d9 = 0.0
        for j, value in enumerate(values_i):
            x = levels[value]
            w = columns[pixels_i[j]]
            d0 += x * w[0]
            d1 += x * w[1]
            d2 += x * w[2]
            d3 += x * w[3]
            d4 += x * w[4]
            d5 += x * w[5]
            d6 += x * w[6]
            d7 += x * w[7]
            d8 += x * w[8]
            d9 += x * w[9]
        goal = labels[i]
        d0 -= goal == 0
        d1 -= goal == 1
        d2 -= goal == 2
        d3 -= goal == 3
        d4 -= goal == 4
        d5 -= goal == 5
        d6 -= goal == 6
        d7 -= goal == 7
        d8 -= goal == 8
        d9 -= goal == 9
        for j, value in enumerate(values_i):
            x = levels[value]
            w = columns[pixels_i[j]]
            w[0] -= alpha * (d0 * x)
            w[1] -= alpha * (d1 * x)
            w[2] -= alpha * (d2 * x)
            w[3] -= alpha * (d3 * x)
            w[4] -= alpha * (d4 * x)
            w[5] -= alpha * (d5 * x)
            w[6] -= alpha * (d6 * x)
            w[7] -= alpha * (d7 * x)
            w[8] -= alpha * (d8 * x)
            w[9] -= alpha * (d9 * x)


@compiled
def _score(columns: Any, starts: Any, pixels: Any, values: Any, levels: Any, scores: Any) -> None:
    """The ten sums of each image, as `_update` begins."""
    for i in range(len(scores)):
        pixels_i = pixels[starts[i] : starts[i + 1]]
        s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = s8 = s9 = 0.0
        for j, value in enumerate(values[starts[i] : starts[i + 1]]):
            x = levels[value]
            w = columns[pixels_i[j]]
            s0 += x * w[0]
            s1 += x * w[1]
            s2 += x * w[2]
            s3 += x * w[3]
            s4 += x * w[4]
            s5 += x * w[5]
            s6 += x * w[6]
            s7 += x * w[7]
            s8 += x * w[8]
            s9 += x * w[9]
        scores[i, 0], scores[i, 1], scores[i, 2], scores[i, 3], scores[i, 4] = s0, s1, s2, s3, s4
        scores[i, 5], scores[i, 6], scores[i, 7], scores[i, 8], scores[i, 9] = s5, s6, s7, s8, s9


def _numbers(weights: ArrayLike) -> Weights:
    try:
        array = np.asarray(weights)
    except ValueError as error:  # lists of unequal lengths
        raise NetworkError(f"weights are no array ({error}): give 10 rows of 784 numbers") from error
    if array.dtype.kind not in "fiu":
        raise NetworkError(f"weights are {array.dtype}: give 10 rows of 784 numbers")
    return array.astype(np.float64)


def _divergence(alpha: float, ink: SparsePixels, first: int, last: int) -> str:
    longest = int(ink.squared_lengths().max())
    return (
        f"with alpha {alpha} a weight left the finite numbers between updates {first} and {last}: keep alpha between 0 "
        f"and {2 / longest:.3g}, which is 2 / {longest}, the largest squared length of these images"
    )
