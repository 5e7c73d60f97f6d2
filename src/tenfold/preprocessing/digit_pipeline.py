"""Any picture of one digit -> the 28 x 28 image that a network reads, every stage kept.

Knows the way from ink to image and how MNIST was made (LeCun et al., 1998: the ink in a box of 20 x 20 pixels, its
centre of mass in the middle of 28 x 28). Does not know any network, nor whether the ink is a digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from tenfold.arrays import SIDE, Box, Grey, Mask
from tenfold.io.image_files import grey_pixels
from tenfold.preprocessing.background import SMALL_SIDE, subtract_background, subtract_local_background
from tenfold.preprocessing.binarization import DEFAULT, BinarizationSettings, segment_digit
from tenfold.preprocessing.normalization import normalize
from tenfold.preprocessing.scaling import MIN_SIDE, downscale, upscale_tiny

if TYPE_CHECKING:
    from tenfold.io.image_files import Picture


WORKING_SIDE = 400  # longest side at which ink is cut out
MIN_SECOND_OBJECT = 0.5  # of the digit's extent: something as large elsewhere may be another digit
LOW_CONTRAST = 40  # grey levels: strokes that are darker than the paper by more are never faint
MIN_CONTRAST_TO_NOISE = 4.0  # deviations of the paper's grain by which strokes must stand out


@dataclass(frozen=True, eq=False)
class Stages:
    """What became of a picture on its way to an image: arrays that a person can look at.

    Attributes:
        picture: `(h, w) uint8`, 0 black .. 255 white: the picture in grey, upright.
        ink: `(h, w) uint8`, 0 paper .. 255 darkest ink: the light evened out, nothing removed yet.
        strokes: `(h, w) uint8`, as `ink`: only what was taken for the digit.
        box: `(left, top, width, height)` in pixels of `strokes`; a width of 0 where there is no ink.
        image: `(28, 28) uint8`, 0 paper .. 255 ink: what the network sees; all 0 where there is no ink.
        low_contrast: whether the strokes hardly stand out from the grain of the paper.
        touches_border: whether the strokes go up to the rim of a picture that is larger than a digit: the edge of a
            shadow or a
            table may be among them.
        has_second_object: whether as much ink again lies elsewhere, so that there may be more than one digit.
        settings: how the picture was looked at.
    """

    picture: Grey
    ink: Grey
    strokes: Grey
    box: Box
    image: Grey
    low_contrast: bool
    touches_border: bool
    has_second_object: bool
    settings: BinarizationSettings


def preprocess_file(picture: Picture) -> Stages:
    """Find the ink in a picture and centre it as MNIST's images are.

    Args:
        picture: anything that `tenfold.io.image_files.grey_pixels` takes.

    Raises:
        PictureError: it is no picture, is damaged, or is over a limit.
    """
    return preprocess(grey_pixels(picture))


def preprocess(grey: Grey, look: BinarizationSettings = DEFAULT) -> Stages:
    """The stages of grey pixels, `(h, w) uint8`, 0 black .. 255 white, looked at in one way."""
    fine = upscale_tiny(grey) if max(grey.shape) < MIN_SIDE else downscale(grey, WORKING_SIDE)
    ink = subtract_local_background(fine) if look.local_background else subtract_background(fine)
    mask, elsewhere = segment_digit(ink, look)
    strokes = np.where(mask, ink, np.uint8(0))
    left, top, width, height = cv2.boundingRect(strokes)
    image = normalize(strokes[top : top + height, left : left + width]) if width else np.zeros((SIDE, SIDE), np.uint8)
    box = (left, top, width, height)
    high, wide = ink.shape
    at_rim = min(high, wide) > SMALL_SIDE and (left == 0 or top == 0 or left + width == wide or top + height == high)
    faint = bool(ink.max() < LOW_CONTRAST) and _contrast_to_noise(ink, mask) < MIN_CONTRAST_TO_NOISE
    return Stages(
        grey,
        _stretch_contrast(ink),
        _stretch_contrast(strokes),
        box,
        image,
        faint,
        at_rim,
        elsewhere > MIN_SECOND_OBJECT,
        look,
    )


def _contrast_to_noise(ink: Grey, mask: Mask) -> float:
    """By how many deviations of the grain the strokes are darker than what is around them."""
    paper = ink[~mask]
    if not mask.any() or not len(paper):
        return 0.0
    return float((ink[mask].mean() - paper.mean()) / (paper.std() + 1))


def _stretch_contrast(ink: Grey) -> Grey:
    return (ink * (255 / max(int(ink.max()), 1))).astype(np.uint8)
