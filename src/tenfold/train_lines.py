"""MNIST -> the network that reads lines, trained on simulated ones, and what is to be said of it. Prints nothing."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold import linenet, mnist
from tenfold.classifier import softmax
from tenfold.ctc import texts
from tenfold.evaluate import best_temperature, wilson_interval
from tenfold.graph import to_onnx
from tenfold.recipes import LINES
from tenfold.simulated_lines import simulate_lines
from tenfold.train_conv import KEPT_ASIDE, Progress, digest_of, versions

HELD_OUT = 2_000  # lines, of digits that no line was trained on
HELD_OUT_SEED = 1  # of the simulation that writes them; that of the others is 0
UPDATES = 100  # between two reports of progress


@dataclass(frozen=True, eq=False)
class LineRun:
    """A network for lines, trained.

    Attributes:
        model: the bytes of its ONNX file.
        card: what is to be said of it, as plain values.
    """

    model: bytes
    card: dict[str, Any]


def train_lines(seed: int = 0, callback: Progress = None) -> LineRun:
    """Train the network that reads lines.

    Args:
        seed: of weights, order and variation, 0 or more.
        callback: told what is being done, how much of it is done and how much there is in all.
    """
    (images, labels), _ = mnist.load_data()
    tell = None if callback is None else partial(callback, "writing lines")
    lines = simulate_lines(images[:-KEPT_ASIDE], labels[:-KEPT_ASIDE], LINES.lines, 0, tell)
    held_out = simulate_lines(images[-KEPT_ASIDE:], labels[-KEPT_ASIDE:], HELD_OUT, HELD_OUT_SEED, tell)
    strips, texts, middles = (list(part) for part in zip(*lines, strict=True))
    training = linenet.LineTraining(LINES, strips, texts, middles, seed)
    started = time.perf_counter()
    while training.done < training.total:
        loss = training.run(UPDATES)
        if callback is not None:
            callback(f"loss {loss:.3f}", training.done, training.total)
    seconds = time.perf_counter() - started
    network = training.network()
    logits = [linenet.logits(network, line.strip) for line in held_out]
    expected = [line.text for line in held_out]
    temperature = best_temperature(partial(linenet.loss_at, logits, expected), 0.01)
    right = sum(_text(scores) == text for scores, text in zip(logits, expected, strict=True))
    model = to_onnx(network, temperature)
    card = {
        "name": "network for lines of digits",
        "kind": "lines",
        "data": "MNIST, written as lines by the simulation",
        "data_sha256": digest_of(images, labels),
        "recipe": asdict(LINES),
        "seed": seed,
        "updates": training.done,
        "train_seconds": round(seconds, 1),
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "held_out_lines": HELD_OUT,
        "held_out_whole_lines_right": right / HELD_OUT,
        "held_out_interval_95": list(wilson_interval(right, HELD_OUT)),
        "bytes": len(model),
        "versions": versions(),
    }
    return LineRun(model, card)


def _text(scores: NDArray[np.float32]) -> str:
    text, _ = max(texts(softmax(scores)).items(), key=lambda item: item[1])
    return "".join(map(str, text))
