"""Grey pixels -> ink: how far each pixel stands out from the paper around it, the light evened out.

Knows paper and light. Does not know strokes, nor what is written.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

COARSE = 64  # longest side at which paper and light are judged
SMALL = 40  # pixels of the shorter side: up to this a digit may fill its picture
JUDGED = 300  # pixels of the longer side at which it is judged whether ink is dark, and whether there is shade
DARKER = 0.25  # of the light far around: what gets so much less is in the shade
SHADED = 0.02  # of a picture: less shade than that is none
DARKEST = 8  # grey levels: darker paper is taken to be no darker, or its grain would be ink
FAINTEST = 8  # grey levels: ink that differs less from the paper around it is not seen


def at_most(grey: Grey, side: int) -> Grey:
    """The same picture, made smaller where a side is longer than `side`."""
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    return cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def ink_of(grey: Grey, dark: bool | None = None) -> Grey:
    """How much darker than the paper around it each pixel is (or lighter, where the ink is light), in grey levels.

    Args:
        grey: `(h, w) uint8`, 0 black .. 255 white.
        dark: whether the ink is darker than the paper; None to judge that from the picture.
    """
    coarse = at_most(grey, COARSE)
    if not (_ink_is_dark(coarse) if dark is None else dark):
        grey, coarse = 255 - grey, 255 - coarse
    return _below_paper(grey, coarse)


def ink_in_shadow(grey: Grey) -> Grey:
    """How much darker than the paper near it each pixel is, in 255ths of that paper's light.

    For dark ink where the light changes at sharp edges, as at those of a shadow; otherwise `ink_of` sees more clearly
    what is ink and what is grain, fold or print.
    """
    paper = _paper_near(grey)
    return np.rint(255 * ((paper - grey) / np.maximum(paper, DARKEST).astype(np.float32))).astype(np.uint8)


def shadowed(grey: Grey) -> bool:
    """Whether dark ink lies on paper that is partly in the shade: much is far darker than what is around it, and wide.

    Hands and tables count as shades.
    """
    if not strokes_are_dark(grey):
        return False
    small = at_most(grey, JUDGED)
    far = ink_of(small, True).astype(np.float32) + small  # the paper, or the pixel itself where that is lighter
    return bool((far - _paper_near(small) > DARKER * far).mean() > SHADED)


def strokes_are_dark(grey: Grey) -> bool:
    """Whether more of what is thin is dark than light, whatever is wide, and the picture is larger than a digit.

    In a picture that a digit may fill its strokes are as wide as any shade.
    """
    if min(grey.shape) <= SMALL:
        return False
    coarse = at_most(grey, COARSE)
    reach = max(3, min(coarse.shape) // 12 | 1)
    brush = cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))
    dark = cv2.morphologyEx(coarse, cv2.MORPH_BLACKHAT, brush)
    light = cv2.morphologyEx(coarse, cv2.MORPH_TOPHAT, brush)
    return float(dark.mean()) > float(light.mean())


def covered(ink: Grey) -> float:
    """The share of a picture, 0..1, that its ink would cover if all of it were equally dark.

    A shadow or a halo, which fades, counts for more than strokes of as much ink.
    """
    squares = float(np.square(ink, dtype=np.float32).mean())
    return float(ink.mean()) ** 2 / squares if squares else 0.0


def _paper_near(grey: Grey) -> Grey:
    """The paper, with its light, where what is dark and narrower than half the shorter side is filled."""
    reach = min(grey.shape) // 2 | 1
    wider = np.pad(grey, reach, mode="edge")  # a shadow does not end at the rim
    brush = cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))
    return cv2.morphologyEx(wider, cv2.MORPH_CLOSE, brush)[reach:-reach, reach:-reach].astype(np.uint8)


def _below_paper(grey: Grey, coarse: Grey) -> Grey:
    """How much darker than the paper around it each pixel is."""
    if min(coarse.shape) > SMALL:  # grain would lift the paper; in smaller pictures it would be a stroke
        coarse = cv2.medianBlur(coarse, 3).astype(np.uint8)
    # Closing fills everything dark that is narrower than half the picture: what is left is paper, with its light.
    reach = max(coarse.shape) // 2 | 1
    paper = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach)))
    paper = cv2.blur(paper, (reach // 2 | 1, reach // 2 | 1))
    return cv2.subtract(cv2.resize(paper, grey.shape[::-1]), grey).astype(np.uint8)


def _ink_is_dark(coarse: Grey) -> bool:
    """Whether ink is the dark side of grey.

    It is the side that covers less; in a small picture, which a digit may fill, the one that stands out from a plane
    fitted to the rim.
    """
    if min(coarse.shape) > SMALL:
        return covered(_below_paper(coarse, coarse)) < covered(_below_paper(255 - coarse, 255 - coarse))
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
