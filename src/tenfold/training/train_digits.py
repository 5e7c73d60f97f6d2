"""Train the digit network, calibrate and evaluate it, and write its model card. Prints nothing.

An interrupted and resumed run gives the same bits as an uninterrupted one.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS
from tenfold.datasets import mnist
from tenfold.errors import DataError, NetworkError
from tenfold.evaluation.calibration import fit_temperature
from tenfold.evaluation.metrics import Evaluation, evaluate
from tenfold.networks.onnx_classifier import OnnxClassifier
from tenfold.synthesis.synthetic_digits import synthesize_digits, synthesize_negatives
from tenfold.training.checkpoint import CHECKPOINT, load_checkpoint, save_checkpoint
from tenfold.training.recipes import RECIPES

VALIDATION_DIGITS = 5_000  # training images, the last ones, that no recipe trains on
VALIDATION_NEGATIVES = 1_000  # synthetic non-digits for validation: about the fraction that a recipe trains with
UPDATES = 100  # updates between two reports of progress
CHECKPOINT_SECONDS = 20  # seconds between two checkpoints

Images = NDArray[np.uint8]
Progress = Callable[[str, int, int], None] | None


@dataclass(frozen=True, eq=False)
class DigitsRun:
    """A trained digit network.

    Attributes:
        network: the trained network.
        recipe: the name of its recipe.
        seed: the seed of everything random.
        seconds: wall time of training in this process, from arrays in memory to final weights, without synthesis.
        updates: the number of updates made.
        complete: False if training was interrupted.
        validation: the evaluation on the validation set.
        evaluation: the evaluation on all test images.
        data: the folder that the images were read from; None for MNIST.
        data_sha256: the SHA-256 of the training images and labels.
        versions: the versions of the libraries that trained it.
    """

    network: OnnxClassifier
    recipe: str
    seed: int
    seconds: float
    updates: int
    complete: bool
    validation: Evaluation
    evaluation: Evaluation
    data: str | None
    data_sha256: str
    versions: dict[str, str]

    def save(self, path: str | Path, **more: Any) -> None:
        """Write the network's folder with its model card; `more` is added to the card.

        The checkpoint of a complete run in that folder is removed.
        """
        low, high = self.evaluation.interval
        self.network.save(
            path,
            name=f"convolutional network, recipe {self.recipe}",
            data=self.data or "MNIST",
            data_sha256=self.data_sha256,
            recipe=asdict(RECIPES[self.recipe]),
            seed=self.seed,
            updates=self.updates,
            complete=self.complete,
            train_seconds=round(self.seconds, 1),
            validation_images=len(self.validation.labels),
            validation_accuracy=self.validation.accuracy,
            validation_loss=self.validation.loss,
            test_images=len(self.evaluation.labels),
            test_errors=self.evaluation.errors,
            test_accuracy=self.evaluation.accuracy,
            test_interval_95=[low, high],
            test_calibration_error=self.evaluation.calibration_error,
            bytes=len(self.network.model),
            versions=self.versions,
            **more,
        )
        if self.complete:
            (Path(path) / CHECKPOINT).unlink(missing_ok=True)


@dataclass(frozen=True, eq=False)
class Examples:
    """The images that a recipe is trained, validated and tested with.

    Attributes:
        recipe: the name of the recipe.
        images, labels: all training images, `(n, 28, 28)` and `(n,) uint8`; the last 5,000 are the validation set.
        synthetic: `(copies, n - 5,000, 28, 28) uint8`, synthetic versions of the other images; None if the recipe uses
            none.
        negatives: `(m, 28, 28) uint8`, images of non-digits; the last 1,000 are for validation. None if the recipe uses
            none.
        test: the test images and labels.
        data: the folder that the images were read from; None for MNIST.
        data_sha256: the SHA-256 of the training images and labels.
    """

    recipe: str
    images: Images
    labels: Images
    synthetic: Images | None
    negatives: Images | None
    test: tuple[Images, Images]
    data: str | None
    data_sha256: str


def examples(budget: str = "best", data: str | Path | None = None, callback: Progress = None) -> Examples:
    """Load the images of a recipe, and synthesize those that the recipe uses.

    Raises:
        DataError: the data cannot be read, or there are too few images.
        NetworkError: torch or onnx is not installed; this is checked before the synthesis, which takes long.
    """
    import_convnet()
    recipe = RECIPES[budget]
    (images, labels), test = mnist.load_data(data)
    if len(images) < VALIDATION_DIGITS + recipe.batch:
        raise DataError(f"there are {len(images)} training images: give {VALIDATION_DIGITS + recipe.batch} or more")
    digest = data_digest(images, labels)
    synthetic = negatives = None
    if recipe.copies:
        report = None if callback is None else partial(callback, "synthesizing digits")
        synthetic = synthesize_digits(
            images[:-VALIDATION_DIGITS], labels[:-VALIDATION_DIGITS], recipe.copies, 0, report
        )
    if recipe.negative_images:
        report = None if callback is None else partial(callback, "synthesizing non-digits")
        negatives = synthesize_negatives(
            images[:-VALIDATION_DIGITS],
            labels[:-VALIDATION_DIGITS],
            recipe.negative_images + VALIDATION_NEGATIVES,
            0,
            report,
        )
    return Examples(budget, images, labels, synthetic, negatives, test, None if data is None else str(data), digest)


def data_digest(images: Images, labels: Images) -> str:
    """The SHA-256 of training images and labels, which identifies them in model cards and checkpoints."""
    return hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()


def versions() -> dict[str, str]:
    """The versions of the libraries that train, for model cards."""
    return {name: version(name) for name in ("torch", "onnx")}


def train_digits(
    data: Examples,
    seed: int = 0,
    out: Path | None = None,
    resume: bool = False,
    callback: Progress = None,
) -> DigitsRun:
    """Train a digit network by a recipe. Ctrl-C ends training and returns the network as it is then.

    Args:
        data: the examples, with the name of the recipe.
        seed: seeds weights, order and augmentation, 0 or more.
        out: a folder for a checkpoint, written every 20 s until `DigitsRun.save` removes it; None for none.
        resume: continue from the checkpoint in that folder, if there is one.
        callback: called with the task, the amount done and the total.

    Raises:
        NetworkError: torch or onnx is not installed, or the checkpoint is damaged or belongs to another run.
        OutputError: the checkpoint cannot be written.
    """
    convnet, onnx_export = import_convnet()
    checkpoint, identity = None if out is None else out / CHECKPOINT, _identity(seed, data)
    state = load_checkpoint(checkpoint, identity) if resume else None
    started = time.perf_counter()
    negatives = None if data.negatives is None else data.negatives[:-VALIDATION_NEGATIVES]
    images, labels = data.images[:-VALIDATION_DIGITS], data.labels[:-VALIDATION_DIGITS]
    training = convnet.Training(RECIPES[data.recipe], images, labels, data.synthetic, negatives, seed)
    if state is not None:
        training.load_state_dict(state)
    complete = _run(training, data, checkpoint, identity, callback)
    seconds = time.perf_counter() - started
    temperature = _temperature(convnet, training.network(), data)
    network = OnnxClassifier(
        onnx_export.to_onnx(training.network(), temperature), convnet.parameters(training.network())
    )
    return DigitsRun(
        network=network,
        recipe=data.recipe,
        seed=seed,
        seconds=seconds,
        updates=training.step,
        complete=complete,
        validation=evaluate(network, data.images[-VALIDATION_DIGITS:], data.labels[-VALIDATION_DIGITS:]),
        evaluation=evaluate(network, *data.test),
        data=data.data,
        data_sha256=data.data_sha256,
        versions=versions(),
    )


def _identity(seed: int, data: Examples) -> str:
    """A digest that identifies the run of a checkpoint."""
    digest = hashlib.sha256(f"{RECIPES[data.recipe]} {seed} {data.data_sha256}".encode())
    for images in (data.synthetic, data.negatives):
        if images is not None:
            digest.update(images.tobytes())
    return digest.hexdigest()


def _run(training: Any, data: Examples, checkpoint: Path | None, identity: str, callback: Progress) -> bool:
    """Train until all updates are made; False if Ctrl-C ended training earlier."""
    convnet, _ = import_convnet()
    x_validation, y_validation = data.images[-VALIDATION_DIGITS:], data.labels[-VALIDATION_DIGITS:]
    saved = time.perf_counter()
    try:
        while training.step < training.total:
            loss = training.run(UPDATES)
            if callback is not None:
                accuracy = (convnet.logits(training.network(), x_validation).argmax(1) == y_validation).mean()
                callback(f"loss {loss:.3f}, validation {100 * accuracy:.2f} %", training.step, training.total)
            due = time.perf_counter() - saved > CHECKPOINT_SECONDS or training.step == training.total
            if checkpoint is not None and due:
                save_checkpoint(checkpoint, training.state_dict(), identity)
                saved = time.perf_counter()
    except KeyboardInterrupt:
        return False
    return True


def _temperature(convnet: ModuleType, network: Any, data: Examples) -> float:
    """The temperature that calibrates the network on the validation set, non-digits included."""
    images, labels = data.images[-VALIDATION_DIGITS:], data.labels[-VALIDATION_DIGITS:]
    if data.negatives is not None:
        images = np.concatenate([images, data.negatives[-VALIDATION_NEGATIVES:]])
        labels = np.concatenate([labels, np.full(VALIDATION_NEGATIVES, DIGITS, labels.dtype)])
    return fit_temperature(convnet.logits(network, images), labels)


def import_convnet() -> tuple[ModuleType, ModuleType]:
    """`tenfold.training.convnet` and `tenfold.training.onnx_export`, which import torch and onnx.

    Raises:
        NetworkError: torch or onnx is not installed.
    """
    try:
        from tenfold.training import convnet, onnx_export
    except ImportError as error:
        raise NetworkError(f"this training needs torch and onnx ({error}): pip install torch onnx") from error
    return convnet, onnx_export
