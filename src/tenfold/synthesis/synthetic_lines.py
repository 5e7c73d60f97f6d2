"""Synthetic training lines: numbers as people write them on forms and cheques, with the position of each digit.

Lines are detected by the same code as in real pictures. No networks here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.parallel import map_in_processes, worker_rng
from tenfold.preprocessing.line_detection import PADDING, Line, detect_lines, page_ink
from tenfold.synthesis.degradation import render_on_paper
from tenfold.writing.handwriting import Canvas, sample_pen, vary
from tenfold.writing.letter_glyphs import curve, letter

Images = NDArray[np.uint8]
Extent = tuple[int, int, int, int]  # left, top, right, bottom

BLOCK_SIZE = 250  # lines of one task; each block has its own random numbers
CHEQUES = 0.55  # fraction of the lines on paper printed all over
SCANNED = 0.15  # fraction of the lines scanned or drawn on a screen: plain paper, often pure black and white
CELLS = 0.12  # fraction of the lines with a printed cell for each digit
SMALL_ZEROS = 0.25  # fraction of the lines whose zeros are smaller or broader than the other digits
DRAWN = 0.5  # fraction of the digits drawn in another form: on cheques, people write fast and with loops
MAX_DIGITS = 9  # digits in a line


class SyntheticLine(NamedTuple):
    """A line as `tenfold.preprocessing.line_detection` detected it.

    Attributes:
        image: `(28, w) uint8`, 0 paper .. 255 ink.
        text: its digits.
        centers: the center of each digit, in columns of the image.
    """

    image: Images
    text: str
    centers: list[float]


def synthesize_lines(
    images: Images, labels: Images, count: int, seed: int, callback: Callable[[int, int], None] | None = None
) -> list[SyntheticLine]:
    """Synthesize lines of digits: render them as photos or scans, and detect them.

    Args:
        images: `(n, 28, 28) uint8` digits, 0 paper .. 255 ink.
        labels: `(n,) uint8`, 0..9; at least one 0 and one 1.
        count: the number of lines.
        seed: seeds everything random; the same seed gives the same lines on any number of processors.
        callback: called with the number of lines done and of all lines.
    """
    starts = range(0, count, BLOCK_SIZE)
    tasks = [(images, labels, min(BLOCK_SIZE, count - first), (seed, 2, first)) for first in starts]
    return [line for block in map_in_processes(_line_block, tasks, count, callback) for line in block]


def _line_block(task: tuple[Images, Images, int, tuple[int, int, int]]) -> list[SyntheticLine]:
    images, labels, count, seed = task
    rng = worker_rng(seed)
    lines: list[SyntheticLine] = []
    while len(lines) < count:
        indices = _choose_digits(labels, rng)
        ink, extent, centers = write_line(images[indices], labels[indices], rng)
        scanned = rng.random() < SCANNED
        line = _detect(_scan(ink, rng) if scanned else _photograph(ink, rng), extent)
        if line is not None:
            scale = (line.image.shape[1] - 2 * PADDING) / line.box[2]
            scaled = [(center - line.box[0]) * scale + PADDING for center in centers]
            lines.append(SyntheticLine(line.image, "".join(str(label) for label in labels[indices]), scaled))
    return lines


def _choose_digits(labels: Images, rng: np.random.Generator) -> NDArray[np.int64]:
    """The indices of the images of a line; amounts often begin with a 1 and end in zeros."""
    indices = rng.integers(len(labels), size=1 + int(rng.binomial(MAX_DIGITS - 1, rng.choice([0.15, 0.45, 0.8]))))
    if rng.random() < 0.25:
        indices[0] = rng.choice(np.flatnonzero(labels == 1))
    zeros = int(rng.integers(len(indices))) if rng.random() < 0.35 else 0
    if zeros:
        indices[-zeros:] = rng.choice(np.flatnonzero(labels == 0), zeros)
    return indices


def _photograph(ink: Canvas, rng: np.random.Generator) -> Images:
    photo = render_on_paper(ink, rng, cheque=rng.random() < CHEQUES)
    return cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.uint8)


def _scan(ink: Canvas, rng: np.random.Generator) -> Images:
    if rng.random() < 0.5:
        ink = (ink > 0.5 * ink.max()).astype(np.float32)
    return np.rint(255 * (1 - ink)).astype(np.uint8)


def _detect(gray: Images, extent: Extent) -> Line | None:
    """The one line in a picture; None if it was not detected whole."""
    lines = detect_lines(page_ink(gray))
    if len(lines) != 1:
        return None
    left, top, width, height = lines[0].box
    first, over, last, under = extent
    tolerance = 0.12 * (under - over)
    whole = left <= first + tolerance and left + width >= last - tolerance and top <= over + tolerance
    return lines[0] if whole and top + height >= under - tolerance and height < 2.2 * (under - over) else None


def write_line(images: Images, labels: Images, rng: np.random.Generator) -> tuple[Canvas, Extent, list[float]]:
    """Write a line of digits: the sheet, 0 paper .. 1 ink; the extent of the digits; the column of each center."""
    tall = int(rng.integers(22, 64))
    slope, slant = rng.normal(0, 0.03), rng.normal(0, 0.22)
    stretch, ligated = float(np.exp(rng.normal(0, 0.15))), rng.random() < 0.35
    gap = tall * rng.choice(
        [rng.uniform(-0.14, 0.02), rng.uniform(0, 0.35), rng.uniform(0.3, 1.6)], p=[0.35, 0.5, 0.15]
    )
    in_cells = rng.random() < CELLS
    if in_cells:
        gap = tall * rng.uniform(0.2, 0.6)
    sheet = np.zeros((3 * tall, int(tall * (3 + 2.2 * len(images)) + max(gap, 0) * len(images))), np.float32)
    change, edge, soft = sample_pen(rng)
    pen = (0.6 * change, edge, soft) if rng.random() < 0.93 else None  # people rarely fill in a form with a marker
    mark = str(rng.choice(["", ".", ",", "-", " "], p=[0.5, 0.28, 0.08, 0.04, 0.1]))
    low, broad = rng.uniform((0.45, 1), (0.9, 1.6)) if rng.random() < SMALL_ZEROS else (1, 1)
    x, boxes = tall * rng.uniform(0.6, 1.2), []
    if rng.random() < 0.08:
        x = _symbol(sheet, x, tall, rng)
    for position, (image, label) in enumerate(zip(images, labels, strict=True)):
        high = tall * float(np.exp(rng.normal(0, 0.12))) * (1 if label else low)
        digit = _resize(vary(image, int(label), rng, pen, DRAWN), high, stretch * (1 if label else broad))
        over = (tall - len(digit)) * rng.uniform(0.3 if label or low == 1 else 0.7, 1)
        top = int(tall * (1 + rng.normal(0, 0.08)) + slope * (x - tall) + over)
        left = int(x)
        part = sheet[top : top + len(digit), left : left + digit.shape[1]]
        np.maximum(part, digit[: len(part), : part.shape[1]], out=part)
        boxes.append((left, top, left + digit.shape[1], top + len(digit)))
        if ligated and position and label == 0 and labels[position - 1] == 0:
            _ligature(sheet, boxes[-2], boxes[-1], rng)
        x = boxes[-1][2] + gap + tall * rng.normal(0, 0.04)
        remaining = len(images) - 1 - position
        if remaining and mark and not in_cells and (remaining % 3 == 0 or rng.random() < 0.05):
            x = _punctuation(sheet, x, int(2 * tall + slope * x), tall, mark, rng)
    if in_cells:
        np.maximum(sheet, _draw_cells(sheet, boxes, gap, tall, rng), out=sheet)
    elif rng.random() < 0.3:
        ending = str(rng.choice([".", "-", "=", ",", ".-", "--"]))
        for mark in ending:
            x = _punctuation(sheet, x + tall * rng.uniform(0, 0.25), int(2 * tall + slope * x), tall, mark, rng)
    elif rng.random() < 0.06:
        x = _symbol(sheet, x, tall, rng)
    return _crop(sheet, boxes, x, tall, slant, rng)


def _resize(written: Canvas, tall: float, stretch: float) -> Canvas:
    """Crop a digit to its ink, and resize it to a height of `tall` pixels and `stretch` times its width."""
    left, top, width, height = cv2.boundingRect((written > 0.25).astype(np.uint8))
    crop = written[top : top + max(height, 1), left : left + max(width, 1)]
    size = (max(2, round(crop.shape[1] * stretch * tall / len(crop))), max(2, round(tall)))
    return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.float32)


def _draw_cells(sheet: Canvas, boxes: list[Extent], gap: float, tall: int, rng: np.random.Generator) -> Canvas:
    """Draw a printed cell around each digit, side by side or apart, on an empty sheet."""
    cells = np.zeros_like(sheet)
    over, under = (round(tall * rng.uniform(*limits)) for limits in ((0.65, 0.95), (2.05, 2.35)))
    apart, pen = gap * rng.choice([0.5, rng.uniform(0.2, 0.5)]), max(1, round(tall * rng.uniform(0.02, 0.06)))
    strength = float(rng.uniform(0.3, 1))
    for left, _, right, _ in boxes:
        cv2.rectangle(cells, (round(left - apart), over), (round(right + apart), under), strength, pen)
    return cells


def _ligature(sheet: Canvas, before: Extent, after: Extent, rng: np.random.Generator) -> None:
    """Join two zeros in place: the pen was not lifted, and drew a line from top to top or through both."""
    (left, top, right, bottom), (next_left, next_top, next_right, _) = before, after
    tall = bottom - top
    first, last, deep = ((0.5, 0.9), (0.1, 0.5), 0.2) if rng.random() < 0.5 else ((0.05, 0.6), (0.4, 0.95), 0.5)
    start = left + (right - left) * rng.uniform(*first), top + tall * rng.uniform(0, deep)
    end = next_left + (next_right - next_left) * rng.uniform(*last), next_top + tall * rng.uniform(0, deep)
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + tall * rng.uniform(-0.05, 0.2)
    points = np.rint(curve(np.array([start, middle, end])) * 16).astype(np.int32)
    pen = max(1, round(tall * rng.uniform(0.04, 0.1)))
    cv2.polylines(sheet, [points], isClosed=False, color=1.0, thickness=pen, shift=4)


def _punctuation(sheet: Canvas, x: float, base: int, tall: int, mark: str, rng: np.random.Generator) -> float:
    """Write a separator in place, its foot on the row `base`. Returns the column where the next digit may begin."""
    pen = max(1, round(tall * rng.uniform(0.05, 0.12)))
    x, y = round(x + tall * 0.06), base - round(tall * rng.uniform(0.0, 0.12))
    if mark == " ":
        return x + tall * rng.uniform(0.3, 0.9)
    if mark == ".":
        cv2.circle(sheet, (x, y), pen, 1.0, -1)
        return x + 2 * pen
    if mark == ",":
        fall = tall * rng.uniform(0.12, 0.4)
        cv2.line(sheet, (x, y), (round(x - fall / 2), round(y + fall)), 1.0, pen)
        return x + 2 * pen
    length, tilt = round(tall * rng.uniform(0.25, 1.1)), round(tall * rng.normal(0, 0.06))
    middle = base - round(tall * rng.uniform(0.3, 0.6))
    cv2.line(sheet, (x, middle), (x + length, middle + tilt), 1.0, pen)
    if mark == "=":
        second = middle + round(tall * 0.22)
        cv2.line(sheet, (x, second), (x + length, second + tilt), 1.0, pen)
    return x + length + pen


def _symbol(sheet: Canvas, x: float, tall: int, rng: np.random.Generator) -> float:
    """Write a letter or a currency sign in place. Returns the column where the next digit may begin."""
    pen = max(1, round(tall * rng.uniform(0.05, 0.12)))
    for stroke in letter(rng):
        points = np.rint((stroke * (0.7 * tall, tall) + (x, tall)) * 16).astype(np.int32)
        cv2.polylines(sheet, [points], isClosed=False, color=1.0, thickness=pen, shift=4)
    return x + tall * rng.uniform(0.85, 1.3)


def _crop(
    sheet: Canvas, boxes: list[Extent], end: float, tall: int, slant: float, rng: np.random.Generator
) -> tuple[Canvas, Extent, list[float]]:
    """Slant the sheet, sometimes add a rule under or over the line, and crop it to what a photo shows."""
    edges = np.array(boxes)
    over, under = int(edges[:, 1].min()), int(edges[:, 3].max())
    overhang = round(abs(slant) * tall / 2)
    height = len(sheet)
    matrix = np.array([[1, -slant, slant * 1.5 * tall], [0, 1, 0]], np.float32)
    sheet = np.asarray(cv2.warpAffine(sheet, matrix, sheet.shape[::-1]), np.float32)
    for row in (under + tall * rng.uniform(-0.05, 0.3), over - tall * rng.uniform(0, 0.3)):
        if rng.random() < 0.25:
            ends = (0, round(row)), (sheet.shape[1], round(row + tall * rng.normal(0, 0.05)))
            cv2.line(sheet, *ends, float(rng.uniform(0.3, 1)), max(1, round(tall * rng.uniform(0.02, 0.06))))
    margin = 0.6 if rng.random() < 0.75 else 0.05  # of paper around the line; many people crop a line closely
    top = max(0, over - round(tall * rng.uniform(-0.02, margin)))
    bottom = min(height, max(under + round(tall * rng.uniform(-0.02, margin)), top + 28))
    left = max(0, int(edges[0, 0]) - overhang - round(tall * rng.uniform(-0.02, margin)))
    right = min(sheet.shape[1], max(round(end) + overhang + round(tall * rng.uniform(0, margin)), left + 28))
    extent = int(edges[0, 0]) - left, over - top, int(edges[-1, 2]) - left, under - top
    soft = np.clip(sheet[top:bottom, left:right] * rng.uniform(0.8, 1.1), 0, 1) * rng.uniform(0.55, 1)
    centers = (edges[:, 0] + edges[:, 2]) / 2 + slant * (1.5 * tall - (edges[:, 1] + edges[:, 3]) / 2) - left
    return soft.astype(np.float32), extent, centers.tolist()
