"""The ladder: seven networks from 74 % up, each of which adds one idea. Prints nothing.

Every choice (learning rates, epochs, width) was made on a validation set, the last 10,000 training images, never on the
test images.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import DataError
from tenfold.evaluation.metrics import Evaluation, evaluate
from tenfold.networks.classifier import Classifier
from tenfold.networks.mlp import MLP
from tenfold.networks.onelayer import OneLayerNet
from tenfold.networks.onnx_classifier import OnnxClassifier
from tenfold.training.recipes import RECIPES
from tenfold.training.train_digits import import_convnet

Images = NDArray[np.uint8]
Snapshot = Callable[[], Classifier]  # returns the network in its current state
ProgressCallback = Callable[[int, int, Snapshot], None] | None

Net = TypeVar("Net", OneLayerNet, MLP)

VALIDATION_IMAGES = 10_000
LEARNING_RATES = (1e-7, 3e-8, 1e-8, 3e-9, 1e-9)


@dataclass(frozen=True)
class Rung:
    """One network of the ladder.

    Attributes:
        name: a short name, unique in the ladder.
        idea: the idea that this rung adds, in one sentence.
        train: a function of training images, labels and a callback that returns the trained network. The callback gets
            the number of updates done, the total, and a `Snapshot`. A snapshot is not a copy: call it before the
            callback returns.
        needs: the optional libraries that training needs.
    """

    name: str
    idea: str
    train: Callable[[Images, Images, ProgressCallback], Classifier]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RungResult:
    """A trained rung.

    Attributes:
        rung: the rung.
        network: the trained network.
        seconds: wall time of the training.
        evaluation: the evaluation on the test images.
    """

    rung: Rung
    network: Classifier
    seconds: float
    evaluation: Evaluation


def climb(
    train: tuple[Images, Images], test: tuple[Images, Images], callback: Callable[[str, int, int], None] | None = None
) -> Iterator[RungResult]:
    """Train each rung that the installed libraries allow, and evaluate it once on the test images.

    Args:
        train: images `(n, 28, 28) uint8` and labels; more than 10,000.
        test: images and labels, at least one.
        callback: called with the name of a rung, the number of its updates done, and their total.

    Raises:
        DataError: there are too few training images, or images and labels differ in number.
    """
    if len(train[0]) <= VALIDATION_IMAGES:
        raise DataError(
            f"there are {len(train[0])} training images: the ladder needs more than {VALIDATION_IMAGES:,}, "
            "which are its validation set"
        )
    untrainable = [rung for rung, _ in missing_libraries()]
    for rung in RUNGS:
        if rung in untrainable:
            continue
        started = time.perf_counter()
        network = rung.train(*train, callback and partial(_without_snapshot, callback, rung.name))
        seconds = time.perf_counter() - started
        yield RungResult(rung, network, seconds, evaluate(network, *test))


def missing_libraries() -> list[tuple[Rung, list[str]]]:
    """Return the rungs that cannot be trained here, each with the names of its missing libraries."""
    missing = [(rung, [name for name in rung.needs if importlib.util.find_spec(name) is None]) for rung in RUNGS]
    return [(rung, names) for rung, names in missing if names]


def _without_snapshot(callback: Callable[[str, int, int], None], name: str, done: int, total: int, _: Snapshot) -> None:
    callback(name, done, total)


def _fit(net: Net, images: Images, labels: Images, epochs: int, callback: ProgressCallback) -> Net:
    return net.fit(images, labels, epochs, callback and (lambda done, total: callback(done, total, lambda: net)))


def _article_on_1000(images: Images, labels: Images, callback: ProgressCallback) -> Classifier:
    return _fit(OneLayerNet(), images[:1000], labels[:1000], 5, callback)


def _article_on_all(images: Images, labels: Images, callback: ProgressCallback) -> Classifier:
    return _fit(OneLayerNet(), images, labels, 5, callback)


def _tuned_learning_rate(images: Images, labels: Images, callback: ProgressCallback) -> Classifier:
    training, validation = slice(None, -VALIDATION_IMAGES), slice(-VALIDATION_IMAGES, None)

    def accuracy(alpha: float) -> float:
        net = OneLayerNet(alpha).fit(images[training], labels[training], 5)
        return net.score(images[validation], labels[validation])

    return _fit(OneLayerNet(max(LEARNING_RATES, key=accuracy)), images, labels, 5, callback)


def _bias_and_scale(images: Images, labels: Images, callback: ProgressCallback) -> Classifier:
    return _fit(MLP(loss="squared", learning_rate=0.002), images, labels, 10, callback)


def _softmax(images: Images, labels: Images, callback: ProgressCallback) -> Classifier:
    return _fit(MLP(loss="cross-entropy", learning_rate=0.02), images, labels, 5, callback)


def _hidden_layer(images: Images, labels: Images, callback: ProgressCallback) -> Classifier:
    return _fit(MLP(hidden=512, learning_rate=0.02), images, labels, 8, callback)


def _convolution(images: Images, labels: Images, callback: ProgressCallback) -> Classifier:
    convnet, onnx_export = import_convnet()
    training = convnet.Training(RECIPES["15s"], images, labels, None, None, seed=0)

    def snapshot() -> Classifier:
        return OnnxClassifier(onnx_export.to_onnx(training.network()), convnet.parameters(training.network()))

    while training.step < training.total:
        training.run(25)
        if callback is not None:
            callback(training.step, training.total, snapshot)
    return snapshot()


RUNGS = (
    Rung("the article", "Ten weighted sums of the pixels, each pulled towards 1 or 0.", _article_on_1000),
    Rung("all images", "Show it all 60,000 images instead of 1,000.", _article_on_all),
    Rung("step size", "Take smaller steps, of a size that does best on images kept aside.", _tuned_learning_rate),
    Rung(
        "bias and scale",
        "Let each digit have a sum to start from, scale pixels to 0..1, slow down.",
        _bias_and_scale,
        ("numba",),
    ),
    Rung(
        "softmax", "Make the ten sums compete: ask for the right probabilities, not for 1 and 0.", _softmax, ("numba",)
    ),
    Rung("hidden layer", "Put 512 units between pixels and digits that each learn a shape.", _hidden_layer, ("numba",)),
    Rung("convolution", "Look for each small shape everywhere in the image.", _convolution, ("torch", "onnx")),
)
