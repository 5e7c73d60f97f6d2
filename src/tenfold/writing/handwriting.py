"""Vary the handwriting of one digit: form, slant, elastic distortion, pen, flags and bars, gaps.

All randomness comes from the generator that the caller passes. No paper and no light here.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.writing.digit_glyphs import numeral

CANVAS_SIDE = 112  # pixels; four times the side of an image, for strokes of many widths
DRAWN = 0.25  # fraction drawn in another form; most people write most digits as MNIST's writers did

Canvas = NDArray[np.float32]
Pen = tuple[float, float, float]  # change of width, level at the edge, softness of the edge: see `sample_pen`


def vary(
    image: NDArray[np.uint8], label: int, rng: np.random.Generator, pen: Pen | None = None, drawn: float = DRAWN
) -> Canvas:
    """Restyle a digit: vary the one in the image, or sometimes draw another form of its label.

    Args:
        image: `(28, 28) uint8`, 0 paper .. 255 ink.
        label: the digit, 0..9; some 1s get a flag, some 7s a bar.
        rng: the source of all randomness.
        pen: the pen; None for a random one.
        drawn: probability, 0..1, that a form of `tenfold.writing.digit_glyphs` is drawn instead of the image.

    Returns:
        `(112, 112) float32`, 0 paper .. 1 ink.
    """
    if rng.random() < drawn:
        return render(numeral(label, CANVAS_SIDE, rng), rng, pen)
    canvas = np.asarray(
        cv2.resize(image / np.float32(255), (CANVAS_SIDE, CANVAS_SIDE), interpolation=cv2.INTER_CUBIC), np.float32
    )
    width = _stroke_width(canvas)
    if label == 1 and rng.random() < 0.5:
        _flag(canvas, width, rng)
    if label == 7 and rng.random() < 0.35:
        _crossbar(canvas, width, rng)
    return render(canvas, rng, pen)


def render(canvas: Canvas, rng: np.random.Generator, pen: Pen | None = None) -> Canvas:
    """Distort strokes and apply a pen, a random one by default: `(112, 112) float32`, 0 paper .. 1 ink."""
    width = _stroke_width(canvas)
    inked = _apply_pen(_elastic_distortion(canvas, rng), width, pen or sample_pen(rng))
    return _with_gap(inked, rng) if rng.random() < 0.08 else inked


def _stroke_width(canvas: Canvas) -> float:
    inside = cv2.distanceTransform((canvas > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    return 4 * float(inside[inside > 0].mean()) if inside.any() else 8.0


def _line(canvas: Canvas, start: tuple[float, float], end: tuple[float, float], width: float) -> None:
    """Draw a straight stroke in place, `(x, y)` to `(x, y)`."""
    (x0, y0), (x1, y1) = ((round(16 * x), round(16 * y)) for x, y in (start, end))
    cv2.line(canvas, (x0, y0), (x1, y1), 1.0, max(1, round(width)), shift=4)


def _flag(canvas: Canvas, width: float, rng: np.random.Generator) -> None:
    """Draw the flag of a European 1 in place, from its top down to the left, and sometimes a foot."""
    top, bottom = _extent(canvas)
    height = bottom - top
    y, angle, length = top + width / 2, rng.uniform(0.5, 1.25), height * rng.uniform(0.15, 0.75)
    x = _middle(canvas, y)
    _line(canvas, (x, y), (x - length * np.cos(angle), y + length * np.sin(angle)), width * rng.uniform(0.7, 1.1))
    if rng.random() < 0.3:
        y, half_length = bottom - width / 2, height * rng.uniform(0.12, 0.35)
        x = _middle(canvas, y)
        _line(canvas, (x - half_length, y), (x + half_length, y), width)


def _crossbar(canvas: Canvas, width: float, rng: np.random.Generator) -> None:
    """Draw the bar through the stem of a European 7 in place."""
    top, bottom = _extent(canvas)
    y = top + (bottom - top) * rng.uniform(0.4, 0.65)
    x, half_length = _middle(canvas, y), (bottom - top) * rng.uniform(0.15, 0.35)
    tilt = rng.uniform(-0.25, 0.15) * half_length
    _line(canvas, (x - half_length, y - tilt), (x + half_length, y + tilt), width * rng.uniform(0.7, 1.1))


def _extent(canvas: Canvas) -> tuple[int, int]:
    """The first and the last row with ink; without ink, the first and the last row of the canvas."""
    rows = np.flatnonzero((canvas > 0.5).any(axis=1))
    return (int(rows[0]), int(rows[-1])) if len(rows) else (0, CANVAS_SIDE - 1)


def _middle(canvas: Canvas, y: float) -> float:
    """The mean column of the ink in a row; without ink, the middle of the canvas."""
    columns = np.flatnonzero(canvas[int(np.clip(y, 0, CANVAS_SIDE - 1))] > 0.5)
    return float(columns.mean()) if len(columns) else CANVAS_SIDE / 2


def _elastic_distortion(canvas: Canvas, rng: np.random.Generator) -> Canvas:
    """Random rotation, shear, scale and smooth distortion (elastic distortion: Simard et al., 2003)."""
    rotation, shear = rng.normal(0, 0.13), rng.normal(0, 0.16)
    x_scale, y_scale = np.exp(rng.normal(0, 0.13)), np.exp(rng.normal(0, 0.1))
    cosine, sine = np.cos(rotation), np.sin(rotation)
    matrix = np.array([[cosine, -sine], [sine, cosine]]) @ np.array([[x_scale, shear], [0, y_scale]])
    rows, columns = np.mgrid[:CANVAS_SIDE, :CANVAS_SIDE].astype(np.float32) - (CANVAS_SIDE - 1) / 2
    x = matrix[0, 0] * columns + matrix[0, 1] * rows
    y = matrix[1, 0] * columns + matrix[1, 1] * rows
    field = rng.normal(0, 1, (2, 8, 8)).astype(np.float32) * np.float32(rng.uniform(0, 3.2))
    x += cv2.resize(field[0], (CANVAS_SIDE, CANVAS_SIDE), interpolation=cv2.INTER_CUBIC)
    y += cv2.resize(field[1], (CANVAS_SIDE, CANVAS_SIDE), interpolation=cv2.INTER_CUBIC)
    middle = np.float32((CANVAS_SIDE - 1) / 2)
    distorted = cv2.remap(canvas, (x + middle).astype(np.float32), (y + middle).astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(distorted, np.float32)


def sample_pen(rng: np.random.Generator) -> Pen:
    """A random pen, from hair-thin to a marker that fills loops, with a sharp or a soft edge.

    Returns:
        the change of width: below 0 the fraction of the stroke's width that is removed, above 0 the pixels that are
        added; the level of ink, 0..1, at the edge; the range of ink levels over which the edge extends.
    """
    kind = rng.random()
    change = -rng.uniform(0.2, 0.65) if kind < 0.3 else rng.uniform(1, 10) if kind < 0.6 else 0.0
    return change, rng.uniform(0.35, 0.6), rng.uniform(0.15, 0.8)


def _apply_pen(canvas: Canvas, width: float, pen: Pen) -> Canvas:
    change, edge, soft = pen
    pixels = round(change) if change > 0 else -round(max(0.0, min(width - 3, -change * width)))
    if pixels:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(pixels) + 1, abs(pixels) + 1))
        canvas = np.asarray(cv2.dilate(canvas, kernel) if pixels > 0 else cv2.erode(canvas, kernel), np.float32)
    return np.asarray(np.clip((canvas - edge) / soft + 0.5, 0, 1), np.float32)


def _with_gap(canvas: Canvas, rng: np.random.Generator) -> Canvas:
    """The canvas with a gap, as if the pen skipped."""
    rows, columns = np.nonzero(canvas > 0.5)
    if not len(rows):
        return canvas
    at = rng.integers(len(rows))
    gap = np.ones_like(canvas)
    angle, half_length = rng.uniform(0, np.pi), 20
    x, y = float(columns[at]), float(rows[at])
    dx, dy = half_length * np.cos(angle), half_length * np.sin(angle)
    (x0, y0), (x1, y1) = (round(x - dx), round(y - dy)), (round(x + dx), round(y + dy))
    cv2.line(gap, (x0, y0), (x1, y1), 0.0, int(rng.integers(2, 6)))
    return np.asarray(canvas * gap, np.float32)
