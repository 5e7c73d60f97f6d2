"""The article's network: ten times 784 weights in one layer, trained one image at a time. No files of images here.

Its arithmetic is exact to the last bit, in float64. A score is the sum over the pixels from first to last, with one
multiplication and one addition a pixel, each rounded. Training subtracts `alpha * (delta * pixel)` from a weight.

Three things make the loops fast and change no bit. They skip pixels that are zero, which add 0.0 to a finite sum and
subtract 0.0 from a weight. The ten weights of a pixel lie side by side, and the ten sums are ten variables, so that the
compiler keeps them in vector registers. Training allocates no memory.
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
from tenfold.networks.jit import compiled, numba_is_installed
from tenfold.networks.sparse_pixels import MIN_COMPILED_IMAGES, SparsePixels, sparse_pixels

CHUNK = 5_000  # updates between two reports of progress, about 2 ms

Weights = NDArray[np.float64]

_LEVELS = np.arange(256, dtype=np.float64)  # a pixel as float64, looked up faster than converted


class OneLayerNet(Classifier):
    """The article's network.

    Args:
        alpha: the learning rate, any finite number; the article uses 1e-7.
        weights: `(10, 784)` finite float64, the starting weights; by default the article's: d / 10,000 for digit d.

    Attributes:
        alpha: the learning rate.

    Raises:
        NetworkError: a value is not finite, or the weights have another shape.
    """

    kind = "onelayer"

    def __init__(self, alpha: float = 1e-7, weights: ArrayLike | None = None) -> None:
        try:
            finite = math.isfinite(alpha)
        except (TypeError, OverflowError):  # not a number, or a whole number beyond all floats
            finite = False
        if not finite:
            raise NetworkError(f"alpha is {alpha!r}: it must be a finite number; the article uses 1e-7")
        self.alpha = float(alpha)
        # Written out as the article has them: 3 * 0.0001 is another float64 than 0.0003.
        start = [0.0000, 0.0001, 0.0002, 0.0003, 0.0004, 0.0005, 0.0006, 0.0007, 0.0008, 0.0009]
        self._given_weights = weights
        rows = np.repeat(start, PIXELS).reshape(DIGITS, PIXELS) if weights is None else _numbers(weights)
        if rows.shape != (DIGITS, PIXELS):
            raise NetworkError(f"weights have shape {rows.shape}: they must have shape (10, 784)")
        if not np.isfinite(rows).all():
            raise NetworkError("a weight is infinite or not a number: give finite weights")
        self._columns = np.ascontiguousarray(rows.T) + 0.0  # turns -0.0 into 0.0, or zero pixels could not be skipped

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 (scikit-learn passes it)
        """See `Classifier.get_params`; `weights` are the starting weights as given, None for the article's."""
        return {"alpha": self.alpha, "weights": self._given_weights}

    def __repr__(self) -> str:
        return f"OneLayerNet(alpha={self.alpha!r})"

    @property
    def weights(self) -> Weights:
        """The weights, `(10, 784) float64`: one row a digit, the pixels row by row; a copy."""
        return np.ascontiguousarray(self._columns.T)

    def fit(
        self,
        images: ArrayLike,
        labels: ArrayLike,
        epochs: int = 5,
        callback: Callable[[int, int], None] | None = None,
    ) -> Self:
        """Train on every image in turn, `epochs` times, starting from the current weights.

        If training is interrupted (Ctrl-C, or an exception from `callback`), the network keeps the updates made so
        far. Only one thread at a time may train a network.

        Args:
            images: `(n, 28, 28)` or `(n, 784)` numbers 0 paper .. 255 ink, or floats 0..1.
            labels: `(n,)` whole numbers 0..9.
            epochs: how often to train on all images, 0 or more.
            callback: called every few milliseconds with the number of updates done and of all updates.

        Returns:
            the network itself.

        Raises:
            DataError: images or labels break these rules.
            DivergenceError: a weight became infinite or not a number; the weights from before the call are restored.
        """
        images, labels = checked_pair(images, labels)
        epochs = checked_epochs(epochs)
        before = self._columns
        sparse = sparse_pixels(images)
        done, total = 0, epochs * len(images)
        for _ in range(epochs if total else 0):
            for first in range(0, len(images), CHUNK):
                last = min(first + CHUNK, len(images))
                if not self.update(sparse.part(first, last), labels[first:last]):
                    self._columns = before
                    raise DivergenceError(_divergence(self.alpha, sparse, done + 1, done + last - first))
                done += last - first
                if callback is not None:
                    callback(done, total)
        return self

    def update(self, sparse: SparsePixels, labels: Labels) -> bool:
        """Train once on each of `n` images, in order: the step that `fit` repeats, for callers that watch every step.

        Args:
            sparse: the nonzero pixels of the images.
            labels: `(n,) uint8`, 0..9, read-only.

        Returns:
            True if all weights are still finite. Otherwise the weights from before the call are restored.
        """
        columns = self._columns.copy()
        if numba_is_installed():
            _update(columns, sparse.starts, sparse.pixels, sparse.values, labels, self.alpha, _LEVELS)
        else:
            _update_with_numpy(columns, sparse, labels, self.alpha)
        if not np.isfinite(columns).all():
            return False
        self._columns = columns
        return True

    def scores(self, images: ArrayLike) -> NDArray[np.float64]:
        """The ten weighted sums of each image, `(n, 10) float64`; see `Classifier.scores`."""
        return self.scores_of(sparse_pixels(checked_images(images)))

    def scores_of(self, sparse: SparsePixels) -> NDArray[np.float64]:
        """The ten weighted sums of each image, `(n, 10) float64`, from its nonzero pixels."""
        scores = np.zeros((len(sparse.starts) - 1, DIGITS))
        with np.errstate(over="ignore", invalid="ignore"):  # compiled loops do not warn either
            if len(scores) < MIN_COMPILED_IMAGES or not numba_is_installed():
                _score_with_numpy(self._columns, sparse, scores)
            else:
                _score(self._columns, sparse.starts, sparse.pixels, sparse.values, _LEVELS, scores)
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
        """Write the folder `path`: weights.npz, and card.json with the network's kind and size and the given facts.

        Each file is written whole or not at all.
        """
        sha256 = hashlib.sha256(self.weights.astype("<f8").tobytes()).hexdigest()
        card = {"kind": self.kind, "parameters": self.parameters, "alpha": self.alpha, "weights_sha256": sha256}
        serialization.save(path, self.kind, self._arrays(), facts | card)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load the network that `save` wrote."""
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


def _update_with_numpy(columns: Weights, sparse: SparsePixels, labels: Labels, alpha: float) -> None:
    """The same bits as `_update` without numba, about a hundred times slower."""
    with np.errstate(over="ignore", invalid="ignore"):
        for i, label in enumerate(labels):
            pixels, values = sparse.image(i)
            levels, weights = _LEVELS[values, None], columns[pixels]
            delta = _sum_in_order(levels * weights)
            delta[label] -= 1
            columns[pixels] = weights - alpha * (delta * levels)


def _score_with_numpy(columns: Weights, sparse: SparsePixels, scores: NDArray[np.float64]) -> None:
    """The same bits as `_score` without numba; faster than starting numba for a few images."""
    for i in range(len(scores)):
        pixels, values = sparse.image(i)
        scores[i] = _sum_in_order(_LEVELS[values, None] * columns[pixels])


def _sum_in_order(products: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sums of ten columns, each from first to last, which `np.sum` does not promise. An empty sum is 0.0."""
    sums: NDArray[np.float64] = np.add.accumulate(products, axis=0)[-1] if len(products) else np.zeros(DIGITS)
    return sums + 0.0  # the loops start from 0.0, so their sums are never -0.0


def _numbers(weights: ArrayLike) -> Weights:
    try:
        array = np.asarray(weights)
    except ValueError as error:  # lists of unequal lengths
        raise NetworkError(f"weights are not an array ({error}): give 10 rows of 784 numbers") from error
    if array.dtype.kind not in "fiu":
        raise NetworkError(f"weights are {array.dtype}: give 10 rows of 784 numbers")
    return array.astype(np.float64)


def _divergence(alpha: float, sparse: SparsePixels, first: int, last: int) -> str:
    longest = int(sparse.squared_lengths().max())
    return (
        f"with alpha {alpha} a weight became infinite between updates {first} and {last}: keep alpha between 0 "
        f"and {2 / longest:.3g}, which is 2 / {longest}, the largest squared length of these images"
    )
