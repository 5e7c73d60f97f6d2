"""Simulated pages of numbers: several in a row, columns, tables, combs - with the place of each number.

All randomness comes from the given generator. Does not know preprocessing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Box, Grey
from tenfold.synthesis import paper
from tenfold.synthesis.layouts import Sheet
from tenfold.synthesis.numbers.hands import Hands, NumberHand
from tenfold.synthesis.numbers.number_texts import GAP, digits, sample_text
from tenfold.synthesis.numbers.synthetic_lines import is_visible, picture_of

KINDS = ("one", "spaced", "columns", "table", "lines")
MIN_CONTRAST_TO_NOISE = 2.5  # standard deviations of the paper by which strokes must differ from it


@dataclass(frozen=True, eq=False)
class Page:
    """A simulated page.

    Attributes:
        kind: one of `KINDS`.
        picture: `(h, w) uint8`, 0 black .. 255 white.
        rows: the text and the box of each number, row by row.
    """

    kind: str
    picture: Grey
    rows: list[list[tuple[str, Box]]]


def sample_page(hands: Hands, rng: np.random.Generator, kind: str | None = None) -> Page:
    """Draw a page.

    Args:
        hands: one of them writes the whole page.
        rng: the source of all randomness.
        kind: "one" number, "spaced" digits of one number, "columns" of numbers, a ruled "table", "lines" one below the
            other; None draws one.
    """
    kind = kind or str(rng.choice(KINDS))
    while True:
        page, strokes = _page(kind, hands, rng)
        if is_visible(page.picture, strokes, MIN_CONTRAST_TO_NOISE):
            return page


def _page(kind: str, hands: Hands, rng: np.random.Generator) -> tuple[Page, NDArray[np.float32]]:
    """A page, and the plane of its ink."""
    tall = float(np.exp(rng.uniform(np.log(16), np.log(56))))
    hand = hands.sample(rng)
    rows, columns = {"one": (1, 1), "spaced": (1, 1), "lines": (int(rng.integers(2, 5)), 1)}.get(
        kind, (int(rng.integers(1, 5)), int(rng.integers(2, 5)))
    )
    texts = [[_text(kind, rng) for _ in range(columns)] for _ in range(rows)]
    gap = tall * (rng.uniform(0.6, 1.6) if kind == "spaced" else rng.uniform(0, 0.3))
    numbers = [[_Number(text, tall, gap, hands, hand, rng) for text in row] for row in texts]
    between = tall * rng.uniform(1.6, 4.5)
    widths = [max(row[column].width for row in numbers) + between for column in range(columns)]
    pitch = tall * rng.uniform(1.7, 2.6)
    margin = tall * rng.uniform(0.4, 1.2)
    sheet = Sheet(rows * pitch + 2 * margin, sum(widths) - between + 2 * margin + tall * rng.uniform(0, 1))
    aligned = rng.choice([0.0, 1.0, rng.uniform(0, 1)])  # left, right, or anywhere in the column
    found: list[list[tuple[str, Box]]] = []
    for place, row in enumerate(numbers):
        top = margin + place * pitch + (pitch - tall) / 2
        lefts = margin + np.concatenate([[0], np.cumsum(widths)[:-1]])
        found.append(
            [
                (number.text, number.write(sheet, left + aligned * (wide - between - number.width), top))
                for number, left, wide in zip(row, lefts, widths, strict=True)
            ]
        )
    if kind == "table":
        _rules(sheet, rows, margin, pitch, np.cumsum(widths), between, rng)
    strokes = sheet.ink
    return Page(kind, picture_of(sheet, rng), found), strokes


def _text(kind: str, rng: np.random.Generator) -> str:
    if kind == "spaced":
        return digits(rng, int(rng.integers(3, 9)))
    if kind == "one":
        return sample_text(rng)
    return digits(rng, int(rng.integers(1, 6)))


class _Number:
    """The characters of one number, before they are written."""

    def __init__(
        self, text: str, tall: float, gap: float, hands: Hands, hand: NumberHand, rng: np.random.Generator
    ) -> None:
        self.text = text.replace(GAP, "")
        self._placed = []
        x = 0.0
        for character in text:
            if character == GAP:
                x += 0.4 * tall
                continue
            glyph = hands.write(character, tall, hand, rng)
            self._placed.append((glyph, x))
            x += glyph.ink.shape[1] + max(gap + tall * rng.normal(0, 0.05), 0.05 * tall)
        self.width = max(left + glyph.ink.shape[1] for glyph, left in self._placed)

    def write(self, sheet: Sheet, left: float, top: float) -> Box:
        """Write the number on a sheet; returns its box."""
        boxes = np.array([sheet.write(glyph.ink, left + x, top + glyph.top) for glyph, x in self._placed])
        first, over = boxes[:, 0].min(), boxes[:, 1].min()
        last, under = (boxes[:, 0] + boxes[:, 2]).max(), (boxes[:, 1] + boxes[:, 3]).max()
        return int(first), int(over), int(last - first), int(under - over)


def _rules(
    sheet: Sheet,
    rows: int,
    margin: float,
    pitch: float,
    ends: np.ndarray,
    between: float,
    rng: np.random.Generator,
) -> None:
    """Print the rules of a table, with or without those across, and with or without a frame."""
    thick = float(rng.uniform(0.8, 3))
    first, last = margin - between * rng.uniform(0.1, 0.4), margin + ends[-1] - between * rng.uniform(0.6, 0.9)
    top, bottom = margin - 1, margin + rows * pitch + 1
    inner = [margin + end - between / 2 for end in ends[:-1]]
    frame = rng.random() < 0.7
    for x in [*inner, *([first, last] if frame else [])]:
        paper.straight_line(sheet.printed, (x, top), (x, bottom), thick)
    if rng.random() < 0.7:
        for row in range(rows + 1):
            y = top + row * (bottom - top) / rows
            paper.straight_line(sheet.printed, (first, y), (last, y), thick)
