"""Simulated sheets of a form: fields filled in by a hand, then printed, scanned or photographed, with the truth known.

All randomness comes from the given generator. Does not know templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Box, Grey
from tenfold.synthesis import paper
from tenfold.synthesis.layouts import Sheet
from tenfold.synthesis.numbers.hands import Hands, NumberHand

CAPTURES = ("scan", "photo")
Plane = NDArray[np.float32]


class FilledField(NamedTuple):
    """What is written in a field.

    Attributes:
        box: `(left, top, width, height)` in pixels of the blank form.
        text: what is written; "" leaves the field empty.
        cells: how many printed places it has, side by side, or 0 for a free line.
        printed: characters of the text that the form prints itself, such as the point of a decimal: they take no place
            and are not written.
    """

    box: Box
    text: str
    cells: int = 0
    printed: str = ""


@dataclass(frozen=True, eq=False)
class SyntheticSheet:
    """A sheet as a scanner or a phone sees it.

    Attributes:
        picture: `(h, w) uint8`, 0 black .. 255 white.
        matrix: `(3, 3) float64`, from pixels of the blank form to pixels of the picture.
    """

    picture: Grey
    matrix: NDArray[np.float64]


class Capture(NamedTuple):
    """How a sheet becomes a picture.

    Attributes:
        kind: "scan" or "photo".
        scale: pixels of the picture for one of the blank form.
        quarters: quarter turns, 0..3.
        skew: the most by which a scan is turned, in degrees.
    """

    kind: str = "scan"
    scale: float = 1.0
    quarters: int = 0
    skew: float = 2.0


def write_fields(
    shape: tuple[int, int], fields: Sequence[FilledField], hands: Hands, hand: NumberHand, rng: np.random.Generator
) -> Plane:
    """The ink of one writer in the fields of a form, `(h, w) float32`, 0 paper .. 1 ink.

    Args:
        shape: height and width of the blank form in pixels.
        fields: what is written.
        hands: draws the characters.
        hand: the writer.
        rng: the source of all randomness.
    """
    sheet = Sheet(*shape)
    fraction = rng.uniform(0.5, 0.72)
    for one in fields:
        characters = [character for character in one.text if character not in one.printed]
        left, top, width, height = one.box
        tall = height * fraction
        if one.cells:
            tall = min(tall, 0.9 * width / one.cells)
        glyphs = [hands.write(character, tall, hand, rng) for character in characters]
        over = top + (height - tall) * rng.uniform(0.35, 0.65)
        gap = tall * rng.uniform(0.08, 0.35)
        x = left + tall * rng.uniform(0.2, 0.6)
        for place, glyph in enumerate(glyphs):
            wide = glyph.ink.shape[1]
            if one.cells:
                x = left + (place + 0.5 + rng.normal(0, 0.05)) * width / one.cells - wide / 2
            sheet.write(glyph.ink, x, over + glyph.top)
            x += wide + gap
    return sheet.ink


def capture(printed: Plane, ink: Plane, how: Capture, rng: np.random.Generator) -> SyntheticSheet:
    """Scan or photograph a filled sheet.

    Args:
        printed: `(h, w) float32`, the print of the form, 0 paper .. 1 black.
        ink: the same of what is written.
        how: the scanner or phone.
        rng: the source of all randomness.
    """
    height, width = printed.shape
    reflectance = np.full((height, width), rng.uniform(0.82, 1), np.float32)
    reflectance *= 1 - printed * np.float32(rng.uniform(0.55, 0.95))
    pen = np.float32(rng.uniform(0.05, 0.4))
    reflectance = reflectance * (1 - ink) + pen * ink
    if rng.random() < (0.15 if how.kind == "scan" else 0.4):
        paper.crease(reflectance, rng)
    matrix, size = _placement(width, height, how, rng)
    around = rng.uniform(0.85, 1) if how.kind == "scan" and rng.random() < 0.6 else rng.uniform(0.05, 0.6)
    shrunk, matrix_left = _reduced(reflectance, matrix)
    picture = np.asarray(
        cv2.warpPerspective(
            shrunk, matrix_left, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=around
        ),
        np.float32,
    )
    if how.kind == "photo":
        picture *= paper.light(rng, size[1], size[0])
    return SyntheticSheet(_digitized(picture, how, rng), matrix)


def _placement(
    width: int, height: int, how: Capture, rng: np.random.Generator
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The matrix from the blank form to the picture, and the picture's width and height."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    placed = (corners - (width / 2, height / 2)) * how.scale
    angle = np.deg2rad(rng.uniform(-how.skew, how.skew)) if how.kind == "scan" else rng.normal(0, 0.06)
    angle += how.quarters * np.pi / 2
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    placed = placed @ turn.T
    if how.kind == "scan":
        placed *= rng.normal(1, 0.004, 2)  # scanners pull paper unevenly
        margins = rng.uniform(-0.01, 0.03, 4)
    else:
        placed += rng.uniform(-0.035, 0.035, (4, 2)) * how.scale * min(width, height)
        margins = rng.uniform(0.0, 0.08, 4)
    low, high = placed.min(axis=0), placed.max(axis=0)
    span = high - low
    low -= margins[:2] * span
    high += margins[2:] * span
    size = np.maximum(32, np.rint(high - low)).astype(int)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), (placed - low).astype(np.float32))
    return np.asarray(matrix, np.float64), (int(size[0]), int(size[1]))


def _reduced(plane: Plane, matrix: NDArray[np.float64]) -> tuple[Plane, NDArray[np.float64]]:
    """A plane blurred as a coarser sensor does before it is warped, so that thin lines do not vanish."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    if scale < 0.9:
        plane = np.asarray(cv2.GaussianBlur(plane, (0, 0), 0.45 / scale), np.float32)
    return plane, matrix


def _digitized(picture: Plane, how: Capture, rng: np.random.Generator) -> Grey:
    """Lens, grain, levels and compression."""
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 0.8)), np.float32)
    picture += rng.standard_normal(picture.shape, np.float32) * np.float32(rng.uniform(0.003, 0.02))
    if how.kind == "scan" and rng.random() < 0.1:
        picture = (picture > rng.uniform(0.5, 0.65)).astype(np.float32)
    levels = np.clip(np.rint(picture * 255), 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(55, 95))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
