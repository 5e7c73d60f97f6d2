"""A reading -> which pixels spoke for its digit, and which against.

Knows how to ask a network. Does not know how the answer is drawn.
"""

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

PATCH = 3  # pixels, odd

EXACT = "pixel times weight: exact, for the scores are sums of these"
OCCLUSION = "occlusion (Zeiler and Fergus, 2014): what turning 3 x 3 pixels into their opposite takes from a score"


@dataclass(frozen=True, eq=False)
class Explanation:
    """What each pixel of an image had to do with each score.

    Attributes:
        digit: the digit that was read.
        runner_up: the digit with the second largest score.
        attributions: `(10, 28, 28) float64`, a plane a digit: above 0 the pixel spoke for it, below 0 against it.
        baseline: `(10,) float64`: each score where there is no ink. For linear networks a score is its start and the
            sum of its plane.
        exact: whether that is so.
        method: how the contributions were found, in a sentence.
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
        names = [str(digit) for digit in range(DIGITS)] + [f"{self.digit} against {self.runner_up}"]
        shown = list(zip(planes, names, strict=True))
        return notebook.pictures(shown, 72, "which pixels spoke for the digit") + notebook.line(self.method)

    @property
    def evidence(self) -> NDArray[np.float64]:
        """`(28, 28)`: for the digit (above 0) and against it (below)."""
        plane: NDArray[np.float64] = self.attributions[self.digit]
        return plane

    @property
    def evidence_over_runner_up(self) -> NDArray[np.float64]:
        """`(28, 28)`: for the digit rather than the rival (above 0), or the other way round (below)."""
        plane: NDArray[np.float64] = self.attributions[self.digit] - self.attributions[self.runner_up]
        return plane


def explain(reading: Reading) -> Explanation:
    """Which pixels spoke for the digit of a reading, and which against it.

    Linear networks are explained exactly, all others by occlusion, in about a twentieth of a second.

    Raises:
        PictureError: the reading has no digit, or is that of a whole number.
    """
    if not isinstance(reading, Reading):
        raise PictureError(f"a {type(reading).__name__} is no reading of one digit: give `.digits[0].reading`, say")
    if reading.digit is None or reading.network is None:
        raise PictureError(f"there is no digit to explain: {reading.problem or 'no network read this'}")
    others = reading.probabilities.copy()
    others[reading.digit] = -1
    contributions, exact = _attributions(reading.network, reading.image)
    blank = np.zeros((1, SIDE, SIDE), np.uint8)
    return Explanation(
        digit=reading.digit,
        runner_up=int(others.argmax()),
        attributions=contributions,
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
    """For each pixel the mean, over the patches it is in, of what their turning takes from each score."""
    turned = np.repeat(image[None], PIXELS, axis=0)
    reach = PATCH // 2
    for i, (row, column) in enumerate(np.ndindex(SIDE, SIDE)):
        patch = np.s_[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1]
        turned[i][patch] = 255 - image[patch]
    lost = network.scores(image[None])[0].astype(np.float64) - network.scores(turned).astype(np.float64)
    planes = [cv2.blur(plane, (PATCH, PATCH)) for plane in lost.T.reshape(DIGITS, SIDE, SIDE)]
    return np.stack(planes).astype(np.float64)
