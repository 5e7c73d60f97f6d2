"""The line network from its ONNX file: line images in, character probabilities at every step out. No decoding here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import SIDE, Grey
from tenfold.errors import NetworkError
from tenfold.networks import serialization
from tenfold.networks.classifier import softmax
from tenfold.networks.onnx_session import TensorSpecs, open_session

UNKNOWN = "?"  # the character that stands for any mark that is not a digit or a sign
TTA_SHEAR = 0.15  # columns a row, by which a line is sheared either way for test-time augmentation
BATCH_COLUMNS = 8_000  # of one call: bounds its memory, to some hundred megabytes
INPUTS: TensorSpecs = [("strips", "tensor(uint8)", [SIDE, "w"])]


class LineNetwork:
    """The network that reads line images.

    Args:
        path: the folder that holds its ONNX file, and its card with the characters that it tells apart.

    Attributes:
        characters: the character of each class, in order; after them comes blank.
        step: columns of a line image between two steps.
        first_center: the column in the middle of the first step.
        card: all that its card says, such as the fitted decision on numbers.

    Raises:
        NetworkError: a file is damaged, or the graph has other inputs or outputs than the card says.
    """

    def __init__(self, path: Path) -> None:
        card = serialization.card(path)
        try:
            self.characters, self.step = str(card["characters"]), int(card["step"])
            self.first_center = float(card["first_center"])
        except (KeyError, TypeError, ValueError) as error:
            raise NetworkError(f"card.json in {str(path)!r} does not describe a line network ({error})") from error
        self.card = card
        self._model = serialization.load_model(path)
        self._open()

    def _open(self) -> None:
        logits: TensorSpecs = [("logits", "tensor(float)", ["steps", len(self.characters) + 1])]
        self._session = open_session(self._model, INPUTS, [logits])

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_session"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._open()

    def probabilities(self, images: Sequence[Grey], sheared: bool = False) -> list[NDArray[np.float32]]:
        """The probabilities of each character and of blank at every step of each line; rows sum to 1.

        Args:
            images: `(28, w) uint8` each, 0 paper .. 255 ink; w at least 28.
            sheared: the mean over three versions of a line: as it is, and sheared either way, because writers slant.

        Returns:
            `(steps, characters + 1) float32` each.
        """
        found: list[NDArray[np.float32] | None] = [None] * len(images)
        shears = (0.0, TTA_SHEAR, -TTA_SHEAR) if sheared else (0.0,)
        for places in _batches([image.shape[1] for image in images]):
            width = max(images[place].shape[1] for place in places)
            strips = np.zeros((len(places), len(shears), SIDE, width), np.uint8)
            for row, place in enumerate(places):
                image = images[place]
                for version, shear in enumerate(shears):
                    strips[row, version, :, : image.shape[1]] = _shear(image, shear) if shear else image
            (logits,) = self._session.run(["logits"], {"strips": strips.reshape(-1, SIDE, width)})
            means = softmax(logits.reshape(-1, logits.shape[-1])).reshape(len(places), len(shears), *logits.shape[1:])
            for place, mean in zip(places, means.mean(axis=1), strict=True):
                unused = (width - images[place].shape[1]) // self.step
                found[place] = mean[: len(mean) - unused].astype(np.float32)
        return [array for array in found if array is not None]


def _batches(widths: list[int]) -> list[list[int]]:
    """The places of lines that go through the network together: lines of similar width, some columns in all."""
    batches: list[list[int]] = []
    for place in sorted(range(len(widths)), key=lambda place: widths[place]):
        if batches and (len(batches[-1]) + 1) * widths[place] <= BATCH_COLUMNS:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches


def _shear(image: Grey, shear: float) -> Grey:
    """A line image sheared about its middle row, by `shear` columns a row."""
    matrix = np.array([[1, shear, -shear * (SIDE - 1) / 2], [0, 1, 0]])
    return cv2.warpAffine(image, matrix, image.shape[::-1]).astype(np.uint8)
