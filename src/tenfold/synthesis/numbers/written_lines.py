"""A line of characters in one hand: where each of them stands on the sheet. No print and no paper here.

All randomness comes from the given generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from tenfold.arrays import Box
from tenfold.synthesis.layouts import Sheet
from tenfold.synthesis.numbers.hands import Glyph, Hands, NumberHand
from tenfold.synthesis.numbers.number_texts import GAP
from tenfold.writing.letter_glyphs import curve

IN_CELLS = 0.16  # fraction of the lines with a printed place for each character
CLOSE_CROPS = 0.25  # fraction of the pictures that are cut closely around the line
PAGES = 0.2  # fraction of the pictures with much paper around the line


@dataclass(eq=False)
class WrittenLine:
    """A line on its sheet.

    Attributes:
        sheet: the planes of the picture.
        text: what is written, without gaps.
        centers: the column of the middle of each character.
        tall: the height of digits in pixels.
        extent: left, top, right and bottom of all characters.
        body: top and bottom of the row that digits fill.
        cells: left, top, width and height of each printed place, also of empty ones; empty without any.
    """

    sheet: Sheet
    text: str
    centers: list[float]
    tall: float
    extent: tuple[float, float, float, float]
    body: tuple[float, float]
    cells: list[Box]


def write_line(text: str, tall: float, hands: Hands, rng: np.random.Generator) -> WrittenLine:
    """Write a text.

    Args:
        text: of digits, signs, unknown marks and gaps.
        tall: the height of digits in pixels.
        hands: one of them writes.
        rng: the source of all randomness.
    """
    hand = hands.sample(rng)
    pitch = tall * rng.uniform(0.75, 1.7) if rng.random() < IN_CELLS else 0.0
    glyphs, lefts, edges = _placed(text, tall, pitch, hands, hand, rng)
    left, right = min(0.0, lefts[0]), max(x + glyph.ink.shape[1] for x, glyph in zip(lefts, glyphs, strict=True))
    if pitch:
        left, right = min(left, edges[0]), max(right, edges[-1])
    slope, slant = rng.normal(0, 0.025), rng.normal(0, 0.13)
    over, under, before, after = _margins(tall, abs(slant) * tall * 0.6, rng)
    tops = [glyph.top + slope * (x - left) for x, glyph in zip(lefts, glyphs, strict=True)]
    highest = min(0.0, *tops)
    lowest = max(tall, *(top + len(glyph.ink) for top, glyph in zip(tops, glyphs, strict=True)))
    if not pitch and rng.random() < 0.85:  # else what stands beyond the digits may be cut off
        over, under = over - highest, under + lowest - tall
    origin = before - left, over
    sheet = Sheet(max(10, over + tall + under), max(10, origin[0] + right + after))
    boxes = [
        sheet.write(glyph.ink, origin[0] + x, origin[1] + top)
        for glyph, x, top in zip(glyphs, lefts, tops, strict=True)
    ]
    if rng.random() < 0.3:
        _join_zeros(sheet, text.replace(GAP, ""), boxes, tall, rng)
    middle = origin[1] + tall / 2
    matrix = np.array([[1, -slant, slant * middle], [0, 1, 0]], np.float32)
    sheet.ink = np.asarray(cv2.warpAffine(sheet.ink, matrix, (sheet.width, sheet.height)), np.float32)
    centers = [x + wide / 2 - slant * (top + high / 2 - middle) for x, top, wide, high in boxes]
    overhang = abs(slant) * tall / 2
    extent = (
        float(min(box[0] for box in boxes)) - overhang,
        float(min(box[1] for box in boxes)),
        float(max(box[0] + box[2] for box in boxes)) + overhang,
        float(max(box[1] + box[3] for box in boxes)),
    )
    cells = _cells(edges, origin, tall, rng) if pitch else []
    body = origin[1], origin[1] + tall
    return WrittenLine(sheet, text.replace(GAP, ""), centers, tall, extent, body, cells)


def _placed(
    text: str, tall: float, pitch: float, hands: Hands, hand: NumberHand, rng: np.random.Generator
) -> tuple[list[Glyph], list[float], list[float]]:
    """The characters, the left edge of each, and the borders of the printed places."""
    glyphs, lefts = [], []
    if pitch:
        first, last = (int(rng.integers(0, 4)) if rng.random() < 0.4 else 0 for _ in range(2))
        for place, character in enumerate(text):
            if character == GAP:
                continue
            glyph = hands.write(character, tall, hand, rng)
            glyphs.append(glyph)
            lefts.append((place + 0.5) * pitch - glyph.ink.shape[1] / 2 + rng.normal(0, 0.07) * pitch)
        return glyphs, lefts, [pitch * place for place in range(-first, len(text) + last + 1)]
    gap = tall * rng.choice(
        [rng.uniform(-0.14, 0.02), rng.uniform(0.02, 0.35), rng.uniform(0.3, 1.3)], p=[0.27, 0.58, 0.15]
    )
    x, touching = 0.0, 0.0
    for character in text:
        if character == GAP:
            x += tall * rng.uniform(0.25, 0.7)
            continue
        glyph = hands.write(character, tall, hand, rng)
        slim = glyph.ink.shape[1] < 0.3 * tall
        if slim and touching < 0.3 * tall and glyphs and gap < 0.1 * tall:  # two strokes on one another are one
            x += tall * rng.uniform(0.08, 0.3)
        touching = float(glyph.ink.shape[1])
        lefts.append(x)
        glyphs.append(glyph)
        x += glyph.ink.shape[1] + gap + tall * rng.normal(0, 0.04)
    return glyphs, lefts, []


def _margins(tall: float, overhang: float, rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Paper over, under, before and after the line."""
    kind = rng.random()
    if kind < CLOSE_CROPS:
        over, under, before, after = tall * rng.uniform(-0.03, 0.08, 4)
    elif kind < CLOSE_CROPS + PAGES:
        over, under, before, after = tall * rng.uniform(0.5, 2.5, 4)
    else:
        over, under, before, after = tall * rng.uniform(0.05, 0.7, 4)
    return float(over), float(under), float(before) + overhang, float(after) + overhang


def _cells(edges: list[float], origin: tuple[float, float], tall: float, rng: np.random.Generator) -> list[Box]:
    over, under = tall * rng.uniform(0.02, 0.4), tall * rng.uniform(0.02, 0.4)
    apart = (edges[1] - edges[0]) * (rng.uniform(0.03, 0.12) if rng.random() < 0.3 else 0)
    top, high = round(origin[1] - over), round(tall + over + under)
    return [
        (round(origin[0] + left + apart), top, round(right - left - 2 * apart), high) for left, right in pairwise(edges)
    ]


def _join_zeros(sheet: Sheet, text: str, boxes: list[Box], tall: float, rng: np.random.Generator) -> None:
    """Join neighbouring zeros: the pen was not lifted, and drew a line from top to top or through both."""
    pen = max(1, round(tall * rng.uniform(0.04, 0.1)))
    for place in range(1, len(text)):
        if text[place - 1 : place + 1] != "00":
            continue
        (left, top, wide, high), (next_left, next_top, next_wide, _) = boxes[place - 1], boxes[place]
        first, last, deep = ((0.5, 0.9), (0.1, 0.5), 0.2) if rng.random() < 0.5 else ((0.05, 0.6), (0.4, 0.95), 0.5)
        start = left + wide * rng.uniform(*first), top + high * rng.uniform(0, deep)
        end = next_left + next_wide * rng.uniform(*last), next_top + high * rng.uniform(0, deep)
        bend = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + high * rng.uniform(-0.05, 0.2)
        points = np.rint(curve(np.array([start, bend, end])) * 16).astype(np.int32)
        cv2.polylines(sheet.ink, [points], isClosed=False, color=1.0, thickness=pen, shift=4)
