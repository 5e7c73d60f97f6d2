"""Any picture -> its lines of writing, each as a strip 28 pixels high, in reading order.

Knows what a line of digits looks like on a sheet. Does not know how a strip is read.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import SIDE, Box, Grey
from tenfold.preprocessing.background import (
    POLARITY_SIDE,
    has_shadow,
    ink_coverage,
    subtract_background,
    subtract_local_background,
)
from tenfold.preprocessing.rule_removal import remove_rules
from tenfold.preprocessing.scaling import MIN_CONTRAST, downscale

Components = NDArray[np.int64]  # a row a piece: left, top, width, height, area

MAX_COMPONENTS = 500  # pieces that are looked at to find lines: noise has many more
DETECTION_SIDE = 600  # pixels of the longer side at which lines are looked for
MAX_PAGE_SIDE = 1200  # pixels of the longer side of a picture that lines are cut out of
TEXT_HEIGHT = 20  # pixels of a strip that its writing fills, as MNIST's digits fill theirs
PADDING = 22  # columns of paper at either end of a strip, so that a digit at its very end has paper on both sides too
MAX_LINE_WIDTH = 2000  # pixels; more than a hundred digits


@dataclass(frozen=True, eq=False)
class Line:
    """A line of writing.

    Attributes:
        image: `(28, w) uint8`, 0 paper .. 255 ink: what the network reads, with `PADDING` columns of paper at either
            end.
        ink: `(height, width) uint8`, in grey levels, or 255ths of the light: the same before it was scaled.
        box: `(left, top, width, height)`: where in the picture that is.
    """

    image: Grey
    ink: Grey
    box: Box


def page_ink(grey: Grey) -> Grey:
    """The ink of a sheet, `(h, w) uint8`, 0 paper .. 255 black on white.

    Args:
        grey: `(h, w) uint8`, 0 black .. 255 white, no side longer than `MAX_PAGE_SIDE`.
    """
    if has_shadow(grey):
        return subtract_local_background(grey)
    small = downscale(grey, POLARITY_SIDE)
    dark = ink_coverage(subtract_background(small, True)) <= ink_coverage(
        subtract_background(small, False)
    )  # writing covers less than paper
    return subtract_background(grey, dark)


def detect_lines(ink: Grey) -> list[Line]:
    """The lines of writing on a sheet, from top to bottom, of what `page_ink` gives; none where there is no ink."""
    coarse = downscale(ink, DETECTION_SIDE)
    return [_line(ink, _scale_box(box, coarse, ink)) for box in _line_boxes(coarse)]


def whole_page_as_line(ink: Grey) -> Line:
    """The whole sheet as one line, for one that was cut out of a form already."""
    return _line(ink, (0, 0, ink.shape[1], ink.shape[0]))


def _line(ink: Grey, box: Box) -> Line:
    left, top, width, height = box
    crop = ink[top : top + height, left : left + width]
    return Line(_line_image(crop), crop, box)


def _scale_box(box: Box, coarse: Grey, fine: Grey) -> Box:
    """A box in one picture as a box in a finer one."""
    scale = max(fine.shape) / max(coarse.shape)
    left, top, width, height = (round(length * scale) for length in box)
    return left, top, min(width, fine.shape[1] - left), min(height, fine.shape[0] - top)


def _line_image(crop: Grey) -> Grey:
    height, width = crop.shape
    scale = SIDE / height
    wide = int(np.clip(round(width * scale), SIDE, MAX_LINE_WIDTH))
    small = cv2.resize(crop, (wide, SIDE), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    dark = max(float(np.percentile(small[small >= small.max() / 3], 60)), MIN_CONTRAST)  # the middle of the strokes
    image: Grey = np.minimum(small * (255 / dark), 255).astype(np.uint8)
    return np.pad(image, ((0, 0), (PADDING, PADDING)))


def _line_boxes(ink: Grey) -> list[Box]:
    """The boxes of the lines with a margin, so that what is written fills 20 of 28 rows."""
    height, width = ink.shape
    smooth = cv2.GaussianBlur(ink, (0, 0), 1) if height > 60 else ink
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    mask = remove_rules((smooth > max(0.9 * otsu, MIN_CONTRAST)).astype(np.uint8))
    _, _, table, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    parts = _clear_border(table[1:].astype(np.int64), width, height)
    rows: list[list[Components]] = []
    for part in sorted(_digit_sized(parts), key=lambda part: part[1] + part[3] / 2):
        middle = part[1] + part[3] / 2
        home = next((row for row in rows if _overlaps_row(row, middle)), None)
        if home is None:
            rows.append([part])
        else:
            home.append(part)
    if not rows and len(table) > 1:  # all in one piece, with a sloping rule under it, say
        return [(0, 0, width, height)]
    return _suppress_overlaps([_line_box(row, parts, width, height) for row in rows])


def _suppress_overlaps(boxes: list[Box]) -> list[Box]:
    """The lines from top to bottom, without what lies across a higher one or is far lower than the highest."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box[3]):
        _, top, _, height = box
        free = all(min(top + height, t + h) - max(top, t) < 0.5 * height for _, t, _, h in kept)
        if free and (not kept or height > 0.4 * kept[0][3]):
            kept.append(box)
    return sorted(kept, key=lambda box: box[1])


def _clear_border(parts: Components, width: int, height: int) -> Components:
    """Without what reaches in from the rim and is far larger than what does not: hands, table edges, shadows."""
    left, top, wide, high = parts[:, 0], parts[:, 1], parts[:, 2], parts[:, 3]
    inside = (left > 0) & (top > 0) & (left + wide < width) & (top + high < height) & (high >= 4)
    if inside.sum() < 2:
        return parts
    written: Components = parts[inside | (high < 2.5 * high[inside].max())]
    return written


def _digit_sized(parts: Components) -> Components:
    """What may be digits: a rule, a dash or a point says nothing about where a line is."""
    upright: Components = parts[(parts[:, 2] < 4 * parts[:, 3]) & (parts[:, 3] >= 4)]
    if not len(upright):
        return upright
    usual = np.percentile(upright[:, 3], 95)
    highest = np.argsort(-upright[:, 3], kind="stable")[:MAX_COMPONENTS]
    tall: Components = upright[[i for i in highest if upright[i, 3] > 0.4 * usual]]
    return tall


def _overlaps_row(row: list[Components], middle: float) -> bool:
    tops, bottoms = [part[1] for part in row], [part[1] + part[3] for part in row]
    return bool(np.median(tops) <= middle <= np.median(bottoms))


def _line_box(row: list[Components], parts: Components, width: int, height: int) -> Box:
    top, bottom = min(part[1] for part in row), max(part[1] + part[3] for part in row)
    middles = parts[:, 1] + parts[:, 3] / 2
    beside = parts[(top <= middles) & (middles <= bottom)]
    margin = round((bottom - top) * (SIDE - TEXT_HEIGHT) / TEXT_HEIGHT / 2)
    left = max(0, int(beside[:, 0].min()) - 3 * margin)
    right = min(width, int((beside[:, 0] + beside[:, 2]).max()) + 3 * margin)
    top, bottom = max(0, top - margin), min(height, bottom + margin)
    return left, int(top), right - left, int(bottom - top)
