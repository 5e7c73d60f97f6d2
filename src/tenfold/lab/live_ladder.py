"""Rungs of the ladder trained live: accuracies during training, and networks to classify with afterwards.

Evaluations are spaced so that they hardly slow training down. No HTTP here.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass

from tenfold.datasets import mnist
from tenfold.evaluation.metrics import evaluate
from tenfold.lab.ladder import RUNGS, RungResult, Snapshot
from tenfold.networks.mlp import MLP
from tenfold.networks.onelayer import OneLayerNet

TEST_STRIDE = 10  # evaluations during training use every tenth test image; the final accuracy uses all of them
MAX_EVALUATIONS = 60  # the approximate maximum for one rung
TRAIN_TO_EVALUATE_RATIO = 4  # the next evaluation waits until training has run this many times as long as the last took


@dataclass(frozen=True)
class Progress:
    """An evaluation during training.

    Attributes:
        done: the number of updates done.
        total: the number of updates of the whole training.
        accuracy: 0..1, on every tenth test image.
    """

    done: int
    total: int
    accuracy: float


class LiveLadder:
    """The rungs trained in this process.

    Attributes:
        results: the trained rungs by name.
    """

    def __init__(self) -> None:
        self.results: dict[str, RungResult] = {}

    def climb(self, name: str, callback: Callable[[Progress], None]) -> RungResult:
        """Train a rung, or return its result if it is trained already. Not thread-safe: train one rung at a time.

        Args:
            name: the name of a rung.
            callback: called in this thread after every evaluation; an exception that it raises ends training.

        Raises:
            NetworkError: the rung needs torch or onnx, which are not installed.
            KeyError: no rung has this name.
        """
        rung = {rung.name: rung for rung in RUNGS}[name]
        if name not in self.results:
            train, test = mnist.load_data()
            _compile_loops()
            monitor = _Monitor(callback)
            began = time.perf_counter()
            network = rung.train(*train, monitor.evaluate)
            seconds = time.perf_counter() - began - monitor.seconds
            self.results[name] = RungResult(rung, network, seconds, evaluate(network, *test))
        return self.results[name]


@functools.cache
def _compile_loops() -> None:
    """Compile the training loops, so that compilation is not part of a rung's time."""
    (images, labels), _ = mnist.load_data()
    for net in (OneLayerNet(), MLP(), MLP(hidden=1)):
        net.fit(images[:20], labels[:20], 1)


class _Monitor:
    """Evaluates a network at intervals while it is trained; `seconds` is the time that evaluations took."""

    def __init__(self, callback: Callable[[Progress], None]) -> None:
        self._callback = callback
        self._images, self._labels = (part[::TEST_STRIDE] for part in mnist.load_data()[1])
        self._next_fraction, self._next_time = 0.0, 0.0
        self.seconds = 0.0

    def evaluate(self, done: int, total: int, snapshot: Snapshot) -> None:
        """Evaluate if an evaluation is due; the progress callback of `Rung.train`."""
        began = time.perf_counter()
        if done < total and (done / total < self._next_fraction or began < self._next_time):
            return
        self._callback(Progress(done, total, snapshot().score(self._images, self._labels)))
        took = time.perf_counter() - began
        self.seconds += took
        self._next_fraction = done / total + 1 / MAX_EVALUATIONS
        self._next_time = began + (1 + TRAIN_TO_EVALUATE_RATIO) * took
