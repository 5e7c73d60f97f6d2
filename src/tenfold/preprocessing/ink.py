"""The ink of a picture: how much darker than the paper under it each pixel is, whatever the light.

Computed once for every picture. Decides whether the ink is darker or lighter than the paper. Does not know digits.
"""

from __future__ import annotations

import cv2
import numpy as np

from tenfold.arrays import Grey
from tenfold.preprocessing.background import BACKGROUND_SIDE, is_ink_dark
from tenfold.preprocessing.scaling import MIN_SIDE, downscale, upscale_tiny

WORKING_SIDE = 256  # pixels of the longer side at which ink is computed
PAPER_SIDE = 128  # pixels of the longer side at which the paper is estimated
MIN_PAPER_LEVEL = 16  # gray levels; darker paper counts as this dark, or its grain would become ink


def ink_of(grey: Grey) -> Grey:
    """Subtract the paper and divide by it.

    The paper is a morphological closing: everything narrower than half the picture that is darker than its
    surroundings is filled. It keeps the edges of shadows, and dividing by it makes ink in the shade as dark as ink in
    the light.

    Args:
        grey: `(h, w) uint8`, 0 black .. 255 white.

    Returns:
        `(h, w) uint8` with at most 256 pixels a side, 0 paper .. 255 ink; in 255ths of the level of the paper.
    """
    fine = upscale_tiny(grey) if max(grey.shape) < MIN_SIDE else downscale(grey, WORKING_SIDE)
    if not is_ink_dark(downscale(fine, BACKGROUND_SIDE)):
        fine = 255 - fine
    coarse = downscale(fine, PAPER_SIDE)
    if min(coarse.shape) > 40:
        coarse = cv2.medianBlur(coarse, 3).astype(np.uint8)
    size = max(coarse.shape) // 2 | 1
    paper = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (size, size)))
    paper = cv2.resize(paper, fine.shape[::-1], interpolation=cv2.INTER_LINEAR)
    difference = cv2.subtract(paper, fine)
    return cv2.divide(difference, np.maximum(paper, MIN_PAPER_LEVEL), scale=255).astype(np.uint8)
