"""Train the line network on synthetic lines, calibrate it, and write its model card. Prints nothing.

Interrupted runs are resumed from their checkpoint.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tenfold.evaluation.calibration import search_temperature
from tenfold.evaluation.metrics import wilson_interval
from tenfold.networks.classifier import softmax
from tenfold.recognition.numbers.ctc_decoder import beam_search
from tenfold.synthesis.numbers.line_shards import stored_lines
from tenfold.synthesis.numbers.synthetic_lines import CHARACTERS, LineSource, SyntheticLine
from tenfold.training import linenet
from tenfold.training.checkpoint import CHECKPOINT, load_checkpoint, save_checkpoint
from tenfold.training.onnx_export import to_onnx
from tenfold.training.recipes import LINES
from tenfold.training.train_digits import VALIDATION_DIGITS, Progress, versions

VALIDATION_LINES = 3_000
VALIDATION_SEED, TRAINING_SEED = 1, 2  # of the synthesis
UPDATES = 50  # between two reports of progress
CHECKPOINT_SECONDS = 60
LAST_TRAINING_DIGIT = 60_000 - VALIDATION_DIGITS


@dataclass(frozen=True, eq=False)
class LineRun:
    """A trained line network.

    Attributes:
        model: the bytes of its ONNX file.
        card: its model card, as plain values.
    """

    model: bytes
    card: dict[str, Any]


def train_lines(
    handwriting: Path | None, out: Path, seed: int = 0, lines: int | None = None, callback: Progress = None
) -> LineRun:
    """Train the line network.

    Args:
        handwriting: the folder of pen strokes and register lines; None to train on MNIST and drawn glyphs alone.
        out: the folder of the checkpoint and of the synthetic lines, from which an interrupted run continues.
        seed: seeds weights, order and augmentation, 0 or more.
        lines: the number of synthetic lines; None for the recipe's.
        callback: called with the task, the amount done and the total.

    Raises:
        DataError: the handwriting cannot be read.
        OutputError: the folder cannot be written.
    """
    count = lines or LINES.lines
    source = LineSource(handwriting, "train", (0, LAST_TRAINING_DIGIT))
    report = callback and partial(callback, "drawing lines")
    data = stored_lines(out, source, count, TRAINING_SEED, report)
    validation = stored_lines(out, validation_source(handwriting), VALIDATION_LINES, VALIDATION_SEED, report)
    texts = "\n".join(line.text for line in data)
    identity = hashlib.sha256(f"{LINES} {seed} {handwriting is None} {texts}".encode()).hexdigest()
    training = linenet.LineTraining(LINES, data, seed)
    if (state := load_checkpoint(out / CHECKPOINT, identity)) is not None:
        training.load_state_dict(state)
    saved = started = time.perf_counter()
    while training.step < training.total:
        loss = training.run(UPDATES)
        if callback is not None:
            callback(f"loss {loss:.3f}", training.step, training.total)
        if time.perf_counter() - saved > CHECKPOINT_SECONDS or training.step == training.total:
            save_checkpoint(out / CHECKPOINT, training.state_dict(), identity)
            saved = time.perf_counter()
    network = training.network()
    logits = [linenet.logits(network, line.image) for line in validation]
    complete = [i for i, line in enumerate(validation) if not line.digits_only]
    temperature = search_temperature(
        partial(linenet.loss_at, [logits[i] for i in complete], [validation[i].text for i in complete]), 0.01
    )
    right = [is_right(line, read(scores)) for line, scores in zip(validation, logits, strict=True)]
    model = to_onnx(network, temperature)
    card = {
        "name": "line network",
        "kind": "lines",
        "characters": CHARACTERS,
        "step": LINES.step,
        "first_center": LINES.first_center,
        "data": "MNIST and drawn glyphs"
        if handwriting is None
        else "MNIST, UNIPEN, pen digits and lines of LECTAUREP's registers, in synthetic pictures",
        "recipe": asdict(LINES),
        "seed": seed,
        "updates": training.step,
        "train_seconds": round(time.perf_counter() - started, 1),
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "training_lines": len(data),
        "temperature": round(temperature, 3),
        "validation_lines": len(validation),
        "validation_whole_lines_right": sum(right) / len(right),
        "validation_interval_95": list(wilson_interval(sum(right), len(right))),
        "bytes": len(model),
        "versions": versions(),
    }
    return LineRun(model, card)


def validation_source(handwriting: Path | None) -> LineSource:
    """Characters that the network is not trained on: MNIST's last training digits, other writers, other hands."""
    return LineSource(handwriting, "dev", (LAST_TRAINING_DIGIT, 60_000))


def read(scores: Any) -> str:
    """The most probable text of a line with these logits, `(steps, characters + 1)`."""
    codes, _ = max(beam_search(softmax(scores)).items(), key=lambda item: item[1])
    return "".join(CHARACTERS[code] for code in codes)


def is_right(line: SyntheticLine, text: str) -> bool:
    """True if a text is that of the line; only its digits count where only digits are told."""
    return line.text == ("".join(c for c in text if c.isdigit()) if line.digits_only else text)
