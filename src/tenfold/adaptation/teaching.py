"""Teach a network one writer's digits: fit, cross-validate, and keep it only if it makes fewer errors. No HTTP here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.adaptation.finetune import fit
from tenfold.adaptation.last_layer import LastLayer, features_of, last_layer, with_last_layer
from tenfold.adaptation.memory import memory_of, with_one
from tenfold.arrays import DIGITS, checked_pair
from tenfold.errors import DataError, NetworkError
from tenfold.networks.classifier import Classifier
from tenfold.networks.onnx_classifier import OnnxClassifier

MAX_CORRECTIONS = 5000
MAX_FOLDS = 5


@dataclass(frozen=True)
class Taught:
    """What teaching did.

    A digit counts as misread if another digit, or "not a digit", is more probable.

    Attributes:
        network: the taught network.
        layer: its last layer.
        corrections: how many corrected digits there were.
        misread_before: how many of them the network misread.
        misread_after: how many of them are misread, each by a layer that was fitted without its group.
        kept: True if that is fewer: only then is the taught network better for this writer.
        test_errors_before: MNIST's test digits, of 10,000, that the network misread; "not a digit" does not count.
        test_errors_after: those that the taught network misreads.
        newly_wrong: the indices of the test digits that only the taught network misreads, `(n,) int64`.
        newly_right: of those that only the network before misread, `(n,) int64`.
    """

    network: OnnxClassifier
    layer: LastLayer
    corrections: int
    misread_before: int
    misread_after: int
    kept: bool
    test_errors_before: int
    test_errors_after: int
    newly_wrong: NDArray[np.int64]
    newly_right: NDArray[np.int64]

    def __str__(self) -> str:
        """The gain in one sentence."""
        return (
            f"of {self.corrections} corrected digits, {self.misread_before} would have been misread; "
            f"now {self.misread_after}; MNIST's test errors: {self.test_errors_before}, now {self.test_errors_after}"
        )

    def check_kept(self) -> None:
        """Refuse a taught network that is not better.

        Raises:
            NetworkError: it makes no fewer errors.
        """
        if not self.kept:
            raise NetworkError(
                f"{self}: the taught network is not better and is not saved; correct more digits, best of every form"
            )

    def save(self, path: str | Path) -> None:
        """Write the taught network as a folder that `tenfold.load_network` opens.

        Raises:
            NetworkError: it is not kept, because it makes no fewer errors.
            OutputError: the folder cannot be written.
        """
        self.check_kept()
        self.network.save(path, **self.facts())

    def facts(self) -> dict[str, Any]:
        """The figures for the model card."""
        return {
            "taught": {
                "corrections": self.corrections,
                "misread_before": self.misread_before,
                "misread_after": self.misread_after,
            },
            "test_images": 10_000,
            "test_errors": self.test_errors_after,
            "test_errors_before_teaching": self.test_errors_before,
        }


def teach(network: Classifier, images: ArrayLike, labels: ArrayLike, groups: Sequence[str] | None = None) -> Taught:
    """Adapt a network to corrected digits of one or a few writers, without torch.

    The last layer is fitted to the corrections and to MNIST's training digits. How many digits are misread afterwards
    is cross-validated in up to five folds over groups.

    Args:
        network: a digit network such as "digits".
        images: `(n, 28, 28) uint8`, as the network read them: `reading.image`.
        labels: `(n,)`, what they are.
        groups: the group of each, such as its sheet or its session; digits of one group may be alike. By default each
            is a group of its own.

    Raises:
        NetworkError: the network is of another kind.
        DataError: images or labels break their rules; there are too many, or fewer than two groups.
    """
    if not isinstance(network, OnnxClassifier) or not network.rejects:
        raise NetworkError(f"the network is of the kind {network.kind!r}: only a digit network can be taught")
    pixels, digits = checked_pair(images, labels)
    names = [str(i) for i in range(len(pixels))] if groups is None else list(groups)
    truth = digits.astype(np.int64)
    folds = _folds(names, truth)
    layer, memory = last_layer(network.model), memory_of(network.model)
    features = with_one(features_of(network.model, pixels))
    before = _misread(layer, features, truth)
    after = np.zeros(len(truth), np.bool_)
    for fold in np.unique(folds):
        held_out = folds == fold
        fitted = fit(layer, features[~held_out], truth[~held_out], memory)
        after[held_out] = _misread(fitted, features[held_out], truth[held_out])
    taught = fit(layer, features, truth, memory)
    wrong_before = _wrong(layer, memory.test, memory.test_labels)
    wrong_after = _wrong(taught, memory.test, memory.test_labels)
    return Taught(
        network=OnnxClassifier(with_last_layer(network.model, taught), network.parameters, network.threads),
        layer=taught,
        corrections=len(truth),
        misread_before=int(before.sum()),
        misread_after=int(after.sum()),
        kept=bool(after.sum() < before.sum()),
        test_errors_before=int(wrong_before.sum()),
        test_errors_after=int(wrong_after.sum()),
        newly_wrong=np.flatnonzero(wrong_after & ~wrong_before),
        newly_right=np.flatnonzero(wrong_before & ~wrong_after),
    )


def _folds(groups: list[str], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The fold of each correction, 0..4. Groups are dealt one by one, sorted by the digit that they begin with.

    So the corrections of one digit are spread over the folds, and no fold is judged by a layer that saw none of them.
    """
    count = len(labels)
    if len(groups) != count:
        raise DataError(f"there are {len(groups)} groups and {count} images: give each image its group")
    if count > MAX_CORRECTIONS:
        raise DataError(f"there are {count} corrected digits: at most {MAX_CORRECTIONS} can be taught at once")
    first = dict(zip(reversed(groups), reversed(labels.tolist()), strict=True))  # the digit that a group begins with
    if len(first) < 2:
        raise DataError(
            f"there are {count} corrected digits in {len(first)} groups: teaching needs at least two groups, to see "
            "whether what is learned from one helps with the other"
        )
    order = sorted(dict.fromkeys(groups), key=lambda name: first[name])  # a stable sort
    place = {name: i for i, name in enumerate(order)}
    return np.array([place[name] % MAX_FOLDS for name in groups], np.int64)


def _misread(layer: LastLayer, features: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether another class, "not a digit" included, has the largest logit."""
    wrong: NDArray[np.bool_] = _logits(layer, features).argmax(axis=1) != labels
    return wrong


def _wrong(layer: LastLayer, features: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether another digit has the largest logit, as `Classifier.score` counts."""
    wrong: NDArray[np.bool_] = _logits(layer, features)[:, :DIGITS].argmax(axis=1) != labels
    return wrong


def _logits(layer: LastLayer, features: NDArray[np.float64]) -> NDArray[np.float32]:
    return layer.logits(features[:, :-1].astype(np.float32))
