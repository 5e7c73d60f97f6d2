"""Background estimation and subtraction: gray pixels -> how far each stands out from the paper around it.

Also decides whether the ink is dark or light, and whether a shadow lies on the paper. Does not know strokes or digits.
"""

from __future__ import annotations

import cv2
import numpy as np

from tenfold.arrays import Grey
from tenfold.preprocessing.scaling import downscale

BACKGROUND_SIDE = 64  # pixels of the longer side at which the background is estimated
SMALL_SIDE = 40  # pixels of the shorter side; a digit may fill pictures up to this size
POLARITY_SIDE = 300  # pixels of the longer side at which polarity and shadows are decided
SHADOW_CONTRAST = 0.25  # fraction of the light that a pixel in the shadow lacks
MIN_SHADOW_FRACTION = 0.02  # fraction of a picture; smaller shadows are ignored
MIN_PAPER_LEVEL = 8  # gray levels; darker paper counts as this dark, or its grain would become ink


def subtract_background(grey: Grey, dark: bool | None = None) -> Grey:
    """How much darker than the paper around it each pixel is, in gray levels; lighter, if the ink is light.

    Args:
        grey: `(h, w) uint8`, 0 black .. 255 white.
        dark: True if the ink is darker than the paper; None to decide that from the picture.
    """
    coarse = downscale(grey, BACKGROUND_SIDE)
    if not (is_ink_dark(coarse) if dark is None else dark):
        grey, coarse = 255 - grey, 255 - coarse
    return _background_difference(grey, coarse)


def subtract_local_background(grey: Grey) -> Grey:
    """How much darker than the paper next to it each pixel is, in 255ths of the level of that paper.

    For dark ink in light that changes at sharp edges, such as those of a shadow. Elsewhere `subtract_background`
    separates ink better from grain, folds and print.
    """
    paper = _local_background(grey)
    return np.rint(255 * ((paper - grey) / np.maximum(paper, MIN_PAPER_LEVEL).astype(np.float32))).astype(np.uint8)


def has_shadow(grey: Grey) -> bool:
    """True if dark ink lies on partly shaded paper: a large, wide region is much darker than its surroundings.

    Hands and table edges count as shadows.
    """
    if not has_dark_ink(grey):
        return False
    small = downscale(grey, POLARITY_SIDE)
    # The estimated paper, or the pixel itself if it is lighter.
    paper = subtract_background(small, True).astype(np.float32) + small
    return bool((paper - _local_background(small) > SHADOW_CONTRAST * paper).mean() > MIN_SHADOW_FRACTION)


def has_dark_ink(grey: Grey) -> bool:
    """True if more of the thin structures are dark than light, and the picture is larger than a digit may be.

    In a picture that a digit fills, strokes are as wide as a shadow.
    """
    if min(grey.shape) <= SMALL_SIDE:
        return False
    coarse = downscale(grey, BACKGROUND_SIDE)
    kernel_size = max(3, min(coarse.shape) // 12 | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (kernel_size, kernel_size))
    dark = cv2.morphologyEx(coarse, cv2.MORPH_BLACKHAT, kernel)
    light = cv2.morphologyEx(coarse, cv2.MORPH_TOPHAT, kernel)
    return float(dark.mean()) > float(light.mean())


def ink_coverage(ink: Grey) -> float:
    """The fraction of a picture, 0..1, that its ink would cover if all of it were equally dark.

    A shadow or a halo, which fades, has a larger coverage than strokes with as much ink.
    """
    squares = float(np.square(ink, dtype=np.float32).mean())
    return float(ink.mean()) ** 2 / squares if squares else 0.0


def _local_background(grey: Grey) -> Grey:
    """The paper: everything dark and narrower than half the shorter side is filled."""
    size = min(grey.shape) // 2 | 1
    padded = np.pad(grey, size, mode="edge")  # a shadow does not end at the border
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (size, size))
    return cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)[size:-size, size:-size].astype(np.uint8)


def _background_difference(grey: Grey, coarse: Grey) -> Grey:
    """How much darker than the paper around it each pixel is."""
    if (
        min(coarse.shape) > SMALL_SIDE
    ):  # grain would raise the background; in smaller pictures this would remove strokes
        coarse = cv2.medianBlur(coarse, 3).astype(np.uint8)
    # Closing fills everything dark that is narrower than half the picture. The rest is paper, as it is lit.
    size = max(coarse.shape) // 2 | 1
    paper = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (size, size)))
    paper = cv2.blur(paper, (size // 2 | 1, size // 2 | 1))
    return cv2.subtract(cv2.resize(paper, grey.shape[::-1]), grey).astype(np.uint8)


def is_ink_dark(coarse: Grey) -> bool:
    """True if the ink is darker than the paper.

    Ink is the polarity that covers less. In a small picture, which a digit may fill, it is the one that stands out from
    a plane fitted to the border.
    """
    if min(coarse.shape) > SMALL_SIDE:
        return ink_coverage(_background_difference(coarse, coarse)) < ink_coverage(
            _background_difference(255 - coarse, 255 - coarse)
        )
    height, width = coarse.shape
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    margin = max(1, round(0.04 * min(height, width)))
    border = np.ones((height, width), bool)
    border[margin:-margin, margin:-margin] = False
    plane = np.stack([np.ones(height * width), columns.ravel(), rows.ravel()], axis=1)
    on_border, levels = plane[border.ravel()], coarse[border].astype(np.float64)
    error = np.abs(levels - np.median(levels))  # a robust start: one dark edge of four does not tilt the plane
    ridge = 1e-6 * np.eye(3)  # a picture one pixel wide has no plane
    for _ in range(4):  # reweighted least squares: ink and hands on the border lose their weight
        weighted = on_border.T / (1 + (error / (np.median(error) + 2)) ** 2)
        coefficients = np.linalg.solve(weighted @ on_border + ridge, weighted @ levels)
        error = np.abs(levels - on_border @ coefficients)
    difference = coarse.ravel() - plane @ coefficients
    return bool((difference * np.abs(difference)).sum() < 0)
