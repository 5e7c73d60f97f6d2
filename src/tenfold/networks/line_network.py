"""The line network, from its ONNX file: line images in, digit probabilities a step out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, SIDE, Grey
from tenfold.networks import serialization
from tenfold.networks.classifier import softmax
from tenfold.networks.onnx_session import TensorSpecs, open_session

TTA_SHEAR = 0.15  # columns a row


class LineNetwork:
    """The network that reads strips, from the folder of its ONNX file.

    Raises:
        NetworkError: the file is damaged, or its graph has other inputs and outputs.
    """

    def __init__(self, path: Path) -> None:
        taken: TensorSpecs = [("strips", "tensor(uint8)", [SIDE, "w"])]
        given: TensorSpecs = [("logits", "tensor(float)", ["steps", DIGITS + 1])]
        self._session = open_session(serialization.load_model(path), taken, [given])

    def probabilities(self, strip: Grey) -> NDArray[np.float32]:
        """Of the ten digits and of none of them at every step: `(steps, 11) float32`, each row sums to 1.

        The mean over the strip as it is and slanted a little either way: writers slant.

        Args:
            strip: `(28, w) uint8`, 0 paper .. 255 ink; w at least 28.
        """
        strips = np.stack([strip, _shear(strip, TTA_SHEAR), _shear(strip, -TTA_SHEAR)])
        (logits,) = self._session.run(["logits"], {"strips": strips})
        shares: NDArray[np.float32] = np.stack([softmax(scores) for scores in logits]).mean(axis=0)
        return shares


def _shear(strip: Grey, slant: float) -> Grey:
    """A strip sheared about its middle row."""
    shear = np.array([[1, slant, -slant * (SIDE - 1) / 2], [0, 1, 0]])
    return cv2.warpAffine(strip, shear, strip.shape[::-1]).astype(np.uint8)


STRIDE = 4  # columns of a strip from one step of the network for lines to the next, as its layers make it
