"""Networks with a bias and, if wanted, one hidden layer: the ladder's rungs between the article and the convolution.

They are trained like the article's network, by stochastic gradient descent one image at a time, in loops compiled by
numba. Pixels are scaled to 0..1 inside. No files of images here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.arrays import DIGITS, PIXELS, SIDE, checked_epochs, checked_images, checked_pair
from tenfold.errors import DivergenceError, NetworkError
from tenfold.networks import serialization
from tenfold.networks.classifier import Classifier
from tenfold.networks.jit import compiled
from tenfold.networks.sparse_pixels import sparse_pixels

Loss = Literal["squared", "cross-entropy"]
Layer = tuple[NDArray[np.float32], NDArray[np.float32]]  # weights (inputs, outputs), bias (outputs,)

LOSSES: tuple[Loss, ...] = ("squared", "cross-entropy")
CHUNK = 1_000  # updates between two reports of progress
MAX_HIDDEN = 10_000
MAX_SHOWN = 30  # hidden units; a notebook shows the weights of the first ones

_LEVELS = np.arange(256, dtype=np.float32) / np.float32(255)


class MLP(Classifier):
    """A multilayer perceptron: one layer with a bias, or two with rectified linear units between them.

    Args:
        hidden: the number of hidden units, 0 (no hidden layer) to 10,000.
        loss: "squared" (half the sum of squared errors; the target is 1 for the label and 0 elsewhere) or
            "cross-entropy" (of the softmax of the scores).
        learning_rate: the learning rate of the first update of each `fit`; it falls linearly to 0 at the last.
        seed: seeds the starting weights and the order of the images.

    Raises:
        NetworkError: a value is out of range.
    """

    kind = "mlp"

    def __init__(
        self, hidden: int = 0, loss: Loss = "cross-entropy", learning_rate: float = 0.02, seed: int = 0
    ) -> None:
        if not 0 <= hidden <= MAX_HIDDEN:
            raise NetworkError(f"hidden is {hidden}: it must be 0 (no hidden layer) up to {MAX_HIDDEN:,} units")
        if loss not in LOSSES:
            raise NetworkError(f"loss is {loss!r}: it must be one of {', '.join(LOSSES)}")
        if not 0 <= learning_rate < math.inf:
            raise NetworkError(f"learning_rate is {learning_rate}: it must be a finite number, 0 or more")
        self.hidden, self.loss, self.learning_rate, self.seed = hidden, loss, learning_rate, seed
        self._rng = np.random.default_rng(seed)
        sizes = [PIXELS, hidden, DIGITS] if hidden else [PIXELS, DIGITS]
        self.layers: list[Layer] = [_initial_layer(self._rng, *pair) for pair in pairwise(sizes)]

    def fit(
        self,
        images: ArrayLike,
        labels: ArrayLike,
        epochs: int = 5,
        callback: Callable[[int, int], None] | None = None,
    ) -> Self:
        """Train on every image in a new random order each epoch, starting from the current weights.

        If training is interrupted (Ctrl-C, or an exception from `callback`), the network keeps the updates made so
        far.

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
        before = [(weights.copy(), bias.copy()) for weights, bias in self.layers]
        sparse = sparse_pixels(images)
        update, buffer = (_update_two, np.zeros(self.hidden, np.float32)) if self.hidden else (_update_one, None)
        done, total = 0, epochs * len(images)
        for _ in range(epochs if total else 0):
            order = self._rng.permutation(len(images))
            for first in range(0, len(images), CHUNK):
                chunk = order[first : first + CHUNK]
                rates = self.learning_rate * (1 - np.arange(done, done + len(chunk)) / total)
                arrays = [array for layer in self.layers for array in layer] + ([buffer] if buffer is not None else [])
                lists = (sparse.starts, sparse.pixels, sparse.values, _LEVELS)
                update(*arrays, *lists, labels, chunk, rates.astype(np.float32), self.loss == "squared")
                if not all(np.isfinite(array).all() for layer in self.layers for array in layer):
                    self.layers = before
                    raise DivergenceError(
                        f"with learning rate {self.learning_rate} a weight became infinite before update "
                        f"{done + len(chunk)}: try a tenth of it"
                    )
                done += len(chunk)
                if callback is not None:
                    callback(done, total)
        return self

    def scores(self, images: ArrayLike) -> NDArray[np.float32]:
        """The output of the last layer, `(n, 10) float32`; logits if the loss is cross-entropy.

        See `Classifier.scores`.
        """
        values: NDArray[np.float32] = checked_images(images).astype(np.float32) / np.float32(255)
        for weights, bias in self.layers[:-1]:
            values = np.maximum(values @ weights + bias, np.float32(0))
        weights, bias = self.layers[-1]
        scores: NDArray[np.float32] = values @ weights + bias
        return scores

    @property
    def parameters(self) -> int:
        """The number of weights and biases in all layers."""
        return sum(array.size for layer in self.layers for array in layer)

    def _repr_html_(self) -> str:
        from tenfold.visualization import notebook

        weights = self.layers[0][0].T.astype(np.float64).reshape(-1, SIDE, SIDE)
        what = "the weights of the hidden unit" if self.hidden else "the weights of the digit"
        shown = [(plane, str(i)) for i, plane in enumerate(notebook.signed(weights[:MAX_SHOWN]))]
        return super()._repr_html_() + notebook.pictures(shown, 72, what)

    def save(self, path: str | Path, **facts: Any) -> None:
        """Write the folder `path`: weights.npz, and card.json with the network's kind and size and the given facts."""
        settings = {"hidden": self.hidden, "loss": self.loss, "learning_rate": self.learning_rate}
        card = facts | {"kind": self.kind, "parameters": self.parameters} | settings
        serialization.save(path, self.kind, self._settings() | self._named_layers(), card)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load the network that `save` wrote; the order of images in further training starts from seed 0."""
        settings = serialization.load(path, cls()._settings())
        net = cls(int(settings["hidden"]), LOSSES[int(settings["loss"]) % 2], float(settings["learning_rate"]))
        net.temperature = float(settings["temperature"])
        arrays = serialization.load(path, net._named_layers())
        net.layers = [(arrays[f"weights{i}"], arrays[f"bias{i}"]) for i in range(len(net.layers))]
        return net

    def _settings(self) -> dict[str, Any]:
        return {
            "hidden": np.int64(self.hidden),
            "loss": np.int64(LOSSES.index(self.loss)),
            "learning_rate": np.float64(self.learning_rate),
            "temperature": np.float64(self.temperature),
        }

    def _named_layers(self) -> dict[str, Any]:
        weights = {f"weights{i}": layer[0] for i, layer in enumerate(self.layers)}
        return weights | {f"bias{i}": layer[1] for i, layer in enumerate(self.layers)}


def _initial_layer(rng: np.random.Generator, inputs: int, outputs: int) -> Layer:
    """Normal weights of variance 2 / inputs (He et al., 2015), zero bias."""
    weights = rng.normal(0, math.sqrt(2 / inputs), (inputs, outputs)).astype(np.float32)
    return weights, np.zeros(outputs, np.float32)


# Both functions hold the gradient of the loss at the scores: the scores, or their softmax, minus the target. They could
# share it only if numba were imported with this module, and reading a picture must not wait for that.


@compiled
def _update_one(
    weights: Any,
    bias: Any,
    starts: Any,
    pixels: Any,
    values: Any,
    levels: Any,
    labels: Any,
    order: Any,
    rates: Any,
    squared: Any,
) -> None:
    """One layer: for each image its ten scores, the gradient at them, then the bias and ten weights a pixel."""
    gradient = np.zeros_like(bias)
    for n, i in enumerate(order):
        pixels_i = pixels[starts[i] : starts[i + 1]]
        values_i = values[starts[i] : starts[i + 1]]
        gradient[:] = bias
        for j, value in enumerate(values_i):
            row = weights[pixels_i[j]]
            for d in range(DIGITS):
                gradient[d] += levels[value] * row[d]
        if not squared:
            largest = gradient.max()
            total = 0.0
            for d in range(DIGITS):
                gradient[d] = math.exp(gradient[d] - largest)
                total += gradient[d]
            for d in range(DIGITS):
                gradient[d] /= total
        gradient[labels[i]] -= 1
        for d in range(DIGITS):
            gradient[d] *= rates[n]
            bias[d] -= gradient[d]
        for j, value in enumerate(values_i):
            row = weights[pixels_i[j]]
            for d in range(DIGITS):
                row[d] -= levels[value] * gradient[d]


@compiled
def _update_two(  # noqa: C901, PLR0912 (loops that one reads from top to bottom)
    weights0: Any,
    bias0: Any,
    weights1: Any,
    bias1: Any,
    hidden: Any,
    starts: Any,
    pixels: Any,
    values: Any,
    levels: Any,
    labels: Any,
    order: Any,
    rates: Any,
    squared: Any,
) -> None:
    """Two layers: forward to the scores, the gradient at them, back through both layers (Rumelhart et al., 1986)."""
    gradient = np.zeros_like(bias1)
    for n, i in enumerate(order):
        pixels_i = pixels[starts[i] : starts[i + 1]]
        values_i = values[starts[i] : starts[i + 1]]
        hidden[:] = bias0
        for j, value in enumerate(values_i):
            row = weights0[pixels_i[j]]
            for h in range(len(hidden)):
                hidden[h] += levels[value] * row[h]
        gradient[:] = bias1
        for h in range(len(hidden)):
            if hidden[h] > 0:
                for d in range(DIGITS):
                    gradient[d] += hidden[h] * weights1[h, d]
        if not squared:
            largest = gradient.max()
            total = 0.0
            for d in range(DIGITS):
                gradient[d] = math.exp(gradient[d] - largest)
                total += gradient[d]
            for d in range(DIGITS):
                gradient[d] /= total
        gradient[labels[i]] -= 1
        for d in range(DIGITS):
            gradient[d] *= rates[n]
            bias1[d] -= gradient[d]
        for h in range(len(hidden)):  # from here on hidden[h] is the gradient of the loss at unit h, times the rate
            back = levels[0]
            if hidden[h] > 0:
                for d in range(DIGITS):
                    back += gradient[d] * weights1[h, d]
                    weights1[h, d] -= gradient[d] * hidden[h]
            hidden[h] = back
            bias0[h] -= back
        for j, value in enumerate(values_i):
            row = weights0[pixels_i[j]]
            for h in range(len(hidden)):
                row[h] -= levels[value] * hidden[h]
