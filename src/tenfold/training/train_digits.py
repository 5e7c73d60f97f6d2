"""Train the digit network, calibrate and evaluate it, and write its model card. Prints nothing.

Interrupted runs are resumed bit for bit.
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
from tenfold.io import npz
from tenfold.io.atomic_write import write_whole
from tenfold.networks import serialization
from tenfold.networks.onnx_classifier import OnnxClassifier
from tenfold.synthesis.synthetic_digits import synthesize_digits, synthesize_negatives
from tenfold.training.recipes import RECIPES

VALIDATION_DIGITS = 5_000  # training images, the last ones, that no recipe trains on
VALIDATION_NEGATIVES = 1_000  # images of no digit, likewise: about the share of them that a recipe trains on
CHECKPOINT = "checkpoint.npz"
UPDATES = 100  # between two reports of progress
CHECKPOINT_SECONDS = 20
CHECKPOINT_BYTES = 256 * 2**20

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
        data: the folder that the images came from; None for MNIST.
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
        """Write the network's folder with its card, and more in the card if there is more to say.

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
        test: images and labels.
        data: the folder of the set; None for MNIST.
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
        DataError: the data cannot be read, or are too few.
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
        tell = None if callback is None else partial(callback, "synthesizing digits")
        synthetic = synthesize_digits(images[:-VALIDATION_DIGITS], labels[:-VALIDATION_DIGITS], recipe.copies, 0, tell)
    if recipe.negative_images:
        tell = None if callback is None else partial(callback, "synthesizing non-digits")
        negatives = synthesize_negatives(
            images[:-VALIDATION_DIGITS],
            labels[:-VALIDATION_DIGITS],
            recipe.negative_images + VALIDATION_NEGATIVES,
            0,
            tell,
        )
    return Examples(budget, images, labels, synthetic, negatives, test, None if data is None else str(data), digest)


def data_digest(images: Images, labels: Images) -> str:
    """The SHA-256 of training images and labels, which identifies them in model cards and checkpoints."""
    return hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()


def versions() -> dict[str, str]:
    """The versions of the libraries that train, for model cards."""
    return {name: version(name) for name in ("torch", "onnx")}


def train_digits(
    given: Examples,
    seed: int = 0,
    out: Path | None = None,
    resume: bool = False,
    callback: Progress = None,
) -> DigitsRun:
    """Train a digit network by a recipe. Ctrl-C ends training and returns the network as it is then.

    Args:
        given: the examples, with the name of the recipe.
        seed: of weights, order and variation, 0 or more.
        out: a folder for a checkpoint, written every 20 s until `DigitsRun.save` removes it; None for none.
        resume: go on from the checkpoint there, if there is one.
        callback: told what is being done, how much of it is done and how much there is in all.

    Raises:
        NetworkError: torch or onnx is not installed, or a checkpoint is damaged or of another run.
        OutputError: a checkpoint cannot be written.
    """
    convnet, onnx_export = import_convnet()
    checkpoint, identity = None if out is None else out / CHECKPOINT, _identity(seed, given)
    earlier = _load_checkpoint(checkpoint, identity) if resume else None
    started = time.perf_counter()
    negatives = None if given.negatives is None else given.negatives[:-VALIDATION_NEGATIVES]
    images, labels = given.images[:-VALIDATION_DIGITS], given.labels[:-VALIDATION_DIGITS]
    training = convnet.Training(RECIPES[given.recipe], images, labels, given.synthetic, negatives, seed)
    if earlier is not None:
        training.restore(earlier)
    whole = _run(training, given, checkpoint, identity, callback)
    seconds = time.perf_counter() - started
    temperature = _temperature(convnet, training.network(), given)
    network = OnnxClassifier(
        onnx_export.to_onnx(training.network(), temperature), convnet.parameters(training.network())
    )
    return DigitsRun(
        network=network,
        recipe=given.recipe,
        seed=seed,
        seconds=seconds,
        updates=training.done,
        complete=whole,
        validation=evaluate(network, given.images[-VALIDATION_DIGITS:], given.labels[-VALIDATION_DIGITS:]),
        evaluation=evaluate(network, *given.test),
        data=given.data,
        data_sha256=given.data_sha256,
        versions=versions(),
    )


def _identity(seed: int, given: Examples) -> str:
    """A digest that identifies the run of a checkpoint."""
    digest = hashlib.sha256(f"{RECIPES[given.recipe]} {seed} {given.data_sha256}".encode())
    for images in (given.synthetic, given.negatives):
        if images is not None:
            digest.update(images.tobytes())
    return digest.hexdigest()


def _run(training: Any, given: Examples, checkpoint: Path | None, identity: str, callback: Progress) -> bool:
    """Train until all updates are made; False if Ctrl-C came earlier."""
    convnet, _ = import_convnet()
    x_validation, y_validation = given.images[-VALIDATION_DIGITS:], given.labels[-VALIDATION_DIGITS:]
    saved = time.perf_counter()
    try:
        while training.done < training.total:
            loss = training.run(UPDATES)
            if callback is not None:
                right = (convnet.logits(training.network(), x_validation).argmax(1) == y_validation).mean()
                callback(f"loss {loss:.3f}, validation {100 * right:.2f} %", training.done, training.total)
            due = time.perf_counter() - saved > CHECKPOINT_SECONDS or training.done == training.total
            if checkpoint is not None and due:
                serialization.make_directory(checkpoint.parent)
                write_whole(checkpoint, npz.write_arrays(training.arrays() | {"identity": np.str_(identity)}))
                saved = time.perf_counter()
    except KeyboardInterrupt:
        return False
    return True


def _temperature(convnet: ModuleType, network: Any, given: Examples) -> float:
    """The temperature that calibrates the network on the validation set, non-digits included."""
    images, labels = given.images[-VALIDATION_DIGITS:], given.labels[-VALIDATION_DIGITS:]
    if given.negatives is not None:
        images = np.concatenate([images, given.negatives[-VALIDATION_NEGATIVES:]])
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


def was_interrupted(out: Path) -> bool:
    """True if a folder holds an interrupted run: its checkpoint, or a network that is not complete."""
    return (out / CHECKPOINT).is_file() or serialization.card(out).get("complete") is False


def _load_checkpoint(checkpoint: Path | None, identity: str) -> dict[str, Any] | None:
    """The arrays of a checkpoint of the same run; None if there is no checkpoint."""
    if checkpoint is None or not checkpoint.is_file():
        return None
    try:
        arrays = npz.read_arrays(checkpoint, CHECKPOINT_BYTES)
    except (OSError, ValueError) as error:
        raise NetworkError(f"checkpoint {str(checkpoint)!r} is damaged ({error}): delete it to start over") from error
    if npz.scalar_string(arrays.pop("identity", None)) != identity:
        raise NetworkError(f"checkpoint {str(checkpoint)!r} belongs to another run: delete it to start this one")
    return arrays
