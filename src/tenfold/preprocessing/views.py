"""Views: a region of the ink with its surroundings, scaled so that the region always has the same size."""

from __future__ import annotations

import cv2
import numpy as np

from tenfold.arrays import VIEW_SIDE, Grey, View
from tenfold.preprocessing.regions import Region

REGION_SIDE = 20  # pixels of the longer side of the region in its view; as much again is around it
REGION_LEVEL = 200  # the ink of the region in its view; darker ink can still be told from it
OUTSIDE = 128  # of the second channel, where the picture ends


def view_of(ink: Grey, region: Region) -> View:
    """Cut out the view of a region.

    Args:
        ink: `(h, w) uint8`, 0 paper .. 255 ink.
        region: the region, in pixels of `ink`.

    Returns:
        `(2, 40, 40) uint8`: the ink, at a level of about 200 in the region; and the region itself: 255 where its mask
        is, 128 outside the picture, 0 elsewhere.
    """
    left, top, width, height = region.box
    scale = REGION_SIDE / max(width, height)
    reach = VIEW_SIDE / scale / 2
    x, y = left + width / 2 - reach, top + height / 2 - reach
    rows, columns = ink.shape
    x0, y0 = max(0, int(np.floor(x))), max(0, int(np.floor(y)))
    x1, y1 = min(columns, int(np.ceil(x + 2 * reach))), min(rows, int(np.ceil(y + 2 * reach)))
    levels, (a, b, c, d) = _resized(ink[y0:y1, x0:x1], (x0 - x, y0 - y, x1 - x, y1 - y), scale)
    soft = region.mask.view(np.uint8) * np.uint8(255)
    inside, (e, f, g, h) = _resized(soft, (left - x, top - y, left + width - x, top + height - y), scale)
    view = np.zeros((2, VIEW_SIDE, VIEW_SIDE), np.uint8)
    view[1] = OUTSIDE
    view[1, b:d, a:c] = 0
    view[1, f:h, e:g][inside > 127] = 255
    view[0, b:d, a:c] = levels
    strokes = view[0][view[1] == 255]
    dark = float(np.percentile(strokes, 75)) if len(strokes) else 255.0
    view[0] = np.minimum(np.rint(view[0] * np.float32(REGION_LEVEL / max(dark, 1.0))), 255)
    return view


def _resized(
    plane: Grey, edges: tuple[float, float, float, float], scale: float
) -> tuple[Grey, tuple[int, int, int, int]]:
    """A part of the picture scaled to the pixels of the view, and these: left, top, right, bottom."""
    a, b, c, d = (int(np.clip(round(edge * scale), 0, VIEW_SIDE)) for edge in edges)
    a, b = min(a, VIEW_SIDE - 1), min(b, VIEW_SIDE - 1)
    c, d = max(c, a + 1), max(d, b + 1)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(plane, (c - a, d - b), interpolation=interpolation).astype(np.uint8), (a, b, c, d)
