"""What forms print around a number, and what else stands beside it: cells, combs, rules, boxes, labels, neighbours.

All randomness comes from the given generator.
"""

from __future__ import annotations

import cv2
import numpy as np

from tenfold.synthesis import paper
from tenfold.synthesis.numbers.hands import DIGITS, UNKNOWN, Hands
from tenfold.synthesis.numbers.written_lines import WrittenLine

LABELS = ("Total", "Rs", "No", "Amount", "Date", "Sum", "Nr", "kg", "Page", "ID", "Betrag", "EUR", "Km", "Tel", "RX")
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX)


def surround(line: WrittenLine, hands: Hands, rng: np.random.Generator) -> None:
    """Print and write around a line, in place; a printed label before it becomes part of its text."""
    thick = max(0.7, line.tall * float(np.exp(rng.uniform(np.log(0.015), np.log(0.09)))))
    if line.cells:
        _draw_cells(line, thick, rng)
    else:
        for probability, draw in (
            (0.13, _underline), (0.06, _strike_through), (0.1, _box), (0.1, _table_rules), (0.07, _side_rules),
        ):  # fmt: skip
            if rng.random() < probability:
                draw(line, thick, rng)
    if rng.random() < 0.08:
        _neighbours(line, hands, rng)
    if rng.random() < 0.06:
        _label(line, rng)
    for _ in range(rng.poisson(0.12)):  # blots and specks
        spot = rng.uniform(0, (line.sheet.width, line.sheet.height))
        end = spot + rng.normal(0, 0.04, 2) * line.tall
        paper.pen_curve(line.sheet.ink, np.array([spot, end]), max(1.0, line.tall * rng.uniform(0.02, 0.07)))


def _draw_cells(line: WrittenLine, thick: float, rng: np.random.Generator) -> None:
    """Boxes side by side or apart, or a comb: a base line with teeth."""
    printed = line.sheet.printed
    comb = rng.random() < 0.35
    tooth = rng.uniform(0.15, 1.0)
    strength = np.float32(rng.uniform(0.4, 1))
    plane = paper.empty_plane(*printed.shape)
    for place, (left, top, wide, high) in enumerate(line.cells):
        right, bottom = left + wide, top + high
        paper.straight_line(plane, (left, bottom), (right, bottom), thick)
        sides = [(left, bottom - high * (tooth if comb else 1)), (right, bottom - high * (tooth if comb else 1))]
        for x, y in sides if not comb or place == len(line.cells) - 1 else sides[:1]:
            paper.straight_line(plane, (x, bottom), (x, y), thick)
        if not comb:
            paper.straight_line(plane, (left, top), (right, top), thick)
    np.maximum(printed, plane * strength, out=printed)


def _plane(line: WrittenLine, rng: np.random.Generator, by_pen: float) -> np.ndarray:
    return line.sheet.ink if rng.random() < by_pen else line.sheet.printed


def _underline(line: WrittenLine, thick: float, rng: np.random.Generator) -> None:
    plane = _plane(line, rng, 0.5)
    left, _, right, _ = line.extent
    ends = left - line.tall * rng.uniform(-0.2, 0.8), right + line.tall * rng.uniform(-0.2, 0.8)
    y, tilt = line.body[1] + line.tall * rng.uniform(-0.05, 0.25), rng.normal(0, 0.02) * (right - left)
    for down in range(int(rng.integers(1, 3))):
        at = y + down * line.tall * rng.uniform(0.08, 0.2)
        paper.straight_line(plane, (ends[0], at), (ends[1], at + tilt), thick)


def _strike_through(line: WrittenLine, thick: float, rng: np.random.Generator) -> None:
    """A rule of the form that runs through the digits, anywhere, also down."""
    tilt = rng.normal(0, 0.01)
    if rng.random() < 0.75:
        y = rng.uniform(line.body[0], line.body[1] + 0.1 * line.tall)
        wide = line.sheet.width
        paper.straight_line(line.sheet.printed, (-5, y), (wide + 5, y + tilt * wide), thick)
    else:
        x = rng.uniform(line.extent[0], line.extent[2])
        paper.straight_line(line.sheet.printed, (x, -5), (x + tilt * 50, line.sheet.height + 5), thick)


def _box(line: WrittenLine, thick: float, rng: np.random.Generator) -> None:
    """A frame around the number, which it may touch."""
    plane = _plane(line, rng, 0.15)
    pads = line.tall * rng.uniform(-0.02, 0.5, 4)
    left, top, right, bottom = line.extent
    corners = [
        (left - pads[0], top - pads[1]), (right + pads[2], top - pads[1]),
        (right + pads[2], bottom + pads[3]), (left - pads[0], bottom + pads[3]),
    ]  # fmt: skip
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        if rng.random() < 0.92:
            paper.straight_line(plane, start, end, thick)


def _table_rules(line: WrittenLine, thick: float, rng: np.random.Generator) -> None:
    """The rules of a table, above and below, over the whole width."""
    for y in (line.body[0] - line.tall * rng.uniform(0, 0.4), line.body[1] + line.tall * rng.uniform(0, 0.4)):
        if rng.random() < 0.85:
            tilt = rng.normal(0, 0.01) * line.sheet.width
            paper.straight_line(line.sheet.printed, (-5, y), (line.sheet.width + 5, y + tilt), thick)
    if rng.random() < 0.5:
        _side_rules(line, thick, rng)


def _side_rules(line: WrittenLine, thick: float, rng: np.random.Generator) -> None:
    """Upright rules beside the number; they are not ones."""
    for x in (line.extent[0] - line.tall * rng.uniform(0.1, 0.8), line.extent[2] + line.tall * rng.uniform(0.1, 0.8)):
        if rng.random() < 0.7:
            lean = rng.normal(0, 0.5)
            paper.straight_line(line.sheet.printed, (x, -5), (x + lean, line.sheet.height + 5), thick)


def _neighbours(line: WrittenLine, hands: Hands, rng: np.random.Generator) -> None:
    """Parts of the lines above or below."""
    hand = hands.sample(rng)
    for upper in (True, False):
        if rng.random() < 0.5:
            continue
        x = rng.uniform(-0.5, 1) * line.tall
        edge = (
            line.body[0] - line.tall * rng.uniform(0.15, 0.5)
            if upper
            else line.body[1] + line.tall * rng.uniform(0.15, 0.5)
        )
        while x < line.sheet.width and rng.random() < 0.85:
            glyph = hands.write(str(rng.choice(list(DIGITS))), line.tall, hand, rng)
            line.sheet.write(glyph.ink, x, edge - len(glyph.ink) if upper else edge)
            x += glyph.ink.shape[1] + line.tall * rng.uniform(0, 0.4)


def _label(line: WrittenLine, rng: np.random.Generator) -> None:
    """A printed word before the number, where there is room for it: each letter is an unknown mark."""
    word, font = str(rng.choice(LABELS)), int(rng.choice(FONTS))
    height = line.tall * rng.uniform(0.45, 0.9)
    scale, thick = height / 22, max(1, round(height / 14))
    wide = [cv2.getTextSize(letter, font, scale, thick)[0][0] for letter in word]
    room = round(sum(wide) + line.tall * rng.uniform(0.3, 0.9))
    sheet = line.sheet
    sheet.ink, sheet.printed = (np.pad(plane, ((0, 0), (room, 0))) for plane in (sheet.ink, sheet.printed))
    sheet.width += room
    left = float(max(1.0, line.extent[0]))
    line.extent = (left, line.extent[1], line.extent[2] + room, line.extent[3])
    letters = np.zeros((sheet.height, sheet.width), np.uint8)
    x, added = left, []
    for letter, advance in zip(word, wide, strict=True):
        cv2.putText(letters, letter, (round(x), round(line.body[1])), font, scale, 255, thick, cv2.LINE_AA)
        added.append(x + advance / 2)
        x += advance
    plane = sheet.ink if rng.random() < 0.5 else sheet.printed
    np.maximum(plane, letters / np.float32(255), out=plane)
    line.centers = added + [center + room for center in line.centers]
    line.text = UNKNOWN * len(word) + line.text
    line.cells = [(cell[0] + room, *cell[1:]) for cell in line.cells]
