"""Printed rules, frames and table cells, removed from a mask of ink."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

MIN_FRAME_FRACTION = 0.05  # of the picture: a frame around less is no frame
MIN_RECTANGULARITY = 0.85  # of the smallest rectangle around it: what fills less is no frame's inside
MIN_CONTENT_DIVISOR = 4  # of a frame's height, one part: what is lower is a comma or dirt
MIN_RULE_LENGTH = 0.75  # of the picture's side: straight lines that are longer are rules or frames


def crop_to_frame(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What lies in a frame or in the cells of a table, and not the frame; all where there is none with ink in it."""
    height, width = mask.shape
    swollen = cv2.dilate(mask, np.ones((3, 3), np.uint8))  # a frame with a small gap is one still
    _, labels, table, _ = cv2.connectedComponentsWithStats(1 - swollen, connectivity=4)
    left, top, wide, high, area = table[1:].T
    inside = (
        (left > 0) & (top > 0) & (left + wide < width) & (top + high < height) & (area > MIN_FRAME_FRACTION * mask.size)
    )
    found, framed = np.zeros_like(mask), np.zeros((height, width), bool)
    for part in np.flatnonzero(inside)[np.argsort(area[inside], kind="stable")]:
        window = np.s_[top[part] : top[part] + high[part], left[part] : left[part] + wide[part]]
        cell = (labels[window] == part + 1).astype(np.uint8)
        outline = cv2.convexHull(cv2.findNonZero(cell))
        across, down = cv2.minAreaRect(outline)[1]
        within = cv2.fillConvexPoly(np.zeros_like(cell), outline, 1)
        written = within * mask[window]
        square = cv2.contourArea(outline) > MIN_RECTANGULARITY * across * down
        if (
            square
            and cv2.boundingRect(written)[3] > high[part] / MIN_CONTENT_DIVISOR
            and not (framed[window] & (within > 0)).any()
        ):
            found[window] |= written
            framed[window] |= within > 0
    return found if framed.any() else mask


def remove_rules(mask: NDArray[np.uint8], down: bool = False) -> NDArray[np.uint8]:
    """Without straight lines nearly across the whole picture, or down it; strokes that cross one are mended."""
    height, width = mask.shape
    side, other = (height, width) if down else (width, height)
    length, thick = round(MIN_RULE_LENGTH * side) | 1, max(2, other // 25)
    if length < 8:
        return mask
    along, across = ((1, length), (3, 1)) if down else ((length, 1), (1, 3))
    swollen = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_RECT, across))  # lines are a little askew
    # An opening by sums, whose time does not grow with the length.
    whole = cv2.boxFilter(swollen, cv2.CV_32S, along, normalize=False, borderType=cv2.BORDER_REPLICATE) == length
    straight = cv2.boxFilter(whole.view(np.uint8), cv2.CV_32S, along, normalize=False, borderType=cv2.BORDER_CONSTANT)
    straight = (straight > 0).view(np.uint8)
    lines = cv2.bitwise_and(straight, mask)
    brush = (thick * 2 + 1, 1) if down else (1, thick * 2 + 1)
    solid = cv2.morphologyEx(lines, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, brush))
    lines = cv2.subtract(lines, solid)  # what is thick is no rule
    rest = cv2.subtract(mask, lines)
    mended = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, brush))
    return cv2.bitwise_or(rest, cv2.bitwise_and(mended, lines)).astype(np.uint8)
