"""Refinement of a homography by patches of print: where each lies in the picture, to a fraction of a pixel.

The same patches tell how much of the print is found, and thereby whether the sheet is one of the form.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Grey
from tenfold.forms.registration.features import Matrix, Points
from tenfold.preprocessing.scaling import downscale

PATCH_SIDE = 1400  # pixels of the longer side of the blank form at which patches are compared
HALF = 30  # pixels of half a patch
GRID = 56  # pixels between the middles of patches
MIN_CORNER = 0.12  # of the strongest corner; patches with less print, or with lines in one direction only, are left out
MAX_PATCHES = 160
SEARCHES = (14, 6)  # pixels around its place in which a patch is searched, in each round
FOUND = 0.55  # correlation from which a patch counts as found
MAX_MISS = 3.0  # pixels by which a patch may miss the homography
MIN_PATCHES = 8


class Patches(NamedTuple):
    """Patches of the print of a blank form.

    Attributes:
        page: `(h, w) uint8`, the blank form, its longer side `PATCH_SIDE` pixels at most.
        middles: `(n, 2) float32`, in pixels of `page`.
        scale: pixels of the blank form for one of `page`.
    """

    page: Grey
    middles: Points
    scale: float


class Fit(NamedTuple):
    """How well a sheet fits a form.

    Attributes:
        matrix: `(3, 3)`, from pixels of the blank form to pixels of the picture.
        found: 0..1, the fraction of the patches that were found.
        error: the median distance of the found ones from where the homography puts them, in pixels of the blank form.
    """

    matrix: Matrix
    found: float
    error: float


def patches_of(blank: Grey) -> Patches:
    """Patches of a blank form, `(h, w) uint8`, whose print has corners."""
    page = np.asarray(cv2.GaussianBlur(downscale(blank, PATCH_SIDE), (0, 0), 1.0), np.uint8)
    scale = max(blank.shape) / max(page.shape)
    strength = np.asarray(cv2.cornerMinEigenVal(page, 9), np.float32)
    height, width = page.shape
    strength[: HALF + 1], strength[height - HALF - 1 :] = 0, 0
    strength[:, : HALF + 1], strength[:, width - HALF - 1 :] = 0, 0
    found: list[tuple[float, float, float]] = []
    for top in range(0, height, GRID):
        for left in range(0, width, GRID):
            window = strength[top : top + GRID, left : left + GRID]
            y, x = np.unravel_index(int(window.argmax()), window.shape)
            found.append((float(window[y, x]), float(left + x), float(top + y)))
    strongest = max((one[0] for one in found), default=0.0)
    kept = sorted((one for one in found if one[0] > MIN_CORNER * strongest), reverse=True)[:MAX_PATCHES]
    return Patches(page, np.array([one[1:] for one in kept], np.float32).reshape(-1, 2), scale)


def fit_patches(patches: Patches, picture: Grey, matrix: Matrix) -> Fit:
    """Refine a homography.

    Args:
        patches: of the blank form.
        picture: `(h, w) uint8`.
        matrix: from pixels of the blank form to pixels of the picture.
    """
    to_blank = np.array(
        [[patches.scale, 0, 0.5 * patches.scale - 0.5], [0, patches.scale, 0.5 * patches.scale - 0.5], [0, 0, 1]]
    )
    matrix = matrix @ to_blank  # from pixels of `patches.page`
    middles, count = patches.middles, len(patches.middles)
    moved, scores = middles, np.zeros(count, np.float32)
    for reach in SEARCHES:
        warped = warp(picture, matrix, (patches.page.shape[1], patches.page.shape[0]))
        moved, scores = _searched(patches, warped, reach)
        good = scores >= FOUND
        if good.sum() < MIN_PATCHES:
            break
        cv2.setRNGSeed(0)
        change, _ = cv2.findHomography(middles[good], moved[good], cv2.RANSAC, MAX_MISS)
        if change is None:
            break
        matrix = matrix @ np.asarray(change, np.float64)
        moved = np.asarray(cv2.perspectiveTransform(moved[None], np.linalg.inv(change))[0], np.float32)
    misses = np.linalg.norm(moved - middles, axis=1)
    good = (scores >= FOUND) & (misses < 2 * MAX_MISS)
    error = float(np.median(misses[good])) * patches.scale if good.any() else np.inf
    return Fit(matrix @ np.linalg.inv(to_blank), float(good.sum()) / max(count, MIN_PATCHES), error)


def warp(picture: Grey, matrix: Matrix, size: tuple[int, int]) -> Grey:
    """The part of a picture that a page of a width and height lies on; beyond the picture it is white."""
    shrink = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))  # pixels of the picture for one of the page
    if shrink > 1.5:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.4 * shrink), np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(picture, matrix, size, flags=flags, borderValue=255), np.uint8)


def _searched(patches: Patches, warped: Grey, reach: int) -> tuple[Points, NDArray[np.float32]]:
    """Where each patch lies in a picture in the frame of the form, and how well it correlates there."""
    page = np.asarray(cv2.GaussianBlur(warped, (0, 0), 0.8), np.uint8)
    page = np.pad(page, reach, mode="edge")
    moved = patches.middles.copy()
    scores = np.zeros(len(moved), np.float32)
    for place, (x, y) in enumerate(patches.middles.astype(int)):
        patch = patches.page[y - HALF : y + HALF + 1, x - HALF : x + HALF + 1]
        window = page[y - HALF : y + HALF + 1 + 2 * reach, x - HALF : x + HALF + 1 + 2 * reach]
        response = np.asarray(cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED), np.float32)
        _, score, _, (right, down) = cv2.minMaxLoc(response)
        scores[place] = score if np.isfinite(score) else 0
        moved[place] += (
            right - reach + _vertex(response[down], right),
            down - reach + _vertex(response[:, right], down),
        )
    return moved, scores


def _vertex(values: NDArray[np.float32], place: int) -> float:
    """How far from a place the vertex of the parabola through it and its neighbours lies, -0.5..0.5."""
    if not 0 < place < len(values) - 1:
        return 0.0
    before, here, after = (float(value) for value in values[place - 1 : place + 2])
    bend = before - 2 * here + after
    return float(np.clip((before - after) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0
