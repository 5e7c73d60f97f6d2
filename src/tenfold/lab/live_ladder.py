"""A rung of the ladder trained live: evaluations during training, and the trained network to read digits with.

Evaluations are spaced so that they slow training down little. No HTTP here.
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

TEST_STRIDE = 10  # a look is at every tenth test image; the rung's accuracy in the end is on all of them
EVALUATIONS = 60  # at most so many a rung
TRAIN_TO_EVALUATE_RATIO = 4  # training goes on for so many times as long as the last look took, before the next


@dataclass(frozen=True)
class Progress:
    """A look at a rung in training: updates done and in all, accuracy 0..1 on every tenth test image."""

    done: int
    total: int
    accuracy: float


class LiveLadder:
    """The rungs as far as they were climbed in this process.

    Attributes:
        steps: the trained rungs by name.
    """

    def __init__(self) -> None:
        self.steps: dict[str, RungResult] = {}

    def climb(self, name: str, tell: Callable[[Progress], None]) -> RungResult:
        """Train the rung of that name, once; a second time its step is given at once. Call it for one rung at a time.

        Args:
            name: of a rung.
            tell: called with every look, in this thread; an exception that it raises ends the training.

        Raises:
            NetworkError: the rung needs torch or onnx, which are not installed.
            KeyError: there is no such rung.
        """
        rung = {rung.name: rung for rung in RUNGS}[name]
        if name not in self.steps:
            train, test = mnist.load_data()
            _compile()
            monitor = _Monitor(tell)
            began = time.perf_counter()
            network = rung.train(*train, monitor.evaluate)
            seconds = time.perf_counter() - began - monitor.seconds
            self.steps[name] = RungResult(rung, network, seconds, evaluate(network, *test))
        return self.steps[name]


@functools.cache
def _compile() -> None:
    """Have the loops compiled before a rung is timed."""
    (images, labels), _ = mnist.load_data()
    for net in (OneLayerNet(), MLP(), MLP(hidden=1)):
        net.fit(images[:20], labels[:20], 1)


class _Monitor:
    """Looks at a network in training, neither too often nor for too long; `seconds` is the time that took."""

    def __init__(self, tell: Callable[[Progress], None]) -> None:
        self._tell = tell
        self._images, self._labels = (part[::TEST_STRIDE] for part in mnist.load_data()[1])
        self._next_share, self._next_time = 0.0, 0.0
        self.seconds = 0.0

    def evaluate(self, done: int, total: int, now: Snapshot) -> None:
        """What a rung calls while it trains."""
        began = time.perf_counter()
        if done < total and (done / total < self._next_share or began < self._next_time):
            return
        self._tell(Progress(done, total, now().score(self._images, self._labels)))
        took = time.perf_counter() - began
        self.seconds += took
        self._next_share, self._next_time = done / total + 1 / EVALUATIONS, began + (1 + TRAIN_TO_EVALUATE_RATIO) * took
