"""Pictures made smaller or larger. Does not know ink."""

from __future__ import annotations

import cv2
import numpy as np

from tenfold.arrays import Grey


def downscale(grey: Grey, side: int) -> Grey:
    """The same picture, made smaller where a side is longer than `side`."""
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    return cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


MIN_SIDE = 16  # pixels of the longest side: in a picture smaller than that a pixel holds strokes and gaps at once
UPSCALED_SIDE = 32  # longest side of such a picture when it is looked at
MIN_FLAT_FRACTION = 0.15  # share of pixels of one level that only paper without grain has


def upscale_tiny(grey: Grey) -> Grey:
    """A tiny picture enlarged, so that gaps and edges come to lie between its pixels.

    One without grain, with much of one level, is stretched from black to white too: its levels may be few.
    """
    scale = UPSCALED_SIDE / max(grey.shape)
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    levels = grey.astype(np.float32)
    low, high = levels.min(), levels.max()
    if high - low > MIN_CONTRAST and max((levels == low).mean(), (levels == high).mean()) > MIN_FLAT_FRACTION:
        levels = (levels - low) * (255 / (high - low))
    large = cv2.resize(levels, (width, height), interpolation=cv2.INTER_LANCZOS4)
    return np.clip(np.rint(large), 0, 255).astype(np.uint8)


MIN_CONTRAST = 8  # grey levels: ink that differs less from the paper around it is not seen
