"""Printed rules, frames and table cells, removed from a mask of ink. Does not know digits."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

MIN_FRAME_FRACTION = 0.05  # fraction of the picture that a frame must enclose
MIN_RECTANGULARITY = 0.85  # fraction of its smallest enclosing rectangle that the inside of a frame must fill
MIN_CONTENT_DIVISOR = 4  # content must be higher than the frame divided by this; less is a comma or dirt
MIN_RULE_LENGTH = 0.75  # fraction of the picture's side; longer straight lines are rules or frames


def crop_to_frame(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Keep the ink inside a frame or the cells of a table, without the frame; without such a frame, keep everything."""
    height, width = mask.shape
    dilated = cv2.dilate(mask, np.ones((3, 3), np.uint8))  # closes small gaps in a frame
    _, labels, table, _ = cv2.connectedComponentsWithStats(1 - dilated, connectivity=4)
    left, top, wide, high, area = table[1:].T
    inside = (
        (left > 0) & (top > 0) & (left + wide < width) & (top + high < height) & (area > MIN_FRAME_FRACTION * mask.size)
    )
    content, framed = np.zeros_like(mask), np.zeros((height, width), bool)
    for region in np.flatnonzero(inside)[np.argsort(area[inside], kind="stable")]:
        window = np.s_[top[region] : top[region] + high[region], left[region] : left[region] + wide[region]]
        cell = (labels[window] == region + 1).astype(np.uint8)
        outline = cv2.convexHull(cv2.findNonZero(cell))
        across, down = cv2.minAreaRect(outline)[1]
        within = cv2.fillConvexPoly(np.zeros_like(cell), outline, 1)
        ink_inside = within * mask[window]
        rectangular = cv2.contourArea(outline) > MIN_RECTANGULARITY * across * down
        if (
            rectangular
            and cv2.boundingRect(ink_inside)[3] > high[region] / MIN_CONTENT_DIVISOR
            and not (framed[window] & (within > 0)).any()
        ):
            content[window] |= ink_inside
            framed[window] |= within > 0
    return content if framed.any() else mask


def remove_rules(mask: NDArray[np.uint8], down: bool = False) -> NDArray[np.uint8]:
    """Remove straight lines across nearly the whole picture, or down it; strokes that cross a line are repaired."""
    height, width = mask.shape
    length = round(MIN_RULE_LENGTH * (height if down else width)) | 1
    return mask if length < 8 else remove_straight_runs(mask, length, down)


def remove_straight_runs(
    mask: NDArray[np.uint8], length: int, down: bool = False, thick: int | None = None
) -> NDArray[np.uint8]:
    """Remove straight lines of at least `length` pixels; strokes that cross a line are repaired.

    Args:
        mask: `(h, w) uint8`, 0 or 1.
        length: of the shortest line that is removed.
        down: upright lines instead of those across.
        thick: lines of more than twice this width stay; by default 1/25 of the picture's side.
    """
    height, width = mask.shape
    thick = max(2, (width if down else height) // 25) if thick is None else thick
    length |= 1
    if length > (height if down else width):
        return mask
    along, across = ((1, length), (3, 1)) if down else ((length, 1), (1, 3))
    dilated = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_RECT, across))  # lines are slightly skewed
    # An opening by box sums, whose time does not depend on the length.
    whole = cv2.boxFilter(dilated, cv2.CV_32S, along, normalize=False, borderType=cv2.BORDER_REPLICATE) == length
    straight = cv2.boxFilter(whole.view(np.uint8), cv2.CV_32S, along, normalize=False, borderType=cv2.BORDER_CONSTANT)
    straight = (straight > 0).view(np.uint8)
    lines = cv2.bitwise_and(straight, mask)
    kernel = (thick * 2 + 1, 1) if down else (1, thick * 2 + 1)
    solid = cv2.morphologyEx(lines, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, kernel))
    lines = cv2.subtract(lines, solid)  # thick lines are not rules
    rest = cv2.subtract(mask, lines)
    repaired = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, kernel))
    return cv2.bitwise_or(rest, cv2.bitwise_and(repaired, lines)).astype(np.uint8)
