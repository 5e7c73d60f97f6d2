"""Change the size of pictures: reduce large ones, enlarge tiny ones. Does not know ink."""

from __future__ import annotations

import cv2
import numpy as np

from tenfold.arrays import Grey

MIN_CONTRAST = 8  # gray levels; smaller differences from the paper do not count as ink
MIN_SIDE = 16  # pixels of the longer side; in smaller pictures one pixel holds strokes and gaps at once
UPSCALED_SIDE = 32  # pixels of the longer side after enlarging such a picture
MIN_FLAT_FRACTION = 0.15  # fraction of pixels at the darkest or lightest level that only paper without grain has


def downscale(grey: Grey, side: int) -> Grey:
    """Reduce a picture so that no side is longer than `side` pixels; smaller pictures stay as they are."""
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    return cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def upscale_tiny(grey: Grey) -> Grey:
    """Enlarge a tiny picture, so that gaps and edges lie between its pixels.

    A picture without grain, in which many pixels share one level, is also stretched from black to white, because it
    may have only a few levels.
    """
    scale = UPSCALED_SIDE / max(grey.shape)
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    levels = grey.astype(np.float32)
    low, high = levels.min(), levels.max()
    if high - low > MIN_CONTRAST and max((levels == low).mean(), (levels == high).mean()) > MIN_FLAT_FRACTION:
        levels = (levels - low) * (255 / (high - low))
    large = cv2.resize(levels, (width, height), interpolation=cv2.INTER_LANCZOS4)
    return np.clip(np.rint(large), 0, 255).astype(np.uint8)
