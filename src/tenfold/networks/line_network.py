"""The line network from its ONNX file: a line image in, digit probabilities at every step out. No decoding here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, SIDE, Grey
from tenfold.networks import serialization
from tenfold.networks.classifier import softmax
from tenfold.networks.onnx_session import TensorSpecs, open_session

STRIDE = 4  # columns of a line image between two steps; the product of the strides of the layers
TTA_SHEAR = 0.15  # columns a row, by which a line is sheared either way for test-time augmentation
INPUTS: TensorSpecs = [("strips", "tensor(uint8)", [SIDE, "w"])]
LOGITS: TensorSpecs = [("logits", "tensor(float)", ["steps", DIGITS + 1])]


class LineNetwork:
    """The network that reads line images.

    Args:
        path: the folder that holds its ONNX file.

    Raises:
        NetworkError: the file is damaged, or its graph has other inputs or outputs.
    """

    def __init__(self, path: Path) -> None:
        self._model = serialization.load_model(path)
        self._session = open_session(self._model, INPUTS, [LOGITS])

    def __getstate__(self) -> dict[str, Any]:
        return {"_model": self._model}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._model = state["_model"]
        self._session = open_session(self._model, INPUTS, [LOGITS])

    def probabilities(self, image: Grey) -> NDArray[np.float32]:
        """The probabilities of the ten digits and of blank at every step, `(steps, 11) float32`; rows sum to 1.

        They are the mean over three versions of the line: as it is, and sheared either way, because writers slant.

        Args:
            image: `(28, w) uint8`, 0 paper .. 255 ink; w at least 28.
        """
        versions = np.stack([image, _shear(image, TTA_SHEAR), _shear(image, -TTA_SHEAR)])
        (logits,) = self._session.run(["logits"], {"strips": versions})
        probabilities: NDArray[np.float32] = np.stack([softmax(scores) for scores in logits]).mean(axis=0)
        return probabilities


def _shear(image: Grey, shear: float) -> Grey:
    """A line image sheared about its middle row, by `shear` columns a row."""
    matrix = np.array([[1, shear, -shear * (SIDE - 1) / 2], [0, 1, 0]])
    return cv2.warpAffine(image, matrix, image.shape[::-1]).astype(np.uint8)
