"""Grey pixels -> ink: how far each pixel stands out from the paper around it, the light evened out.

Knows paper and light. Does not know strokes, nor what is written.
"""

from __future__ import annotations

import cv2
import numpy as np

from tenfold.arrays import Grey
from tenfold.preprocessing.scaling import downscale

BACKGROUND_SIDE = 64  # longest side at which paper and light are judged
SMALL_SIDE = 40  # pixels of the shorter side: up to this a digit may fill its picture
POLARITY_SIDE = 300  # pixels of the longer side at which it is judged whether ink is dark, and whether there is shade
SHADOW_CONTRAST = 0.25  # of the light far around: what gets so much less is in the shade
MIN_SHADOW_FRACTION = 0.02  # of a picture: less shade than that is none
MIN_PAPER_LEVEL = 8  # grey levels: darker paper is taken to be no darker, or its grain would be ink


def subtract_background(grey: Grey, dark: bool | None = None) -> Grey:
    """How much darker than the paper around it each pixel is (or lighter, where the ink is light), in grey levels.

    Args:
        grey: `(h, w) uint8`, 0 black .. 255 white.
        dark: whether the ink is darker than the paper; None to judge that from the picture.
    """
    coarse = downscale(grey, BACKGROUND_SIDE)
    if not (_is_ink_dark(coarse) if dark is None else dark):
        grey, coarse = 255 - grey, 255 - coarse
    return _background_difference(grey, coarse)


def subtract_local_background(grey: Grey) -> Grey:
    """How much darker than the paper near it each pixel is, in 255ths of that paper's light.

    For dark ink where the light changes at sharp edges, as at those of a shadow; otherwise `subtract_background` sees
    more clearly
    what is ink and what is grain, fold or print.
    """
    paper = _local_background(grey)
    return np.rint(255 * ((paper - grey) / np.maximum(paper, MIN_PAPER_LEVEL).astype(np.float32))).astype(np.uint8)


def has_shadow(grey: Grey) -> bool:
    """Whether dark ink lies on paper that is partly in the shade: much is far darker than what is around it, and wide.

    Hands and tables count as shades.
    """
    if not has_dark_ink(grey):
        return False
    small = downscale(grey, POLARITY_SIDE)
    far = (
        subtract_background(small, True).astype(np.float32) + small
    )  # the paper, or the pixel itself where that is lighter
    return bool((far - _local_background(small) > SHADOW_CONTRAST * far).mean() > MIN_SHADOW_FRACTION)


def has_dark_ink(grey: Grey) -> bool:
    """Whether more of what is thin is dark than light, whatever is wide, and the picture is larger than a digit.

    In a picture that a digit may fill its strokes are as wide as any shade.
    """
    if min(grey.shape) <= SMALL_SIDE:
        return False
    coarse = downscale(grey, BACKGROUND_SIDE)
    reach = max(3, min(coarse.shape) // 12 | 1)
    brush = cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))
    dark = cv2.morphologyEx(coarse, cv2.MORPH_BLACKHAT, brush)
    light = cv2.morphologyEx(coarse, cv2.MORPH_TOPHAT, brush)
    return float(dark.mean()) > float(light.mean())


def ink_coverage(ink: Grey) -> float:
    """The share of a picture, 0..1, that its ink would cover if all of it were equally dark.

    A shadow or a halo, which fades, counts for more than strokes of as much ink.
    """
    squares = float(np.square(ink, dtype=np.float32).mean())
    return float(ink.mean()) ** 2 / squares if squares else 0.0


def _local_background(grey: Grey) -> Grey:
    """The paper, with its light, where what is dark and narrower than half the shorter side is filled."""
    reach = min(grey.shape) // 2 | 1
    wider = np.pad(grey, reach, mode="edge")  # a shadow does not end at the rim
    brush = cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))
    return cv2.morphologyEx(wider, cv2.MORPH_CLOSE, brush)[reach:-reach, reach:-reach].astype(np.uint8)


def _background_difference(grey: Grey, coarse: Grey) -> Grey:
    """How much darker than the paper around it each pixel is."""
    if min(coarse.shape) > SMALL_SIDE:  # grain would lift the paper; in smaller pictures it would be a stroke
        coarse = cv2.medianBlur(coarse, 3).astype(np.uint8)
    # Closing fills everything dark that is narrower than half the picture: what is left is paper, with its light.
    reach = max(coarse.shape) // 2 | 1
    paper = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach)))
    paper = cv2.blur(paper, (reach // 2 | 1, reach // 2 | 1))
    return cv2.subtract(cv2.resize(paper, grey.shape[::-1]), grey).astype(np.uint8)


def _is_ink_dark(coarse: Grey) -> bool:
    """Whether ink is the dark side of grey.

    It is the side that covers less; in a small picture, which a digit may fill, the one that stands out from a plane
    fitted to the rim.
    """
    if min(coarse.shape) > SMALL_SIDE:
        return ink_coverage(_background_difference(coarse, coarse)) < ink_coverage(
            _background_difference(255 - coarse, 255 - coarse)
        )
    height, width = coarse.shape
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    margin = max(1, round(0.04 * min(height, width)))
    rim = np.ones((height, width), bool)
    rim[margin:-margin, margin:-margin] = False
    plane = np.stack([np.ones(height * width), columns.ravel(), rows.ravel()], axis=1)
    on_rim, levels = plane[rim.ravel()], coarse[rim].astype(np.float64)
    error = np.abs(levels - np.median(levels))  # from which the fit starts: one dark edge of four tilts no paper
    little = 1e-6 * np.eye(3)  # a picture one pixel wide has no plane
    for _ in range(4):  # reweighted least squares: ink and hands on the rim lose their say
        weighted = on_rim.T / (1 + (error / (np.median(error) + 2)) ** 2)
        shape = np.linalg.solve(weighted @ on_rim + little, weighted @ levels)
        error = np.abs(levels - on_rim @ shape)
    outstanding = coarse.ravel() - plane @ shape
    return bool((outstanding * np.abs(outstanding)).sum() < 0)
