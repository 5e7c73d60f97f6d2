"""Attribution: which pixels are evidence for the digit of a reading, and which against it. Nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, PIXELS, SIDE
from tenfold.errors import PictureError
from tenfold.networks.classifier import Classifier
from tenfold.networks.mlp import MLP
from tenfold.networks.onelayer import OneLayerNet
from tenfold.recognition.results import Reading

PATCH = 3  # pixels on a side, odd: the part of an image that occlusion inverts at a time

EXACT = "pixel times weight: exact, because a score is the sum of these"
OCCLUSION = "occlusion (Zeiler and Fergus, 2014): how much a score drops if 3 x 3 pixels are inverted"


@dataclass(frozen=True, eq=False)
class Explanation:
    """What each pixel of an image contributes to each score.

    Attributes:
        digit: the digit of the reading.
        runner_up: the digit with the second largest score.
        attributions: `(10, 28, 28) float64`, one plane a digit: above 0 the pixel is evidence for it, below 0 against.
        baseline: `(10,) float64`: each score of a blank image. For linear networks a score is its baseline plus the
            sum of its plane.
        exact: True if that holds.
        method: how the attributions were computed, in one sentence.
    """

    digit: int
    runner_up: int
    attributions: NDArray[np.float64]
    baseline: NDArray[np.float64]
    exact: bool
    method: str

    def _repr_html_(self) -> str:
        from tenfold.visualization import notebook

        planes = notebook.signed(np.concatenate([self.attributions, self.evidence_over_runner_up[None]]))
        names = [str(digit) for digit in range(DIGITS)] + [f"{self.digit} over {self.runner_up}"]
        shown = list(zip(planes, names, strict=True))
        return notebook.pictures(shown, 72, "evidence for the digit") + notebook.line(self.method)

    @property
    def evidence(self) -> NDArray[np.float64]:
        """`(28, 28)`: evidence for the digit (above 0) and against it (below 0)."""
        plane: NDArray[np.float64] = self.attributions[self.digit]
        return plane

    @property
    def evidence_over_runner_up(self) -> NDArray[np.float64]:
        """`(28, 28)`: evidence for the digit over the runner-up (above 0), or the reverse (below 0)."""
        plane: NDArray[np.float64] = self.attributions[self.digit] - self.attributions[self.runner_up]
        return plane


def explain(reading: Reading) -> Explanation:
    """Compute which pixels are evidence for the digit of a reading, and which against it.

    The attribution is exact for linear networks. For all others it is by occlusion, which takes about 0.05 s.

    Raises:
        PictureError: the reading has no digit, or is the reading of a number.
    """
    if not isinstance(reading, Reading):
        raise PictureError(
            f"a {type(reading).__name__} is not the reading of one digit: give `.digits[0].reading`, say"
        )
    if reading.digit is None or reading.network is None:
        raise PictureError(f"there is no digit to explain: {reading.problem or 'no network classified it'}")
    rest = reading.probabilities.copy()
    rest[reading.digit] = -1
    attributions, exact = _attributions(reading.network, reading.image)
    blank = np.zeros((1, SIDE, SIDE), np.uint8)
    return Explanation(
        digit=reading.digit,
        runner_up=int(rest.argmax()),
        attributions=attributions,
        baseline=reading.network.scores(blank)[0].astype(np.float64),
        exact=exact,
        method=EXACT if exact else OCCLUSION,
    )


def _attributions(network: Classifier, image: NDArray[np.uint8]) -> tuple[NDArray[np.float64], bool]:
    pixels = image.reshape(PIXELS).astype(np.float64)
    if isinstance(network, OneLayerNet):
        return (network.weights * pixels).reshape(DIGITS, SIDE, SIDE), True
    if isinstance(network, MLP) and not network.hidden:
        weights = network.layers[0][0].T.astype(np.float64)
        return (weights * (pixels / 255)).reshape(DIGITS, SIDE, SIDE), True
    return _occlusion(network, image), False


def _occlusion(network: Classifier, image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """For each pixel, the mean drop of each score over the inverted patches that contain it."""
    inverted = np.repeat(image[None], PIXELS, axis=0)
    radius = PATCH // 2
    for i, (row, column) in enumerate(np.ndindex(SIDE, SIDE)):
        patch = np.s_[max(0, row - radius) : row + radius + 1, max(0, column - radius) : column + radius + 1]
        inverted[i][patch] = 255 - image[patch]
    drop = network.scores(image[None])[0].astype(np.float64) - network.scores(inverted).astype(np.float64)
    planes = [cv2.blur(plane, (PATCH, PATCH)) for plane in drop.T.reshape(DIGITS, SIDE, SIDE)]
    return np.stack(planes).astype(np.float64)
