"""Line detection: any picture -> its lines of writing in reading order, each as a line image 28 pixels high.

Does not know how a line image is read.
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
from tenfold.preprocessing.layout.components import Components, Uprights, components_of, without_frames
from tenfold.preprocessing.layout.fields import split_row
from tenfold.preprocessing.layout.rows import clear_border, rows_of
from tenfold.preprocessing.rule_removal import remove_rules
from tenfold.preprocessing.scaling import MIN_CONTRAST, downscale

MAX_COVERAGE = 0.12  # fraction of a page that writing covers; more is print or grain
DETECTION_SIDE = 600  # pixels of the longer side at which lines are detected
MAX_PAGE_SIDE = 1200  # pixels of the longer side of a picture from which lines are cut
TEXT_HEIGHT = 20  # pixels of a line image that the writing fills, as digits fill MNIST's images
PADDING = 22  # columns of paper at either end of a line image, so that the outer digits have paper on both sides
MAX_LINE_WIDTH = 2000  # pixels; more than a hundred digits


@dataclass(frozen=True, eq=False)
class Line:
    """A line of writing.

    Attributes:
        image: `(28, w) uint8`, 0 paper .. 255 ink: the line image, with `PADDING` columns of paper at either end.
        ink: `(height, width) uint8`, in gray levels, or 255ths of the paper: the line before scaling.
        box: `(left, top, width, height)`: its place in the picture.
    """

    image: Grey
    ink: Grey
    box: Box


def page_ink(grey: Grey) -> Grey:
    """The ink of a page, `(h, w) uint8`, 0 paper .. 255 black on white.

    Args:
        grey: `(h, w) uint8`, 0 black .. 255 white, no side longer than `MAX_PAGE_SIDE`.
    """
    if has_shadow(grey):
        return subtract_local_background(grey)
    small = downscale(grey, POLARITY_SIDE)
    coverage_if_dark, coverage_if_light = (ink_coverage(subtract_background(small, dark)) for dark in (True, False))
    return subtract_background(grey, coverage_if_dark <= coverage_if_light)  # writing covers less than paper


def detect_lines(ink: Grey) -> list[Line]:
    """Detect the lines of writing in the ink of a page, from top to bottom; empty if there is no ink."""
    return [cut_line(ink, _around(boxes)) for boxes in _number_boxes(ink)]


def detect_numbers(ink: Grey) -> list[list[Line]]:
    """Detect the numbers of each line of writing, rows from top to bottom, each from left to right.

    Numbers of one line are those that stand apart, as in the columns of a table or the fields of a form.
    """
    return [[cut_line(ink, box) for box in boxes] for boxes in _number_boxes(ink)]


def whole_page_as_line(ink: Grey) -> Line:
    """The whole page as one line, for a picture that was cut out of a form."""
    return cut_line(ink, (0, 0, ink.shape[1], ink.shape[0]))


def cut_line(ink: Grey, box: Box) -> Line:
    """Cut a line out of a page, with the box `(left, top, width, height)` in its pixels, and scale it."""
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
    columns = int(np.clip(round(width * scale), SIDE, MAX_LINE_WIDTH))
    small = cv2.resize(crop, (columns, SIDE), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    dark = max(float(np.percentile(small[small >= small.max() / 3], 60)), MIN_CONTRAST)  # the middle of the strokes
    image: Grey = np.minimum(small * (255 / dark), 255).astype(np.uint8)
    return np.pad(image, ((0, 0), (PADDING, PADDING)))


def _number_boxes(ink: Grey) -> list[list[Box]]:
    """The boxes of the numbers of each row, with a margin such that the writing fills 20 of 28 rows of an image."""
    coarse = downscale(ink, DETECTION_SIDE)
    height, width = coarse.shape
    smooth = cv2.GaussianBlur(coarse, (0, 0), 1) if height > 60 else coarse
    mask, uprights = without_frames(_thresholded(smooth.astype(np.uint8)))
    _, components = components_of(remove_rules(mask))
    rows = rows_of(components, width, height)
    if not rows and len(components):  # all in one component, for example with a sloping rule below
        return [[(0, 0, ink.shape[1], ink.shape[0])]]
    components = clear_border(components, width, height)
    numbers = [split_row(row, uprights) for row in rows]
    boxes = [_boxes_of_row(of_row, components, uprights, width, height) for of_row in numbers]
    return [[_scale_box(box, coarse, ink) for box in of_row] for of_row in _suppress_overlaps(boxes)]


def _thresholded(ink: Grey) -> NDArray[np.uint8]:
    """Otsu's threshold; once more above it where too much is, as on patterned paper."""
    otsu, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if (ink > otsu).mean() > MAX_COVERAGE and otsu < ink.max():
        otsu, _ = cv2.threshold(ink[ink > otsu], 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return (ink > max(0.9 * otsu, MIN_CONTRAST)).astype(np.uint8)


def _suppress_overlaps(rows: list[list[Box]]) -> list[list[Box]]:
    """The rows from top to bottom, without those that overlap a higher one, or are much lower than the highest."""
    kept: list[tuple[Box, list[Box]]] = []
    for whole, boxes in sorted(((_around(boxes), boxes) for boxes in rows), key=lambda row: -row[0][3]):
        left, top, width, height = whole
        free = all(
            min(top + height, t + h) - max(top, t) < 0.5 * height or min(left + width, x + w) <= max(left, x)
            for (x, t, w, h), _ in kept
        )
        if free and (not kept or height > 0.4 * kept[0][0][3]):
            kept.append((whole, boxes))
    return [boxes for _, boxes in sorted(kept, key=lambda row: row[0][1])]


def _boxes_of_row(
    numbers: list[Components], components: Components, uprights: Uprights, width: int, height: int
) -> list[Box]:
    """The box of each number of a row; signs beside a number belong to it."""
    boxes = []
    for place, number in enumerate(numbers):
        top, bottom = int(number[:, 1].min()), int((number[:, 1] + number[:, 3]).max())
        margin = round((bottom - top) * (SIDE - TEXT_HEIGHT) / TEXT_HEIGHT / 2)
        first = 0 if place == 0 else (_right(numbers[place - 1]) + _left(number)) // 2
        last = width if place == len(numbers) - 1 else (_right(number) + _left(numbers[place + 1])) // 2
        middles, centers = components[:, 1] + components[:, 3] / 2, components[:, 0] + components[:, 2] / 2
        beside = (top <= middles) & (middles <= bottom) & (first <= centers) & (centers <= last)
        signs = components[beside & (components[:, 3] <= 2 * (bottom - top))]
        left = min(_left(number), _left(signs) if len(signs) else width)
        right = max(_right(number), _right(signs) if len(signs) else 0)
        if len(numbers) > 1:  # the rule of a table beside a number is not part of it
            crossing = uprights.x[(uprights.top < bottom) & (uprights.bottom > top)]
            first = max([first, *(int(x) + 2 for x in crossing[crossing < left])])
            last = min([last, *(int(x) - 1 for x in crossing[crossing > right])])
        left, right = max(0, first, left - 3 * margin), min(width, last, right + 3 * margin)
        top, bottom = max(0, top - margin), min(height, bottom + margin)
        boxes.append((left, top, max(1, right - left), max(1, bottom - top)))
    return boxes


def _around(boxes: list[Box]) -> Box:
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return left, top, right - left, bottom - top


def _left(components: Components) -> int:
    return int(components[:, 0].min())


def _right(components: Components) -> int:
    return int((components[:, 0] + components[:, 2]).max())
