"""Vary the handwriting of one digit: form, slant, elastic distortion, pen, flags and bars, gaps.

All randomness comes from the given generator. Does not know paper or light.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.synthesis.digit_glyphs import numeral

CANVAS_SIDE = 112  # pixels of what is written: four times an image's side, so that pens have room to vary
DRAWN = 0.25  # share that is drawn anew: most people write most digits as MNIST's writers did

Canvas = NDArray[np.float32]


Pen = tuple[float, float, float]  # wider or thinner, place of the edge, softness of the edge: see `sample_pen`


def vary(
    image: NDArray[np.uint8], label: int, rng: np.random.Generator, pen: Pen | None = None, drawn: float = DRAWN
) -> Canvas:
    """Write a digit again as somebody else might: the one in the image, or now and then another of its label.

    Args:
        image: `(28, 28) uint8`, 0 paper .. 255 ink.
        label: the digit, 0..9: some writers hook a 1, some bar a 7.
        rng: the source of everything that varies.
        pen: what to write with; None for another pen every time.
        drawn: how often, 0..1, the digit is drawn anew, in a form that the image may not have.

    Returns:
        `(112, 112) float32`, 0 paper .. 1 ink.
    """
    if rng.random() < drawn:
        return render(numeral(label, CANVAS_SIDE, rng), rng, pen)
    large = np.asarray(
        cv2.resize(image / np.float32(255), (CANVAS_SIDE, CANVAS_SIDE), interpolation=cv2.INTER_CUBIC), np.float32
    )
    width = _stroke_width(large)
    if label == 1 and rng.random() < 0.5:
        _flag(large, width, rng)
    if label == 7 and rng.random() < 0.35:
        _crossbar(large, width, rng)
    return render(large, rng, pen)


def render(large: Canvas, rng: np.random.Generator, pen: Pen | None = None) -> Canvas:
    """The same strokes in another hand and by another pen: `(112, 112) float32`, 0 paper .. 1 ink."""
    width = _stroke_width(large)
    inked = _apply_pen(_elastic_distortion(large, rng), width, pen or sample_pen(rng))
    return _with_gap(inked, rng) if rng.random() < 0.08 else inked


def _stroke_width(large: Canvas) -> float:
    inside = cv2.distanceTransform((large > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    return 4 * float(inside[inside > 0].mean()) if inside.any() else 8.0


def _line(large: Canvas, start: tuple[float, float], end: tuple[float, float], width: float) -> None:
    """Draw a straight stroke in place, `(x, y)` to `(x, y)`."""
    (x0, y0), (x1, y1) = ((round(16 * x), round(16 * y)) for x, y in (start, end))
    cv2.line(large, (x0, y0), (x1, y1), 1.0, max(1, round(width)), shift=4)


def _flag(large: Canvas, width: float, rng: np.random.Generator) -> None:
    """The flag of a European 1, from its top down to the left, and now and then a foot."""
    top, bottom = _extent(large)
    height = bottom - top
    y, angle, length = top + width / 2, rng.uniform(0.5, 1.25), height * rng.uniform(0.15, 0.75)
    x = _middle(large, y)
    _line(large, (x, y), (x - length * np.cos(angle), y + length * np.sin(angle)), width * rng.uniform(0.7, 1.1))
    if rng.random() < 0.3:
        y, reach = bottom - width / 2, height * rng.uniform(0.12, 0.35)
        x = _middle(large, y)
        _line(large, (x - reach, y), (x + reach, y), width)


def _crossbar(large: Canvas, width: float, rng: np.random.Generator) -> None:
    """The bar through the stem of a European 7."""
    top, bottom = _extent(large)
    y = top + (bottom - top) * rng.uniform(0.4, 0.65)
    x, reach = _middle(large, y), (bottom - top) * rng.uniform(0.15, 0.35)
    tilt = rng.uniform(-0.25, 0.15) * reach
    _line(large, (x - reach, y - tilt), (x + reach, y + tilt), width * rng.uniform(0.7, 1.1))


def _extent(large: Canvas) -> tuple[int, int]:
    """The first and the last row with ink; the first and the last of all where there is none."""
    rows = np.flatnonzero((large > 0.5).any(axis=1))
    return (int(rows[0]), int(rows[-1])) if len(rows) else (0, CANVAS_SIDE - 1)


def _middle(large: Canvas, y: float) -> float:
    """The middle of the ink in a row; the middle of all where there is none."""
    columns = np.flatnonzero(large[int(np.clip(y, 0, CANVAS_SIDE - 1))] > 0.5)
    return float(columns.mean()) if len(columns) else CANVAS_SIDE / 2


def _elastic_distortion(large: Canvas, rng: np.random.Generator) -> Canvas:
    """Turned, slanted, stretched and bent a little (elastic distortion: Simard et al., 2003)."""
    turn, slant = rng.normal(0, 0.13), rng.normal(0, 0.16)
    wide, high = np.exp(rng.normal(0, 0.13)), np.exp(rng.normal(0, 0.1))
    cosine, sine = np.cos(turn), np.sin(turn)
    matrix = np.array([[cosine, -sine], [sine, cosine]]) @ np.array([[wide, slant], [0, high]])
    rows, columns = np.mgrid[:CANVAS_SIDE, :CANVAS_SIDE].astype(np.float32) - (CANVAS_SIDE - 1) / 2
    x = matrix[0, 0] * columns + matrix[0, 1] * rows
    y = matrix[1, 0] * columns + matrix[1, 1] * rows
    field = rng.normal(0, 1, (2, 8, 8)).astype(np.float32) * np.float32(rng.uniform(0, 3.2))
    x += cv2.resize(field[0], (CANVAS_SIDE, CANVAS_SIDE), interpolation=cv2.INTER_CUBIC)
    y += cv2.resize(field[1], (CANVAS_SIDE, CANVAS_SIDE), interpolation=cv2.INTER_CUBIC)
    middle = np.float32((CANVAS_SIDE - 1) / 2)
    bent = cv2.remap(large, (x + middle).astype(np.float32), (y + middle).astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(bent, np.float32)


def sample_pen(rng: np.random.Generator) -> Pen:
    """From hair-thin to a marker that fills loops, with a sharp edge or a soft one.

    Returns:
        below 0 the share of the stroke's width that it leaves out, above 0 the pixels that it adds; the level of ink,
        0..1, at its edge; over how much of the ink's range the edge extends.
    """
    kind = rng.random()
    change = -rng.uniform(0.2, 0.65) if kind < 0.3 else rng.uniform(1, 10) if kind < 0.6 else 0.0
    return change, rng.uniform(0.35, 0.6), rng.uniform(0.15, 0.8)


def _apply_pen(large: Canvas, width: float, pen: Pen) -> Canvas:
    change, edge, soft = pen
    pixels = round(change) if change > 0 else -round(max(0.0, min(width - 3, -change * width)))
    if pixels:
        brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(pixels) + 1, abs(pixels) + 1))
        large = np.asarray(cv2.dilate(large, brush) if pixels > 0 else cv2.erode(large, brush), np.float32)
    return np.asarray(np.clip((large - edge) / soft + 0.5, 0, 1), np.float32)


def _with_gap(large: Canvas, rng: np.random.Generator) -> Canvas:
    """With a place where the pen did not write."""
    rows, columns = np.nonzero(large > 0.5)
    if not len(rows):
        return large
    at = rng.integers(len(rows))
    gap = np.ones_like(large)
    angle, reach = rng.uniform(0, np.pi), 20
    x, y = float(columns[at]), float(rows[at])
    dx, dy = reach * np.cos(angle), reach * np.sin(angle)
    (x0, y0), (x1, y1) = (round(x - dx), round(y - dy)), (round(x + dx), round(y + dy))
    cv2.line(gap, (x0, y0), (x1, y1), 0.0, int(rng.integers(2, 6)))
    return np.asarray(large * gap, np.float32)
