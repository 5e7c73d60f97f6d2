"""The boxes and combs printed on a blank form, as proposals for its fields. Does not know templates."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from tenfold.arrays import Box, Grey
from tenfold.preprocessing.background import subtract_background

LEAST, MOST = 0.008, 0.09  # height of a cell, as a fraction of the longer side of the page
MIN_RECTANGULARITY = 0.85  # fraction of its bounding box that a cell fills
MIN_ASPECT = 0.4  # width / height of the slimmest cell
DIGIT_ASPECT = 1.6  # width / height of the widest cell that holds one digit
MAX_GAP = 0.7  # heights between cells of one field, such as for a printed point
MAX_UNEVEN = 0.25  # of the height, by which cells of one field may differ
MIN_INK = 40  # gray levels by which print differs from the paper
MAX_CELLS = 2000


class PrintedBox(NamedTuple):
    """A box or a row of cells.

    Attributes:
        box: `(left, top, width, height)`, in pixels of the page.
        digits: how many cells it has, if each holds one digit; None for a free line.
    """

    box: Box
    digits: int | None


def printed_boxes(page: Grey) -> list[PrintedBox]:
    """The printed boxes of a blank form, `(h, w) uint8`, from top to bottom and left to right."""
    rows: list[list[Box]] = []
    for cell in sorted(_cells(page), key=lambda box: (box[1] + box[3] / 2, box[0])):
        row = next((row for row in rows if _is_level(row[-1], cell)), None)
        if row is None:
            rows.append([cell])
        else:
            row.append(cell)
    found = [_joined(group) for row in rows for group in _groups(sorted(row))]
    return sorted(found, key=lambda one: (round(one.box[1] / max(1, one.box[3])), one.box[0]))


def _cells(page: Grey) -> list[Box]:
    """The insides of printed rectangles."""
    ink = (subtract_background(page, True) > MIN_INK).astype(np.uint8)
    paper = 1 - cv2.dilate(ink, np.ones((3, 3), np.uint8))
    _, _, table, _ = cv2.connectedComponentsWithStats(paper, connectivity=4)
    left, top, wide, high, area = table[1:].T
    side = max(page.shape)
    good = (high >= LEAST * side) & (high <= MOST * side) & (wide >= MIN_ASPECT * high)
    good &= (area >= MIN_RECTANGULARITY * wide * high) & (left > 0) & (top > 0)
    good &= (left + wide < page.shape[1]) & (top + high < page.shape[0])
    boxes = table[1:][good][:MAX_CELLS, :4]
    return [(int(x) - 1, int(y) - 1, int(w) + 2, int(h) + 2) for x, y, w, h in boxes]


def _is_level(one: Box, other: Box) -> bool:
    """True if two boxes stand in one row."""
    allowed = MAX_UNEVEN * min(one[3], other[3])
    return abs(one[1] - other[1]) <= allowed and abs(one[1] + one[3] - other[1] - other[3]) <= allowed


def _groups(row: list[Box]) -> list[list[Box]]:
    """The cells of a row, those of each field together: cells for single digits that are near to one another."""
    groups: list[list[Box]] = []
    for cell in row:
        last = groups[-1][-1] if groups else None
        if (
            last is not None
            and max(last[2] / last[3], cell[2] / cell[3]) <= DIGIT_ASPECT
            and cell[0] - last[0] - last[2] <= MAX_GAP * cell[3]
        ):
            groups[-1].append(cell)
        else:
            groups.append([cell])
    return groups


def _joined(cells: list[Box]) -> PrintedBox:
    left, top = min(cell[0] for cell in cells), min(cell[1] for cell in cells)
    right, bottom = max(cell[0] + cell[2] for cell in cells), max(cell[1] + cell[3] for cell in cells)
    single = cells[0][2] / cells[0][3] <= DIGIT_ASPECT
    return PrintedBox((left, top, right - left, bottom - top), len(cells) if single else None)
