"""Train the context network on synthetic views, calibrate it, and write its model card. Prints nothing.

Interrupted runs are resumed from their checkpoint.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.arrays import DIGITS
from tenfold.evaluation.calibration import fit_temperature
from tenfold.io import npz
from tenfold.io.atomic_write import write_whole
from tenfold.networks import serialization
from tenfold.synthesis.synthetic_views import Source, SyntheticViews, synthesize_views
from tenfold.training import contextnet
from tenfold.training.checkpoint import CHECKPOINT, load_checkpoint, save_checkpoint
from tenfold.training.onnx_export import to_onnx
from tenfold.training.recipes import CONTEXT
from tenfold.training.train_digits import VALIDATION_DIGITS, Progress, versions

VALIDATION_SCENES = 6_000
VALIDATION_SEED, TRAINING_SEED = 1, 2  # of the synthesis; each shard of training scenes has the next
UPDATES = 100  # between two reports of progress
CHECKPOINT_SECONDS = 60
SHARD_SCENES = 20_000
SHARD_BYTES = 2**30  # the largest shard that is loaded
LAST_TRAINING_DIGIT = 60_000 - VALIDATION_DIGITS


@dataclass(frozen=True, eq=False)
class ContextRun:
    """A trained context network.

    Attributes:
        model: the bytes of its ONNX file.
        card: its model card, as plain values.
    """

    model: bytes
    card: dict[str, Any]


def train_context(
    handwriting: Path | None, out: Path, seed: int = 0, scenes: int = CONTEXT.scenes, callback: Progress = None
) -> ContextRun:
    """Train the context network.

    Args:
        handwriting: the folder of pen strokes; None to train on MNIST and drawn glyphs alone.
        out: the folder of the checkpoint and of the synthetic views, from which an interrupted run continues.
        seed: seeds weights, order and augmentation, 0 or more.
        scenes: the number of synthetic scenes.
        callback: called with the task, the amount done and the total.

    Raises:
        DataError: the pen strokes cannot be read.
        OutputError: the folder cannot be written.
    """
    data = _stored_views(out, Source(handwriting, "train", (0, LAST_TRAINING_DIGIT)), scenes, callback)
    validation = synthesize_views(
        validation_source(handwriting),
        VALIDATION_SCENES,
        VALIDATION_SEED,
        callback and partial(callback, "drawing validation scenes"),
    )
    identity = hashlib.sha256(f"{CONTEXT} {seed}".encode() + data.views.tobytes()).hexdigest()
    training = contextnet.ContextTraining(CONTEXT, data, seed)
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
    logits = contextnet.logits(network, validation.views)
    model = to_onnx(network, fit_temperature(logits, validation.labels))
    is_digit, found = validation.labels < DIGITS, logits.argmax(axis=1)
    card = {
        "name": "context network",
        "kind": "context",
        "data": "MNIST and drawn glyphs"
        if handwriting is None
        else "MNIST, UNIPEN and pen digits, in synthetic scenes",
        "recipe": asdict(CONTEXT),
        "seed": seed,
        "updates": training.step,
        "train_seconds": round(time.perf_counter() - started, 1),
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "training_views": len(data.labels),
        "validation_views": len(validation.labels),
        "validation_digits_right": round(float((found == validation.labels)[is_digit].mean()), 4),
        "validation_non_digits_rejected": round(float((found >= DIGITS)[~is_digit].mean()), 4),
        "bytes": len(model),
        "versions": versions(),
    }
    return ContextRun(model, card)


def validation_source(handwriting: Path | None) -> Source:
    """Characters that the network is not trained on: MNIST's last training digits, and other writers."""
    return Source(handwriting, "dev", (LAST_TRAINING_DIGIT, 60_000))


def _stored_views(out: Path, source: Source, scenes: int, callback: Progress) -> SyntheticViews:
    """Draw the training scenes shard by shard, or load the shards that an earlier call has drawn."""
    shards = []
    for first in range(0, scenes, SHARD_SCENES):
        path = out / f"views-{first}.npz"
        if not path.is_file():
            report = callback and partial(callback, f"drawing scenes from {first:,} of {scenes:,}")
            shard = synthesize_views(
                source, min(SHARD_SCENES, scenes - first), TRAINING_SEED + first // SHARD_SCENES, report
            )
            serialization.make_directory(out)
            write_whole(path, npz.write_arrays(shard._asdict()))
        shards.append(SyntheticViews(**npz.read_arrays(path, SHARD_BYTES)))
    return SyntheticViews(*(np.concatenate(parts) for parts in zip(*shards, strict=True)))
