"""Views: a region of the ink with its surroundings, scaled so that the region always has the same size."""

from __future__ import annotations

import cv2
import numpy as np

from tenfold.arrays import VIEW_SIDE, Box, Grey, Mask, View

REGION_SIDE = 20  # pixels of the longer side of the region in its view; as much again is around it
REGION_LEVEL = 200  # the ink of the region in its view; darker ink can still be told from it
OUTSIDE = 128  # of the second channel, where the picture ends


def view_of(ink: Grey, mask: Mask, box: Box) -> View:
    """Cut out the view of a region.

    Args:
        ink: `(h, w) uint8`, 0 paper .. 255 ink.
        mask: `(h, w) bool`, the ink that belongs to the region.
        box: `(left, top, width, height)` of the region, in pixels of `ink`.

    Returns:
        `(2, 40, 40) uint8`: the ink, at a level of about 200 in the region; and the region itself: 255 where its mask
        is, 128 outside the picture, 0 elsewhere.
    """
    left, top, width, height = box
    reach = max(width, height) * VIEW_SIDE / REGION_SIDE / 2
    scale = VIEW_SIDE / (2 * reach)
    x, y = left + width / 2 - reach, top + height / 2 - reach
    rows, columns = ink.shape
    x0, y0 = max(0, int(np.floor(x))), max(0, int(np.floor(y)))
    x1, y1 = min(columns, int(np.ceil(x + 2 * reach))), min(rows, int(np.ceil(y + 2 * reach)))
    target = [round((x0 - x) * scale), round((y0 - y) * scale), round((x1 - x) * scale), round((y1 - y) * scale)]
    a, b, c, d = (int(np.clip(value, 0, VIEW_SIDE)) for value in target)
    c, d = max(c, a + 1), max(d, b + 1)
    window = np.s_[y0:y1, x0:x1]
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    levels = cv2.resize(ink[window], (c - a, d - b), interpolation=interpolation).astype(np.float32)
    inside = cv2.resize(mask[window].view(np.uint8) * np.uint8(255), (c - a, d - b), interpolation=interpolation)
    strokes = levels[inside > 127]
    dark = float(np.percentile(strokes, 75)) if len(strokes) else 255.0
    view = np.zeros((2, VIEW_SIDE, VIEW_SIDE), np.uint8)
    view[1] = OUTSIDE
    view[0, b:d, a:c] = np.minimum(np.rint(levels * (REGION_LEVEL / max(dark, 1.0))), 255)
    view[1, b:d, a:c] = np.where(inside > 127, 255, 0)
    return view
