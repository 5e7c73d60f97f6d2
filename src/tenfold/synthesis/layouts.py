"""Layouts: where characters stand in a picture, and the boxes, rules, circles and neighbours around them.

All randomness comes from the given generator. Does not know light.
"""

from __future__ import annotations

import cv2
import numpy as np

from tenfold.arrays import Box
from tenfold.synthesis import paper
from tenfold.synthesis.characters import Characters
from tenfold.writing.pen_rendering import Ink


class Sheet:
    """The planes of a picture in the making: ink and print, 0..1, and where the digit is."""

    def __init__(self, height: float, width: float) -> None:
        self.height, self.width = max(8, round(height)), max(8, round(width))
        self.ink = paper.empty_plane(self.height, self.width)
        self.printed = paper.empty_plane(self.height, self.width)
        self.box: Box = (0, 0, 0, 0)

    def write(self, ink: Ink, left: float, top: float) -> Box:
        """Put ink on the sheet, cut at its borders; returns the box of what is on it."""
        x, y = round(left), round(top)
        x0, y0 = max(0, x), max(0, y)
        x1, y1 = min(self.width, x + ink.shape[1]), min(self.height, y + ink.shape[0])
        if x1 <= x0 or y1 <= y0:
            return (0, 0, 0, 0)
        window = self.ink[y0:y1, x0:x1]
        np.maximum(window, ink[y0 - y : y1 - y, x0 - x : x1 - x], out=window)
        return (x0, y0, x1 - x0, y1 - y0)


def crop(inks: list[Ink], characters: Characters | None, rng: np.random.Generator) -> Sheet:
    """Cut out closely, with parts of what stands beside it."""
    ink = _joined(inks, rng)
    rows, columns = ink.shape
    size = max(rows, columns)
    top, bottom = rng.uniform(-0.05, 0.35, 2) * size
    middle, uneven = rng.uniform(-0.05, 0.5) * size, rng.uniform(-0.12, 0.12) * size
    left, right = max(-0.05 * size, middle + uneven), max(-0.05 * size, middle - uneven)
    sheet = Sheet(rows + top + bottom, columns + left + right)
    sheet.box = sheet.write(ink, left, top)
    for side in (-1, 1):
        if characters and rng.random() < 0.5:
            _write_beside(sheet, characters, (left, top, columns, rows), side, rng)
    _print_rules(sheet, size, rng)
    _add_marks(sheet, size, rng)
    return sheet


def _write_beside(
    sheet: Sheet, characters: Characters, box: tuple[float, float, float, float], side: int, rng: np.random.Generator
) -> None:
    """Write a neighbour to the left (-1) or the right (1) of a box, most of it beyond the border."""
    left, top, width, height = box
    size = max(12.0, max(width, height) * rng.uniform(0.75, 1.15))
    ink = characters.digit(size, rng).ink if rng.random() < 0.85 else characters.non_digit(size, rng)
    gap = rng.uniform(-0.06, 0.4) * size
    x = left - gap - ink.shape[1] if side < 0 else left + width + gap
    sheet.write(ink, x, top + height / 2 - len(ink) / 2 + rng.normal(0, 0.08) * size)


def on_sheet(inks: list[Ink], rng: np.random.Generator) -> Sheet:
    """Somewhere on a sheet that is larger, with what lies on a desk."""
    ink = _joined(inks, rng)
    rows, columns = ink.shape
    size = max(rows, columns)
    height = min(400.0, max(60, size * float(np.exp(rng.uniform(np.log(1.25), np.log(9))))))
    width = min(400.0, max(columns + 10, height * rng.uniform(0.7, 1.4)))
    height = max(height, rows + 10)
    sheet = Sheet(height, width)
    left, top = rng.uniform(3, max(4, width - columns - 3)), rng.uniform(3, max(4, height - rows - 3))
    sheet.box = sheet.write(ink, left, top)
    if rng.random() < 0.3:
        x = width * rng.uniform(0.03, 0.97)
        paper.straight_line(sheet.printed, (x, 0), (x + rng.normal(0, 0.02) * width, height), rng.uniform(0.7, 3))
    _print_rules(sheet, size, rng)
    return sheet


def in_field(inks: list[Ink], characters: Characters | None, rng: np.random.Generator) -> Sheet:
    """In a printed box, a comb or a circle, on a line, or over its border."""
    ink = _joined(inks, rng)
    rows, columns = ink.shape
    size = max(rows, columns)
    margins = rng.uniform(0.12, 0.8) * size * np.exp(rng.normal(0, 0.3, 4))
    left, top, right, bottom = margins
    sheet = Sheet(rows + top + bottom, columns + left + right)
    sheet.box = sheet.write(ink, left, top)
    kind = rng.integers(5)
    thick = max(0.6, size * rng.uniform(0.008, 0.05))
    if kind <= 1:
        _draw_cells(sheet, (left, top, columns, rows), thick, characters if kind else None, rng)
    elif kind == 2 and inks:  # a circle drawn by the same pen
        _circle(sheet, (left + columns / 2, top + rows / 2), size, rng)
    elif kind == 3:
        _underline(sheet, (left, top, columns, rows), rng)
    else:  # a rule through it
        _print_rules(sheet, size, rng, 1.0)
    _add_marks(sheet, size, rng)
    return sheet


def _draw_cells(
    sheet: Sheet,
    box: tuple[float, float, float, float],
    thick: float,
    neighbours: Characters | None,
    rng: np.random.Generator,
) -> None:
    """Print a box around what is written, which may cross it; with neighbours, the cell of a comb."""
    left, top, columns, rows = box
    size = max(columns, rows)
    pads = rng.uniform(-0.1, 0.45, 4) * size
    x0, y0, x1, y1 = left - pads[0], top - pads[1], left + columns + pads[2], top + rows + pads[3]
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        if rng.random() < (0.75 if neighbours else 0.95):
            paper.straight_line(sheet.printed, start, end, thick)
    if neighbours is None:
        return
    paper.straight_line(sheet.printed, (x0 - size, y1), (x1 + size, y1), thick)
    if rng.random() < 0.5:
        paper.straight_line(sheet.printed, (x0 - size, y0), (x1 + size, y0), thick)
    for side in (-1, 1):
        if rng.random() < 0.4:
            _write_beside(sheet, neighbours, (x0, top, x1 - x0, rows), side, rng)


def _underline(sheet: Sheet, box: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """Draw one line or two below what is written, by pen or in print; they may touch it."""
    left, top, columns, rows = box
    size = max(columns, rows)
    plane = sheet.ink if rng.random() < 0.6 else sheet.printed
    y, tilt = top + rows + rng.uniform(-0.1, 0.2) * size, rng.normal(0, 0.05) * columns
    ends = (left - rng.uniform(-0.1, 0.6) * size, left + columns + rng.uniform(-0.1, 0.6) * size)
    for line in range(int(rng.integers(1, 3))):
        down = y + line * size * rng.uniform(0.06, 0.18)
        paper.straight_line(plane, (ends[0], down), (ends[1], down + tilt), max(1.0, size * rng.uniform(0.02, 0.09)))


def _circle(sheet: Sheet, center: tuple[float, float], size: float, rng: np.random.Generator) -> None:
    turn = np.linspace(0, 2 * np.pi * rng.uniform(0.9, 1.15), 40) + rng.uniform(0, 2 * np.pi)
    radii = size * rng.uniform(0.55, 0.95, 2) * (1 + 0.05 * np.sin(3 * turn + rng.uniform(0, 6)))[:, None]
    points = np.stack([np.cos(turn), np.sin(turn)], axis=1) * radii + center + rng.normal(0, 0.04, 2) * size
    paper.pen_curve(sheet.ink, points, max(1.0, size * rng.uniform(0.03, 0.12)))


def _print_rules(sheet: Sheet, size: float, rng: np.random.Generator, probability: float = 0.3) -> None:
    """Straight rules across or down the whole picture, anywhere; registers and cheques have them."""
    for across in (True, False):
        if rng.random() > probability * (1 if across else 0.7):
            continue
        for _ in range(int(rng.integers(1, 3))):
            tilt = rng.normal(0, 0.02)
            thick = max(0.7, size * rng.uniform(0.01, 0.06))
            if across:
                y = rng.uniform(0, sheet.height)
                paper.straight_line(sheet.printed, (-5, y), (sheet.width + 5, y + tilt * sheet.width), thick)
            else:
                x = rng.uniform(0, sheet.width)
                paper.straight_line(sheet.printed, (x, -5), (x + tilt * sheet.height, sheet.height + 5), thick)


def _add_marks(sheet: Sheet, size: float, rng: np.random.Generator) -> None:
    """Dots, commas and specks of ink beside what is written."""
    for _ in range(rng.poisson(0.4)):
        x, y = rng.uniform(0, sheet.width), rng.uniform(0, sheet.height)
        end = np.array([x, y]) + rng.normal(0, 0.06, 2) * size
        paper.pen_curve(sheet.ink, np.array([[x, y], end]), max(1.0, size * rng.uniform(0.02, 0.09)))


def on_screen(inks: list[Ink], rng: np.random.Generator) -> Sheet:
    """Drawn on a screen, or scanned without paper: pure ink, at any size, also stretched to the frame."""
    ink = _joined(inks, rng)
    if rng.random() < 0.4:  # cut to the ink, stretched to a frame of few pixels
        side = round(float(np.exp(rng.uniform(np.log(8), np.log(48)))))
        aspect = 1.0 if rng.random() < 0.5 else rng.uniform(0.5, 1.2)
        size = (max(3, round(side * min(1, aspect))), max(3, round(side / max(1, aspect))))
        if len(inks) == 1 and ink.shape[1] < 0.3 * len(ink) and rng.random() < 0.7:  # a 1 stays slim
            size = (max(2, round(side * ink.shape[1] / len(ink) * rng.uniform(1, 2))), side)
        ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.float32)
        pads = rng.integers(0, 3, 4) if rng.random() < 0.6 else np.zeros(4, int)
    else:
        pads = np.rint(rng.uniform(0, 0.7, 4) * max(ink.shape)).astype(int)
    rows, columns = ink.shape
    sheet = Sheet(rows + pads[0] + pads[1], columns + pads[2] + pads[3])
    sheet.box = sheet.write(ink, float(pads[2]), float(pads[0]))
    return sheet


def _joined(inks: list[Ink], rng: np.random.Generator) -> Ink:
    """Characters side by side, at the distances of a number; an empty cell's size without any."""
    if not inks:
        side = round(float(np.exp(rng.uniform(np.log(14), np.log(100)))))
        return paper.empty_plane(side, round(side * rng.uniform(0.3, 1)))
    if len(inks) == 1:
        return inks[0]
    height = max(len(ink) for ink in inks)
    gaps = [0, *(round(height * rng.uniform(-0.05, 0.35)) for _ in inks[1:])]
    lefts = np.cumsum(
        [gap + before for gap, before in zip(gaps, [0, *(ink.shape[1] for ink in inks[:-1])], strict=True)]
    )
    plane = Sheet(height, lefts[-1] + inks[-1].shape[1])
    for ink, left in zip(inks, lefts, strict=True):
        plane.write(ink, float(left), (height - len(ink)) * rng.uniform(0, 1))
    return plane.ink
