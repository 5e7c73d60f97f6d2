"""Size normalization: the ink of one digit, scaled and centered as MNIST was made (LeCun et al., 1998)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import SIDE, Grey

BOX_SIDE = 20  # pixels of the longer side of the ink in an image
MIN_STROKE_WIDTH = 2.4  # pixels at that size; thinner strokes are thickened, or downscaling would fade them


def normalize(crop: Grey) -> Grey:
    """Scale the ink of a crop to 20 pixels and put its center of mass on row and column 14, as in MNIST.

    Args:
        crop: `(h, w) uint8`, 0 paper .. 255 ink, cropped to the ink; some pixel must be above 0.

    Returns:
        `(28, 28) uint8`, 0 paper .. 255 ink.
    """
    dark = np.percentile(crop[crop > crop.max() / 3], 60)  # the middle of a stroke, not its soft edge
    soft = np.minimum(crop / dark, 1).astype(np.float32)
    soft = _thicken_strokes(soft, MIN_STROKE_WIDTH * max(soft.shape) / BOX_SIDE)
    scale = BOX_SIDE / max(soft.shape)
    height, width = (max(1, round(length * scale)) for length in soft.shape)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.minimum(cv2.resize(soft, (width, height), interpolation=interpolation) * 1.1, 1)
    mass = small.sum()
    down = (small.sum(axis=1) @ np.arange(height)) / mass
    across = (small.sum(axis=0) @ np.arange(width)) / mass
    top = int(np.clip(round(SIDE / 2 - down), 0, SIDE - height))
    left = int(np.clip(round(SIDE / 2 - across), 0, SIDE - width))
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[top : top + height, left : left + width] = np.rint(small * 255)
    return image


def _thicken_strokes(soft: NDArray[np.float32], wanted: float) -> NDArray[np.float32]:
    """Thicken strokes to about `wanted` pixels, and crop to them again."""
    inside = cv2.distanceTransform(np.pad(soft > 0.4, 1).astype(np.uint8), cv2.DIST_L2, 3)
    width = 4 * float(inside[inside > 0].mean())  # across a stroke of width w the mean distance to its edge is w / 4
    missing = round(wanted - width)
    if missing < 1:
        return soft
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1, missing + 1))
    thick = cv2.dilate(np.pad(soft, missing), kernel)
    if missing > 2:
        thick = cv2.GaussianBlur(thick, (0, 0), missing / 6)
    rows, columns = np.nonzero(thick > 0.05)
    return thick[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].astype(np.float32)
