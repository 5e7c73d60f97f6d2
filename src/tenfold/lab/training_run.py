"""One training run of the article's network: weights, accuracy curve, divergence and confusion matrix.

Other threads evaluate the network during the run, so that the run is hardly slower. No HTTP here.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, PIXELS, Labels, checked_images
from tenfold.datasets import mnist
from tenfold.errors import DataError, NetworkError
from tenfold.evaluation.metrics import confusion_matrix
from tenfold.lab.run_queue import Superseded
from tenfold.networks.onelayer import OneLayerNet
from tenfold.networks.sparse_pixels import SparsePixels, sparse_pixels

Start = Literal["article", "zeros", "random"]

MAX_EPOCHS = 100
EVALUATIONS = 24  # points of the curve after update 0
WEIGHT_DEVIATION = 0.0001  # standard deviation of random starting weights
EVALUATED = 1_000  # the training accuracy of the curve uses the first 1,000 of the images trained on
CHUNK = 5_000  # updates between two checks whether the result is still wanted; about 3 ms


@dataclass(frozen=True)
class Settings:
    """Everything that a run depends on: equal settings give equal bits.

    Attributes:
        alpha: learning rate, above 0 and finite.
        epochs: 1 to 100.
        images: 1 to 60,000: the run uses the first so many training images.
        start: "article" (all weights of digit d are d / 10,000), "zeros", or "random" (normal, standard deviation
            0.0001).
        seed: the seed of random weights, 0 to 2**32 - 1.

    Raises:
        DataError, NetworkError: a value is out of its range.
    """

    alpha: float = 1e-7
    epochs: int = 5
    images: int = 1000
    start: Start = "article"
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.alpha < math.inf:
            raise NetworkError(f"alpha is {self.alpha}: it must be a finite number above 0; the article uses 1e-7")
        if not 1 <= self.epochs <= MAX_EPOCHS:
            raise DataError(f"epochs is {self.epochs}: it must be 1 to {MAX_EPOCHS}")
        if not 1 <= self.images <= 60_000:
            raise DataError(f"images is {self.images}: it must be 1 to 60,000")
        if self.start not in get_args(Start):
            raise NetworkError(f"start is {self.start!r}: it must be one of {', '.join(get_args(Start))}")
        if not 0 <= self.seed < 2**32:
            raise NetworkError(f"seed is {self.seed}: it must be 0 to {2**32 - 1}")

    @property
    def updates(self) -> int:
        """The number of updates of the whole run."""
        return self.epochs * self.images

    def network(self) -> OneLayerNet:
        """The network before its first update."""
        if self.start == "article":
            return OneLayerNet(self.alpha)
        if self.start == "zeros":
            return OneLayerNet(self.alpha, np.zeros((DIGITS, PIXELS)))
        return OneLayerNet(self.alpha, np.random.default_rng(self.seed).normal(0, WEIGHT_DEVIATION, (DIGITS, PIXELS)))


@dataclass(frozen=True)
class Point:
    """One evaluation during a run.

    Attributes:
        updates: the number of updates done.
        training: accuracy 0..1 on the first 1,000 of the images trained on.
        test: accuracy 0..1 on all 10,000 test images.
    """

    updates: int
    training: float
    test: float


@dataclass(frozen=True, eq=False)
class Run:
    """The result of a run.

    Attributes:
        settings: the settings of the run.
        weights: `(10, 784) float64`, the weights after the last update, or before the update that diverged.
        curve: the evaluations, from update 0 to the last update.
        training: accuracy 0..1 of `weights` on all images trained on.
        test: accuracy 0..1 of `weights` on all test images.
        confusion: `(10, 10)`, counts of the test images: row = label, column = prediction.
        seconds: wall time of the updates alone; evaluations run in other threads meanwhile.
        max_squared_norm: the largest squared length of an image trained on.
        diverged_at: the number, from 1, of the update at which a weight became infinite or not a number; None if the
            run did not diverge.
    """

    settings: Settings
    weights: NDArray[np.float64]
    curve: tuple[Point, ...]
    training: float
    test: float
    confusion: NDArray[np.int64]
    seconds: float
    max_squared_norm: int
    diverged_at: int | None

    @property
    def limit(self) -> float:
        """2 / `max_squared_norm`, the limit of alpha: below it, no update overshoots."""
        return 2 / self.max_squared_norm


@dataclass(frozen=True, eq=False)
class Data:
    """MNIST as sparse pixels, which training and evaluation use; built once.

    Attributes:
        ink: the 60,000 training images.
        labels: their labels, 0..9.
        squared_lengths: `(60_000,)`, the squared length of each training image.
        test_ink: the 10,000 test images.
        test_labels: their labels, 0..9.
    """

    ink: SparsePixels
    labels: Labels
    squared_lengths: NDArray[np.int64]
    test_ink: SparsePixels
    test_labels: Labels


@functools.cache
def sparse_mnist() -> Data:
    """Return MNIST's 60,000 training and 10,000 test images. The result, 35 MB, stays in memory."""
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    ink = sparse_pixels(checked_images(x_train))
    return Data(ink, y_train, ink.squared_lengths(), sparse_pixels(checked_images(x_test)), y_test)


def train(settings: Settings, is_wanted: Callable[[], bool] = lambda: True) -> Run:
    """Train the article's network, bit for bit as `OneLayerNet.fit` does, and evaluate it during the run.

    Args:
        settings: the settings of the run.
        is_wanted: called every few milliseconds; the run ends once it returns False.

    Raises:
        Superseded: `is_wanted` returned False.
    """
    data = sparse_mnist()
    net, done = settings.network(), 0
    seconds = 0.0
    diverged_at: int | None = None
    evaluations = [_evaluate(net, settings, 0)]
    for stop in _evaluation_points(settings.updates):
        while done < stop and diverged_at is None:
            if not is_wanted():
                raise Superseded
            first = done % settings.images
            count = min(stop - done, settings.images - first, CHUNK)
            began = time.perf_counter()
            finite = net.update(data.ink.part(first, first + count), data.labels[first : first + count])
            seconds += time.perf_counter() - began
            if finite:
                done += count
            else:
                diverged_at = done + _find_divergence(net, first, count)
                done = diverged_at - 1
        if diverged_at is None:
            evaluations.append(_evaluate(net, settings, done))
    if diverged_at is not None:
        evaluations.append(_evaluate(net, settings, done))
    predictions = net.scores_of(data.test_ink).argmax(axis=1)
    return Run(
        settings=settings,
        weights=net.weights,
        curve=tuple(evaluation.result() for evaluation in evaluations),
        training=_accuracy(net, data.ink.part(0, settings.images), data.labels[: settings.images]),
        test=float((predictions == data.test_labels).mean()),
        confusion=confusion_matrix(data.test_labels, predictions),
        seconds=seconds,
        max_squared_norm=int(data.squared_lengths[: settings.images].max()),
        diverged_at=diverged_at,
    )


def _evaluation_points(updates: int) -> list[int]:
    """The updates after which to evaluate: close together at first, where most is learned."""
    return sorted({max(1, round(updates * (i / EVALUATIONS) ** 2)) for i in range(1, EVALUATIONS + 1)})


def _evaluate(net: OneLayerNet, settings: Settings, done: int) -> Future[Point]:
    """Start to evaluate a copy of the network in another thread."""
    data, copy = sparse_mnist(), OneLayerNet(net.alpha, net.weights)
    count = min(settings.images, EVALUATED)

    def evaluate() -> Point:
        training = _accuracy(copy, data.ink.part(0, count), data.labels[:count])
        return Point(done, training, _accuracy(copy, data.test_ink, data.test_labels))

    return _evaluation_threads().submit(evaluate)


@functools.cache
def _evaluation_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, "tenfold-evaluate")


def _accuracy(net: OneLayerNet, ink: SparsePixels, labels: Labels) -> float:
    return float((net.scores_of(ink).argmax(axis=1) == labels).mean())


def _find_divergence(net: OneLayerNet, first: int, count: int) -> int:
    """Make the updates up to the one that diverges, and return its number, 1 to `count`.

    The updates begin with image `first`. A weight that is not finite never becomes finite again, so bisection finds
    the update.
    """
    data = sparse_mnist()
    low, high = 0, count  # all weights are finite after `low` updates, but not after `high`
    while high - low > 1:
        middle = (low + high) // 2
        if net.update(data.ink.part(first + low, first + middle), data.labels[first + low : first + middle]):
            low = middle
        else:
            high = middle
    return high
