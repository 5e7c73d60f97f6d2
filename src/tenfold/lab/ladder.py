"""The ladder from 74 % up: networks that each add one idea. Prints nothing.

Every choice in it (the learning rate of the third rung, learning rates, epochs, width) was made on the last 10,000
training images.
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
Snapshot = Callable[[], Classifier]  # the network as it is at that moment
Progress = Callable[[int, int, Snapshot], None] | None

Net = TypeVar("Net", OneLayerNet, MLP)

VALIDATION_IMAGES = 10_000
ALPHAS = (1e-7, 3e-8, 1e-8, 3e-9, 1e-9)


@dataclass(frozen=True)
class Rung:
    """One step of the road.

    Attributes:
        name: short.
        idea: the one thing that is new, in a sentence.
        train: training images, their labels and a callback -> a trained network. The callback is told the updates done
            and in all, and how to get the network as it is then; not copied, so ask it before training goes on.
        needs: the optional libraries without which the rung cannot be climbed.
    """

    name: str
    idea: str
    train: Callable[[Images, Images, Progress], Classifier]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RungResult:
    """A trained rung: its network, the seconds of its training and its evaluation on the test images."""

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
        callback: called with a rung's name, its updates done and all its updates.

    Raises:
        DataError: there are too few training images, or images and labels do not belong together.
    """
    if len(train[0]) <= VALIDATION_IMAGES:
        raise DataError(
            f"there are {len(train[0])} training images: the ladder needs more than {VALIDATION_IMAGES:,}, "
            "the number that it validates with"
        )
    left_out = [rung for rung, _ in missing_libraries()]
    for rung in (rung for rung in RUNGS if rung not in left_out):
        started = time.perf_counter()
        network = rung.train(*train, callback and partial(_without_snapshot, callback, rung.name))
        seconds = time.perf_counter() - started
        yield RungResult(rung, network, seconds, evaluate(network, *test))


def missing_libraries() -> list[tuple[Rung, list[str]]]:
    """The rungs that cannot be climbed here, each with the libraries that are not installed."""
    missing = [(rung, [name for name in rung.needs if importlib.util.find_spec(name) is None]) for rung in RUNGS]
    return [(rung, names) for rung, names in missing if names]


def _without_snapshot(callback: Callable[[str, int, int], None], name: str, done: int, total: int, _: Snapshot) -> None:
    callback(name, done, total)


def _fitted(net: Net, images: Images, labels: Images, epochs: int, tell: Progress) -> Net:
    return net.fit(images, labels, epochs, tell and (lambda done, total: tell(done, total, lambda: net)))


def _article_on_1000(images: Images, labels: Images, tell: Progress) -> Classifier:
    return _fitted(OneLayerNet(), images[:1000], labels[:1000], 5, tell)


def _article_on_all(images: Images, labels: Images, tell: Progress) -> Classifier:
    return _fitted(OneLayerNet(), images, labels, 5, tell)


def _step_size_chosen(images: Images, labels: Images, tell: Progress) -> Classifier:
    rest, held_out = slice(None, -VALIDATION_IMAGES), slice(-VALIDATION_IMAGES, None)

    def accuracy(alpha: float) -> float:
        net = OneLayerNet(alpha).fit(images[rest], labels[rest], 5)
        return net.score(images[held_out], labels[held_out])

    return _fitted(OneLayerNet(max(ALPHAS, key=accuracy)), images, labels, 5, tell)


def _bias_and_scale(images: Images, labels: Images, tell: Progress) -> Classifier:
    return _fitted(MLP(loss="squared", learning_rate=0.002), images, labels, 10, tell)


def _softmax(images: Images, labels: Images, tell: Progress) -> Classifier:
    return _fitted(MLP(loss="cross-entropy", learning_rate=0.02), images, labels, 5, tell)


def _hidden_layer(images: Images, labels: Images, tell: Progress) -> Classifier:
    return _fitted(MLP(hidden=512, learning_rate=0.02), images, labels, 8, tell)


def _convolution(images: Images, labels: Images, tell: Progress) -> Classifier:
    convnet, onnx_export = import_convnet()
    training = convnet.Training(RECIPES["15s"], images, labels, None, None, seed=0)

    def snapshot() -> Classifier:
        return OnnxClassifier(onnx_export.to_onnx(training.network()), convnet.parameters(training.network()))

    while training.done < training.total:
        training.run(25)
        if tell is not None:
            tell(training.done, training.total, snapshot)
    return snapshot()


RUNGS = (
    Rung("the article", "Ten weighted sums of the pixels, each pulled towards 1 or 0.", _article_on_1000),
    Rung("all images", "Show it all 60,000 images instead of 1,000.", _article_on_all),
    Rung("step size", "Take smaller steps, of a size that does best on images kept aside.", _step_size_chosen),
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
