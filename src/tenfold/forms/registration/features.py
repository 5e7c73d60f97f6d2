"""Where a blank form lies in a picture: matched features and RANSAC -> homographies. Finds each copy on one glass.

Features are SIFT (Lowe, 2004), which any rotation leaves as they are, so the four orientations need no search.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Grey
from tenfold.preprocessing.scaling import downscale

Points = NDArray[np.float32]  # (n, 2), x and y in pixels
Matrix = NDArray[np.float64]  # (3, 3), a homography

FEATURE_SIDE = 1000  # pixels of the longer side at which features are found
MAX_FEATURES = 1500  # the strongest that are kept
CONTRAST = 0.02  # of SIFT; print may be pale
RATIO = 0.8  # of the distances to the best and the next match, above which a match is ambiguous
MAX_ERROR = 4.0  # pixels at `FEATURE_SIDE` by which a match may miss the homography
MIN_INLIERS = 12  # matches that agree on a homography
MAX_COPIES = 2  # of a form that are searched in one picture
MAX_STRETCH = 1.6  # ratio by which opposite sides, or the sides' proportions, may differ from the form


class Features(NamedTuple):
    """Features of a page.

    Attributes:
        points: `(n, 2) float32`, where they are, in pixels of the page.
        descriptors: `(n, 128) float32`.
        size: width and height of the page.
    """

    points: Points
    descriptors: NDArray[np.float32]
    size: tuple[int, int]


def features_of(grey: Grey) -> Features:
    """The features of a page, `(h, w) uint8`."""
    small = downscale(grey, FEATURE_SIDE)
    found, descriptors = cv2.SIFT.create(MAX_FEATURES, contrastThreshold=CONTRAST).detectAndCompute(small, None)
    size = (grey.shape[1], grey.shape[0])
    if descriptors is None:
        return Features(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32), size)
    scale = np.array(size, np.float32) / np.array(small.shape[::-1], np.float32)
    points = (np.array([one.pt for one in found], np.float32) + 0.5) * scale - 0.5
    return Features(points.astype(np.float32), np.asarray(descriptors, np.float32), size)


def find_copies(blank: Features, page: Features) -> list[Matrix]:
    """The homographies from the blank form to each copy of it in a picture, the best one first; mostly one.

    Args:
        blank: of the blank form.
        page: of the picture.
    """
    found: list[Matrix] = []
    left = np.arange(len(page.points))
    while len(found) < MAX_COPIES:
        matrix = _homography(blank, page, left)
        if matrix is None:
            break
        found.append(matrix)
        left = left[~_inside(page.points[left], corners_in(matrix, blank.size))]
    return found


def corners_in(matrix: Matrix, size: tuple[int, int]) -> Points:
    """The corners of a page of a width and height, `(4, 2)`, in the picture that a homography leads to."""
    width, height = size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.perspectiveTransform(corners[None], matrix)[0], np.float32)


def _homography(blank: Features, page: Features, left: NDArray[np.int64]) -> Matrix | None:
    """The homography on which most matches with some features of the page agree; None if few do."""
    if len(left) < MIN_INLIERS or len(blank.points) < MIN_INLIERS:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(blank.descriptors, page.descriptors[left], k=2)
    matches = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < RATIO * pair[1].distance]
    if len(matches) < MIN_INLIERS:
        return None
    source = blank.points[[match.queryIdx for match in matches]]
    target = page.points[left[[match.trainIdx for match in matches]]]
    error = MAX_ERROR * max(page.size) / FEATURE_SIDE
    cv2.setRNGSeed(0)
    matrix, inliers = cv2.findHomography(source, target, cv2.USAC_MAGSAC, error, maxIters=3000, confidence=0.999)
    if matrix is None or int(inliers.sum()) < MIN_INLIERS:
        return None
    found: Matrix = np.asarray(matrix, np.float64)
    return found if _is_plausible(found, blank.size) else None


def _is_plausible(matrix: Matrix, size: tuple[int, int]) -> bool:
    """True if a page keeps about its shape: not mirrored, convex, and not much stretched."""
    corners = corners_in(matrix, size).astype(np.float64)
    if not np.isfinite(corners).all() or not cv2.isContourConvex(corners.astype(np.float32)):
        return False
    if cv2.contourArea(corners.astype(np.float32), oriented=True) <= 0:
        return False
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    across, down = sides[[0, 2]], sides[[1, 3]]
    proportion = across.mean() / down.mean() / (size[0] / size[1])
    ratios = (across.max() / across.min(), down.max() / down.min(), max(proportion, 1 / proportion))
    return bool(max(ratios) < MAX_STRETCH)


def _inside(points: Points, corners: Points) -> NDArray[np.bool_]:
    """Which points lie within a quadrilateral."""
    polygon = corners.reshape(-1, 1, 2)
    inside = [cv2.pointPolygonTest(polygon, (float(x), float(y)), False) >= 0 for x, y in points]
    return np.array(inside, bool)
