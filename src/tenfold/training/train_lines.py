"""Train the line network on synthetic lines, calibrate it, and write its model card. Prints nothing."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.datasets import mnist
from tenfold.evaluation.calibration import search_temperature
from tenfold.evaluation.metrics import wilson_interval
from tenfold.networks.classifier import softmax
from tenfold.recognition.ctc_decoder import beam_search
from tenfold.synthesis.synthetic_lines import synthesize_lines
from tenfold.training import linenet
from tenfold.training.onnx_export import to_onnx
from tenfold.training.recipes import LINES
from tenfold.training.train_digits import VALIDATION_DIGITS, Progress, data_digest, versions

VALIDATION_LINES = 2_000  # synthetic lines of validation digits
VALIDATION_SEED = 1  # seed of the synthesis of validation lines; that of training lines is 0
UPDATES = 100  # updates between two reports of progress


@dataclass(frozen=True, eq=False)
class LineRun:
    """A trained line network.

    Attributes:
        model: the bytes of its ONNX file.
        card: its model card, as plain values.
    """

    model: bytes
    card: dict[str, Any]


def train_lines(seed: int = 0, callback: Progress = None) -> LineRun:
    """Train the line network.

    Args:
        seed: seeds weights, order and augmentation, 0 or more.
        callback: called with the task, the amount done and the total.
    """
    (images, labels), _ = mnist.load_data()
    report = None if callback is None else partial(callback, "synthesizing lines")
    lines = synthesize_lines(images[:-VALIDATION_DIGITS], labels[:-VALIDATION_DIGITS], LINES.lines, 0, report)
    validation = synthesize_lines(
        images[-VALIDATION_DIGITS:], labels[-VALIDATION_DIGITS:], VALIDATION_LINES, VALIDATION_SEED, report
    )
    images_of_lines, texts, centers = (list(part) for part in zip(*lines, strict=True))
    training = linenet.LineTraining(LINES, images_of_lines, texts, centers, seed)
    started = time.perf_counter()
    while training.step < training.total:
        loss = training.run(UPDATES)
        if callback is not None:
            callback(f"loss {loss:.3f}", training.step, training.total)
    seconds = time.perf_counter() - started
    network = training.network()
    logits = [linenet.logits(network, line.image) for line in validation]
    expected = [line.text for line in validation]
    temperature = search_temperature(partial(linenet.loss_at, logits, expected), 0.01)
    correct = sum(_text(scores) == text for scores, text in zip(logits, expected, strict=True))
    model = to_onnx(network, temperature)
    card = {
        "name": "line network",
        "kind": "lines",
        "data": "MNIST, rendered as synthetic lines",
        "data_sha256": data_digest(images, labels),
        "recipe": asdict(LINES),
        "seed": seed,
        "updates": training.step,
        "train_seconds": round(seconds, 1),
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "validation_lines": VALIDATION_LINES,
        "validation_whole_lines_right": correct / VALIDATION_LINES,
        "validation_interval_95": list(wilson_interval(correct, VALIDATION_LINES)),
        "bytes": len(model),
        "versions": versions(),
    }
    return LineRun(model, card)


def _text(scores: NDArray[np.float32]) -> str:
    text, _ = max(beam_search(softmax(scores)).items(), key=lambda item: item[1])
    return "".join(map(str, text))
