"""The preprocessing of one digit: any picture -> the 28 x 28 image that a network reads, with every stage kept.

Does not know networks, or whether the ink is a digit.
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


WORKING_SIDE = 400  # pixels of the longer side at which the digit is segmented
MIN_SECOND_OBJECT = 0.5  # fraction of the digit's extent; another object this large may be another digit
LOW_CONTRAST = 40  # gray levels; strokes that differ more from the paper never have low contrast
MIN_CONTRAST_TO_NOISE = 4.0  # standard deviations of the grain by which strokes must stand out


@dataclass(frozen=True, eq=False)
class Stages:
    """The stages of a picture on its way to an image, as arrays to be shown.

    Attributes:
        picture: `(h, w) uint8`, 0 black .. 255 white: the picture, grayscale and upright.
        ink: `(h, w) uint8`, 0 paper .. 255 darkest ink: the background subtracted.
        strokes: `(h, w) uint8`, as `ink`, but only the segmented digit.
        box: `(left, top, width, height)` in pixels of `strokes`; the width is 0 if there is no ink.
        image: `(28, 28) uint8`, 0 paper .. 255 ink: what the network reads; all 0 if there is no ink.
        low_contrast: True if the strokes hardly stand out from the grain of the paper.
        touches_border: True if the strokes touch the border of a picture that is larger than a digit may be; the edge
            of a shadow or a table may be among them.
        has_second_object: True if there is another large object, so that there may be more than one digit.
        settings: the settings of the segmentation.
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
    """Preprocess a picture.

    Args:
        picture: anything that `io.image_files.grey_pixels` takes.

    Raises:
        PictureError: it is not a picture, is damaged, or is over a limit.
    """
    return preprocess(grey_pixels(picture))


def preprocess(grey: Grey, settings: BinarizationSettings = DEFAULT) -> Stages:
    """Preprocess a grayscale picture, `(h, w) uint8`, 0 black .. 255 white, with one choice of settings."""
    fine = upscale_tiny(grey) if max(grey.shape) < MIN_SIDE else downscale(grey, WORKING_SIDE)
    ink = subtract_local_background(fine) if settings.local_background else subtract_background(fine)
    mask, second_extent = segment_digit(ink, settings)
    strokes = np.where(mask, ink, np.uint8(0))
    left, top, width, height = cv2.boundingRect(strokes)
    image = normalize(strokes[top : top + height, left : left + width]) if width else np.zeros((SIDE, SIDE), np.uint8)
    box = (left, top, width, height)
    rows, columns = ink.shape
    at_border = left == 0 or top == 0 or left + width == columns or top + height == rows
    low_contrast = bool(ink.max() < LOW_CONTRAST) and _contrast_to_noise(ink, mask) < MIN_CONTRAST_TO_NOISE
    return Stages(
        picture=grey,
        ink=_stretch_contrast(ink),
        strokes=_stretch_contrast(strokes),
        box=box,
        image=image,
        low_contrast=low_contrast,
        touches_border=at_border and min(ink.shape) > SMALL_SIDE,
        has_second_object=second_extent > MIN_SECOND_OBJECT,
        settings=settings,
    )


def _contrast_to_noise(ink: Grey, mask: Mask) -> float:
    """By how many standard deviations of the grain the strokes are darker than their surroundings."""
    paper = ink[~mask]
    if not mask.any() or not len(paper):
        return 0.0
    return float((ink[mask].mean() - paper.mean()) / (paper.std() + 1))


def _stretch_contrast(ink: Grey) -> Grey:
    return (ink * (255 / max(int(ink.max()), 1))).astype(np.uint8)
