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
from tenfold.preprocessing.rule_removal import remove_rules
from tenfold.preprocessing.scaling import MIN_CONTRAST, downscale

Components = NDArray[np.int64]  # one row a component: left, top, width, height, area

MAX_COMPONENTS = 500  # the highest components that are considered; noise has many more
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
    coarse = downscale(ink, DETECTION_SIDE)
    return [cut_line(ink, _scale_box(box, coarse, ink)) for box in _line_boxes(coarse)]


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


def _line_boxes(ink: Grey) -> list[Box]:
    """The boxes of the lines, with a margin such that the writing fills 20 of 28 rows."""
    height, width = ink.shape
    smooth = cv2.GaussianBlur(ink, (0, 0), 1) if height > 60 else ink
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    mask = remove_rules((smooth > max(0.9 * otsu, MIN_CONTRAST)).astype(np.uint8))
    _, _, table, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    components = _clear_border(table[1:].astype(np.int64), width, height)
    rows: list[list[Components]] = []
    for component in sorted(_digit_sized(components), key=lambda component: component[1] + component[3] / 2):
        middle = component[1] + component[3] / 2
        row = next((row for row in rows if _overlaps_row(row, middle)), None)
        if row is None:
            rows.append([component])
        else:
            row.append(component)
    if not rows and len(table) > 1:  # all in one component, for example with a sloping rule below
        return [(0, 0, width, height)]
    return _suppress_overlaps([_line_box(row, components, width, height) for row in rows])


def _suppress_overlaps(boxes: list[Box]) -> list[Box]:
    """The lines from top to bottom, without those that overlap a higher one, or are much lower than the highest."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box[3]):
        _, top, _, height = box
        free = all(min(top + height, t + h) - max(top, t) < 0.5 * height for _, t, _, h in kept)
        if free and (not kept or height > 0.4 * kept[0][3]):
            kept.append(box)
    return sorted(kept, key=lambda box: box[1])


def _clear_border(components: Components, width: int, height: int) -> Components:
    """Drop components that touch the border and are much larger than the others: hands, table edges, shadows."""
    left, top, wide, high = components[:, 0], components[:, 1], components[:, 2], components[:, 3]
    inside = (left > 0) & (top > 0) & (left + wide < width) & (top + high < height) & (high >= 4)
    if inside.sum() < 2:
        return components
    kept: Components = components[inside | (high < 2.5 * high[inside].max())]
    return kept


def _digit_sized(components: Components) -> Components:
    """Keep the components that may be digits; rules, dashes and points do not show where a line is."""
    upright: Components = components[(components[:, 2] < 4 * components[:, 3]) & (components[:, 3] >= 4)]
    if not len(upright):
        return upright
    usual = np.percentile(upright[:, 3], 95)
    highest = np.argsort(-upright[:, 3], kind="stable")[:MAX_COMPONENTS]
    tall: Components = upright[[i for i in highest if upright[i, 3] > 0.4 * usual]]
    return tall


def _overlaps_row(row: list[Components], middle: float) -> bool:
    tops, bottoms = [component[1] for component in row], [component[1] + component[3] for component in row]
    return bool(np.median(tops) <= middle <= np.median(bottoms))


def _line_box(row: list[Components], components: Components, width: int, height: int) -> Box:
    top, bottom = min(component[1] for component in row), max(component[1] + component[3] for component in row)
    middles = components[:, 1] + components[:, 3] / 2
    neighbours = components[(top <= middles) & (middles <= bottom)]
    margin = round((bottom - top) * (SIDE - TEXT_HEIGHT) / TEXT_HEIGHT / 2)
    left = max(0, int(neighbours[:, 0].min()) - 3 * margin)
    right = min(width, int((neighbours[:, 0] + neighbours[:, 2]).max()) + 3 * margin)
    top, bottom = max(0, top - margin), min(height, bottom + margin)
    return left, int(top), right - left, int(bottom - top)
