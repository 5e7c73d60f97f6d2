"""Ink -> the strokes of one digit: which connected pieces belong to it, and which are rules, frames, shadows or dirt.

Knows shapes. Does not know light, nor what is written.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.light import FAINTEST, Grey

Mask = NDArray[np.bool_]

FRAMED = 0.05  # of the picture: a frame around less is no frame
SQUARE = 0.85  # of the smallest rectangle around it: what fills less is no frame's inside
WRITTEN = 4  # of a frame's height, one part: what is lower is a comma or dirt
LONG = 0.75  # of the picture's side: straight lines that are longer are rules or frames


@dataclass(frozen=True)
class Look:
    """One way to look at a picture.

    Attributes:
        name: what a person is told.
        level: how dark ink must be to count, in parts of the level that parts ink from paper best (Otsu, 1979).
        ruled: whether frames and long straight lines are taken away first.
        inner: whether what reaches the rim is left out: hands, tables, the edges of shadows.
        sharp: whether ink is dark and judged against the paper near it, as the edges of shadows ask for.
        darkest: whether that level is sought anew among what is ink, so that what is printed on the paper is left out.
    """

    name: str
    level: float = 0.7
    ruled: bool = False
    inner: bool = False
    sharp: bool = False
    darkest: bool = False


PLAIN = Look("as it is")
OTHERS = (
    Look("without rules and frames", ruled=True),
    Look("without shadows", inner=True, sharp=True),
    Look("without what reaches the rim", inner=True),
    Look("fainter ink counted", level=0.4),
    Look("only the darkest ink counted", level=1.0, darkest=True),
)


def stroke_mask(ink: Grey, look: Look = PLAIN) -> tuple[Mask, float]:
    """The pixels of the heaviest connected stroke, and of the strokes near it that are not small beside it.

    Also the extent of the largest piece that was left out, away from the rim, in parts of the heaviest stroke's.
    """
    height, width = ink.shape
    large = min(height, width) > 60
    smooth = cv2.GaussianBlur(ink, (0, 0), 1) if large else ink
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if look.darkest and large and otsu < smooth.max():  # in a small picture print and ink run together
        otsu, _ = cv2.threshold(smooth[smooth > otsu], 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    _, thresholded = cv2.threshold(smooth, max(int(look.level * otsu), FAINTEST), 1, cv2.THRESH_BINARY)
    mask = thresholded.astype(np.uint8, copy=False)
    if look.ruled:
        mask = without_rules(without_rules(within_frame(mask)), down=True)
    count, labels, table, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count == 1:
        return np.zeros((height, width), bool), 0.0
    inked = mask.view(bool)
    weight = np.bincount(labels[inked], weights=ink[inked])[1:]
    left, top, right, bottom = table[1:, 0], table[1:, 1], table[1:, 0] + table[1:, 2], table[1:, 1] + table[1:, 3]
    at_rim = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    if look.inner and not at_rim.all():
        weight = np.where(at_rim, 0, weight)
    elif large:  # table edges and shadows reach the rim; in a small picture a digit may
        weight = np.where(at_rim, weight / 4, weight)
    main = weight.argmax()
    extent = np.hypot(right - left, bottom - top)
    aside = np.maximum(0, np.maximum(left[main] - right, left - right[main]))
    above = np.maximum(0, np.maximum(top[main] - bottom, top - bottom[main]))
    near = np.hypot(aside, above) < extent[main] / 4
    kept = near & (extent > extent[main] / 8) & (~at_rim | at_rim[main])
    kept[main] = True
    found = np.append(np.uint8(0), kept.astype(np.uint8))[labels]
    whole = cv2.dilate(found, np.ones((3, 3), np.uint8)).view(bool)  # with the soft edge of the strokes
    return whole, float((extent / extent[main])[~kept & ~at_rim].max(initial=0))


def within_frame(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What lies in a frame or in the cells of a table, and not the frame; all where there is none with ink in it."""
    height, width = mask.shape
    swollen = cv2.dilate(mask, np.ones((3, 3), np.uint8))  # a frame with a small gap is one still
    _, labels, table, _ = cv2.connectedComponentsWithStats(1 - swollen, connectivity=4)
    left, top, wide, high, area = table[1:].T
    inside = (left > 0) & (top > 0) & (left + wide < width) & (top + high < height) & (area > FRAMED * mask.size)
    found, framed = np.zeros_like(mask), np.zeros((height, width), bool)
    for part in np.flatnonzero(inside)[np.argsort(area[inside], kind="stable")]:
        window = np.s_[top[part] : top[part] + high[part], left[part] : left[part] + wide[part]]
        cell = (labels[window] == part + 1).astype(np.uint8)
        outline = cv2.convexHull(cv2.findNonZero(cell))
        across, down = cv2.minAreaRect(outline)[1]
        within = cv2.fillConvexPoly(np.zeros_like(cell), outline, 1)
        written = within * mask[window]
        square = cv2.contourArea(outline) > SQUARE * across * down
        if square and cv2.boundingRect(written)[3] > high[part] / WRITTEN and not (framed[window] & (within > 0)).any():
            found[window] |= written
            framed[window] |= within > 0
    return found if framed.any() else mask


def without_rules(mask: NDArray[np.uint8], down: bool = False) -> NDArray[np.uint8]:
    """Without straight lines nearly across the whole picture, or down it; strokes that cross one are mended."""
    height, width = mask.shape
    side, other = (height, width) if down else (width, height)
    length, thick = round(LONG * side) | 1, max(2, other // 25)
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
