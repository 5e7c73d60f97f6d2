"""A run of the article's network, with its curve, its divergence and its confusion matrix.

Other threads evaluate the network during the run, so that it is hardly slower. No HTTP here.
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

MOST_EPOCHS = 100
EVALUATIONS = 24  # points of the curve after the first
SPREAD = 0.0001  # standard deviation of random starting weights
EVALUATED = 1_000  # training images, the first of those trained on, along the curve
CHUNK = 5_000  # updates between two questions whether to go on, about 3 ms


@dataclass(frozen=True)
class Settings:
    """What a run depends on: equal settings give equal bits.

    Attributes:
        alpha: learning rate, above 0 and finite.
        epochs: 1 to 100.
        images: 1 to 60,000 training images, from the first.
        start: "article" (all weights of digit d are d / 10,000), "zeros", or "random" (normal, standard deviation
            0.0001).
        seed: of random weights, 0 or more.

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
        if not 1 <= self.epochs <= MOST_EPOCHS:
            raise DataError(f"epochs is {self.epochs}: it must be 1 to {MOST_EPOCHS}")
        if not 1 <= self.images <= 60_000:
            raise DataError(f"images is {self.images}: it must be 1 to 60,000")
        if self.start not in get_args(Start):
            raise NetworkError(f"start is {self.start!r}: it must be one of {', '.join(get_args(Start))}")
        if not 0 <= self.seed < 2**32:
            raise NetworkError(f"seed is {self.seed}: it must be 0 to {2**32 - 1}")

    @property
    def updates(self) -> int:
        """How many updates the run has in all."""
        return self.epochs * self.images

    def network(self) -> OneLayerNet:
        """The network before its first update."""
        if self.start == "article":
            return OneLayerNet(self.alpha)
        if self.start == "zeros":
            return OneLayerNet(self.alpha, np.zeros((DIGITS, PIXELS)))
        return OneLayerNet(self.alpha, np.random.default_rng(self.seed).normal(0, SPREAD, (DIGITS, PIXELS)))


@dataclass(frozen=True)
class Point:
    """A look along the way: after so many updates, the accuracy 0..1 on training and on test images."""

    updates: int
    training: float
    test: float


@dataclass(frozen=True, eq=False)
class Run:
    """What a run came to.

    Attributes:
        settings: as given.
        weights: `(10, 784) float64`: the last; if a weight became infinite or not a number, those before that update.
        curve: looks from update 0 to the last. Test accuracy is on all 10,000 test images, training accuracy on the
            first 1,000 of the images trained on.
        training, test: accuracy 0..1 of the weights, on all images trained on and on all test images.
        confusion: `(10, 10)` of the test images: row = label, column = prediction.
        seconds: wall time of its updates alone, while looks are taken in other threads.
        max_squared_norm: the largest squared length of an image trained on; 2 / `max_squared_norm` is the limit of
            alpha: below it, no
            update overshoots.
        diverged_at: the number, from 1, of the update at which a weight became infinite or no number; None where none
            did.
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
        """2 / `max_squared_norm`."""
        return 2 / self.max_squared_norm


@dataclass(frozen=True, eq=False)
class Data:
    """MNIST as the lab runs over it: its ink collected once."""

    ink: SparsePixels
    labels: Labels
    squared_lengths: NDArray[np.int64]
    test_ink: SparsePixels
    test_labels: Labels


@functools.cache
def sparse_mnist() -> Data:
    """MNIST's 60,000 training and 10,000 test images; 35 MB that are kept."""
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    ink = sparse_pixels(checked_images(x_train))
    return Data(ink, y_train, ink.squared_lengths(), sparse_pixels(checked_images(x_test)), y_test)


def train(settings: Settings, wanted: Callable[[], bool] = lambda: True) -> Run:
    """Train the article's network, bit for bit as `OneLayerNet.fit` does, and look at it along the way.

    Args:
        settings: of the run.
        wanted: asked every few milliseconds whether somebody still waits.

    Raises:
        Superseded: `wanted` said no.
    """
    seen = sparse_mnist()
    net, done = settings.network(), 0
    seconds = 0.0
    diverged_at: int | None = None
    evaluations = [_evaluate(net, settings, 0)]
    for stop in _evaluation_points(settings.updates):
        while done < stop and diverged_at is None:
            if not wanted():
                raise Superseded
            place = done % settings.images
            count = min(stop - done, settings.images - place, CHUNK)
            began = time.perf_counter()
            finite = net.update(seen.ink.part(place, place + count), seen.labels[place : place + count])
            seconds += time.perf_counter() - began
            if finite:
                done += count
            else:
                diverged_at = done + _find_divergence(net, place, count)
                done = diverged_at - 1
        if diverged_at is None:
            evaluations.append(_evaluate(net, settings, done))
    if diverged_at is not None:
        evaluations.append(_evaluate(net, settings, done))
    predictions = net.scores_of(seen.test_ink).argmax(axis=1)
    return Run(
        settings=settings,
        weights=net.weights,
        curve=tuple(evaluation.result() for evaluation in evaluations),
        training=_accuracy(net, seen.ink.part(0, settings.images), seen.labels[: settings.images]),
        test=float((predictions == seen.test_labels).mean()),
        confusion=confusion_matrix(seen.test_labels, predictions),
        seconds=seconds,
        max_squared_norm=int(seen.squared_lengths[: settings.images].max()),
        diverged_at=diverged_at,
    )


def _evaluation_points(updates: int) -> list[int]:
    """Updates after which to look: close together at first, where most is learned."""
    return sorted({max(1, round(updates * (i / EVALUATIONS) ** 2)) for i in range(1, EVALUATIONS + 1)})


def _evaluate(net: OneLayerNet, settings: Settings, done: int) -> Future[Point]:
    """Begin to measure the network as it is now, in another thread."""
    seen, copy = sparse_mnist(), OneLayerNet(net.alpha, net.weights)
    count = min(settings.images, EVALUATED)

    def measured() -> Point:
        training = _accuracy(copy, seen.ink.part(0, count), seen.labels[:count])
        return Point(done, training, _accuracy(copy, seen.test_ink, seen.test_labels))

    return _watcher().submit(measured)


@functools.cache
def _watcher() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, "tenfold-evaluate")


def _accuracy(net: OneLayerNet, ink: SparsePixels, labels: Labels) -> float:
    return float((net.scores_of(ink).argmax(axis=1) == labels).mean())


def _find_divergence(net: OneLayerNet, place: int, count: int) -> int:
    """Which of the next `count` updates, from 1, takes a weight out of the finite numbers; makes those before it.

    A weight that is not finite never becomes finite again, so the range can be halved.
    """
    seen = sparse_mnist()
    low, high = 0, count  # after `low` updates all is finite, after `high` not
    while high - low > 1:
        middle = (low + high) // 2
        if net.update(seen.ink.part(place + low, place + middle), seen.labels[place + low : place + middle]):
            low = middle
        else:
            high = middle
    return high
