"""Pen strokes -> ink: pens of all widths, from a hard pencil to a marker, in the slant and proportions of one hand.

All randomness comes from the given generator. Does not know paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
Ink = NDArray[np.float32]

SUBPIXEL_BITS = 4  # OpenCV draws at coordinates of 1/16 pixel
AA_WIDENS = 1.5  # pixels by which its antialiased lines are wider than asked for


@dataclass(frozen=True)
class Hand:
    """What one writer does alike in all characters: proportions, slant, pen.

    Attributes:
        slant: shear of x by y, positive to the right.
        rotation: in radians.
        aspect: width divided by the width that the strokes have.
        pen: the width of strokes, as a fraction of the height of a digit.
        pressure: how much the width varies along a stroke, 0..1.
        tremor: standard deviation of the points, as a fraction of the height of a digit.
    """

    slant: float
    rotation: float
    aspect: float
    pen: float
    pressure: float
    tremor: float


def sample_hand(rng: np.random.Generator) -> Hand:
    """Draw a hand at random; some pens are hairlines, some are markers."""
    return Hand(
        slant=float(rng.normal(0, 0.12)),
        rotation=float(rng.normal(0, 0.07)),
        aspect=float(np.exp(rng.normal(0, 0.13))),
        pen=float(np.exp(rng.uniform(np.log(0.025), np.log(0.2)))),
        pressure=float(rng.uniform(0, 0.6)) if rng.random() < 0.4 else 0.0,
        tremor=float(rng.uniform(0, 0.012)) if rng.random() < 0.3 else 0.0,
    )


def render_strokes(strokes: Sequence[Points], height: float, hand: Hand, rng: np.random.Generator) -> Ink:
    """Draw strokes with a pen.

    Args:
        strokes: `(points, 2)` each, x and y (down), in any unit.
        height: pixels of the longer side of the strokes' middle line, at least 4.
        hand: the writer.
        rng: the source of tremor and pressure.

    Returns:
        `(h, w) float32`, 0 paper .. 1 ink, cropped to the ink.
    """
    moved = _transform(strokes, hand)
    every = np.concatenate(moved)
    low = every.min(axis=0)
    span = float((every.max(axis=0) - low).max())
    scale = height / span if span > 1e-6 else 0.0
    pen = max(1.0, hand.pen * height)
    pad = pen / 2 + 2
    fine = 2 if height < 80 else 1  # antialiasing of cv2.LINE_AA alone is uneven for thin lines
    size = np.ceil(((every.max(axis=0) - low) * scale + 2 * pad) * fine).astype(int)
    ink = np.zeros((size[1], size[0]), np.uint8)
    for stroke in moved:
        points = ((stroke - low) * scale + pad) * fine
        if hand.tremor:
            points = points + rng.normal(0, hand.tremor * height * fine, points.shape)
        _draw(ink, points, pen * fine, hand.pressure, rng)
    plane = ink.astype(np.float32) / np.float32(255)
    if fine > 1:
        plane = np.asarray(cv2.resize(plane, (size[0] // fine, size[1] // fine), interpolation=cv2.INTER_AREA))
    return crop_to_ink(plane)


def crop_to_ink(ink: Ink) -> Ink:
    """Cut off the rows and columns without ink; all of it if there is none."""
    left, top, width, height = cv2.boundingRect((ink > 0.2).astype(np.uint8))
    return ink[top : top + height, left : left + width] if width else ink


def _transform(strokes: Sequence[Points], hand: Hand) -> list[Points]:
    cosine, sine = np.cos(hand.rotation), np.sin(hand.rotation)
    matrix = np.array([[cosine, -sine], [sine, cosine]]) @ np.array([[hand.aspect, -hand.slant], [0, 1]])
    return [(stroke @ matrix.T).astype(np.float32) for stroke in strokes]


def _draw(
    ink: NDArray[np.uint8], points: NDArray[np.floating], pen: float, pressure: float, rng: np.random.Generator
) -> None:
    fixed = np.rint(points * (1 << SUBPIXEL_BITS)).astype(np.int32)
    if len(fixed) == 1:
        center = (int(fixed[0, 0]), int(fixed[0, 1]))
        cv2.circle(ink, center, round(pen / 2 * (1 << SUBPIXEL_BITS)), 255, -1, cv2.LINE_AA, SUBPIXEL_BITS)
        return
    if not pressure:
        cv2.polylines(ink, [fixed], False, 255, max(1, round(pen - AA_WIDENS)), cv2.LINE_AA, SUBPIXEL_BITS)
        return
    waves = np.sin(np.linspace(0, rng.uniform(1, 9), len(fixed) - 1) + rng.uniform(0, 6))
    widths = np.maximum(1, np.rint(pen * (1 - pressure * (0.5 + 0.5 * waves)) - AA_WIDENS)).astype(int)
    for first in range(0, len(fixed) - 1, 3):  # three segments of one width: twice as fast, and looks alike
        part = fixed[first : first + 4]
        cv2.polylines(ink, [part], False, 255, int(widths[first]), cv2.LINE_AA, SUBPIXEL_BITS)
