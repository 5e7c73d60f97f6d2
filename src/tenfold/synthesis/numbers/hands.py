"""Hands: all characters of a number as one writer writes them, from pen strokes, MNIST's writers and drawn forms.

All randomness comes from the given generator. Does not know paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.datasets.pen_strokes import PenSample, with_text
from tenfold.writing.digit_glyphs import digit_strokes
from tenfold.writing.handwriting import Pen, sample_pen, vary
from tenfold.writing.letter_glyphs import letter, scribble
from tenfold.writing.pen_rendering import Hand, Ink, Points, crop_to_ink, render_strokes, sample_hand
from tenfold.writing.sign_glyphs import PLACES, SIGNS, sign_strokes

Images = NDArray[np.uint8]

DIGITS = "0123456789"
UNKNOWN = "?"  # stands for any mark that is not a digit or a sign
# Letters and signs that no hand writes like a digit or like a sign of a number.
LETTERS = "ACEFGHJKLMNPRTUVWXYacdefhkmnprtuvwxy"
OTHER_SIGNS = "!\"#&'*;<>@[]^_{}~"
KINDS = {"pen": 0.45, "writer": 0.25, "mixed": 0.13, "drawn": 0.17}  # fractions of hands, with handwriting
KINDS_WITHOUT = {"mixed": 0.6, "drawn": 0.4}  # without it
POINTS, MIN_POINT = ".:", 2.4  # signs that are points, and the least width of one in pixels
MIN_DIGITS = 7  # kinds of digits that a writer of pen strokes must have written; others are drawn in the missing ones
PLAIN_ONES = 0.3  # fraction of hands that write a 1 as a plain upright stroke
SLASHED_ZEROS = 0.05
CIRCLED_EIGHTS = 0.04  # fraction of hands that write an 8 as two circles
DRAWN_IN_MIXED = 0.35  # fraction of the digits of a mixed hand that are drawn in another form


class Glyph(NamedTuple):
    """A character.

    Attributes:
        ink: `(h, w) float32`, 0 paper .. 1 ink, cropped.
        top: its first row below the top of the digits' line, in pixels; may be negative.
    """

    ink: Ink
    top: float


@dataclass(frozen=True, eq=False)
class NumberHand:
    """One writer.

    Attributes:
        kind: where digits come from: "pen", "writer", "mixed" or "drawn".
        pen_hand: slant, proportions and pen of what is drawn from strokes.
        pen: the pen of what is varied from images.
        plain_ones, slashed_zeros, circled_eights: how the writer writes these.
        low_zeros: the height of zeros as a fraction of the others'.
        broad_zeros: their width likewise.
        strokes: recorded strokes by character.
        indices: the images of each digit.
        forms: which form of each digit is drawn.
    """

    kind: str
    pen_hand: Hand
    pen: Pen
    plain_ones: bool
    slashed_zeros: bool
    circled_eights: bool
    low_zeros: float
    broad_zeros: float
    strokes: dict[str, list[PenSample]] = field(default_factory=dict)
    indices: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    forms: tuple[int, ...] = ()


class Hands:
    """All writers of a data set.

    Args:
        images: `(n, 28, 28) uint8`, digits with 0 paper .. 255 ink.
        labels: `(n,) uint8`.
        writers: `(n,)`, the writer of each image; None if they are not known.
        samples: pen strokes; may be empty.
    """

    def __init__(
        self,
        images: Images,
        labels: Images,
        writers: NDArray[np.uint16] | None = None,
        samples: Sequence[PenSample] = (),
    ) -> None:
        self._images = images
        self._all = {digit: np.flatnonzero(labels == digit) for digit in range(10)}
        self._writers: list[dict[int, NDArray[np.int64]]] = []
        if writers is not None:
            for writer in np.unique(writers):
                mine = writers == writer
                self._writers.append({digit: np.flatnonzero(mine & (labels == digit)) for digit in range(10)})
        known = with_text(samples, DIGITS + SIGNS)
        by_writer: dict[str, dict[str, list[PenSample]]] = {}
        self._recorded: dict[str, list[PenSample]] = {}
        for sample in known:
            by_writer.setdefault(sample.writer, {}).setdefault(sample.text, []).append(sample)
            self._recorded.setdefault(sample.text, []).append(sample)
        self._pens = [texts for texts in by_writer.values() if sum(d in texts for d in DIGITS) >= MIN_DIGITS]
        self._unknown_marks = [with_text(samples, LETTERS), with_text(samples, OTHER_SIGNS)]
        kinds = KINDS if self._pens and self._writers else KINDS_WITHOUT
        self._kinds, self._shares = list(kinds), list(kinds.values())

    def sample(self, rng: np.random.Generator) -> NumberHand:
        """Draw a hand."""
        kind = str(rng.choice(self._kinds, p=self._shares))
        change, edge, soft = sample_pen(rng)
        low, broad = rng.uniform((0.45, 1), (0.95, 1.5)) if rng.random() < 0.2 else (1.0, 1.0)
        return NumberHand(
            kind,
            sample_hand(rng),
            (0.6 * change, edge, soft),
            rng.random() < PLAIN_ONES,
            rng.random() < SLASHED_ZEROS,
            rng.random() < CIRCLED_EIGHTS,
            float(low),
            float(broad),
            self._pens[rng.integers(len(self._pens))] if kind == "pen" else {},
            self._writers[rng.integers(len(self._writers))] if kind == "writer" else {},
            tuple(rng.integers(0, 1000, 10).tolist()),
        )

    def write(self, character: str, tall: float, hand: NumberHand, rng: np.random.Generator) -> Glyph:
        """Write one character in a hand.

        Args:
            character: a digit, one of `SIGNS`, or `UNKNOWN`.
            tall: the height of digits in pixels.
            hand: the writer.
            rng: the source of all randomness.
        """
        if character in DIGITS:
            return self._digit(int(character), tall, hand, rng)
        if character == UNKNOWN:
            ink = self._unknown(tall * rng.uniform(0.6, 1.25), hand, rng)
            return Glyph(ink, tall * rng.uniform(0.75, 1.1) - len(ink))
        place = PLACES[character]
        size = max(1.5, tall * rng.uniform(*place.size))
        recorded = hand.strokes.get(character) or self._recorded.get(character)
        if recorded and rng.random() < 0.6:
            strokes: Sequence[Points] = recorded[rng.integers(len(recorded))].strokes
        else:
            strokes = [stroke.astype(np.float32) for stroke in sign_strokes(character, rng)]
        if character in POINTS:  # the pen rests on a point, which is visible then in small writing too
            pen = max(MIN_POINT, hand.pen_hand.pen * tall * rng.uniform(1, 1.7))
            hand = replace(hand, pen_hand=replace(hand.pen_hand, pen=pen / tall))
        ink = self._stroked(strokes, size, tall, hand, rng)
        return Glyph(ink, tall * rng.uniform(*place.middle) - len(ink) / 2)

    def _digit(self, label: int, tall: float, hand: NumberHand, rng: np.random.Generator) -> Glyph:
        high = tall * float(np.exp(rng.normal(0, 0.09))) * (1 if label else hand.low_zeros)
        if label == 1 and hand.plain_ones:
            lean = rng.normal(0, 0.05)
            ink = self._stroked([np.array([[lean, 0], [0, 1]], np.float32)], high, tall, hand, rng)
        elif label == 8 and hand.circled_eights:
            ink = self._stroked(_two_circles(rng), high, tall, hand, rng)
        else:
            ink = self._plain_digit(label, high, tall, hand, rng)
        if label == 0 and hand.slashed_zeros:
            ink = _slashed(ink, max(1.0, hand.pen_hand.pen * tall), rng)
        if label == 0 and hand.broad_zeros != 1:
            size = (max(2, round(ink.shape[1] * hand.broad_zeros)), len(ink))
            ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_LINEAR), np.float32)
        sink = rng.uniform(0.3 if label or hand.low_zeros == 1 else 0.7, 1)  # low zeros stand on the line, mostly
        return Glyph(ink, (tall - len(ink)) * sink + tall * rng.normal(0, 0.05))

    def _plain_digit(self, label: int, high: float, tall: float, hand: NumberHand, rng: np.random.Generator) -> Ink:
        if hand.kind == "pen":
            samples = hand.strokes.get(str(label)) or self._recorded[str(label)]
            return _to_height(self._stroked(samples[rng.integers(len(samples))].strokes, high, tall, hand, rng), high)
        if hand.kind == "drawn":
            strokes = [stroke.astype(np.float32) for stroke in digit_strokes(label, rng, hand.forms[label])]
            return _to_height(self._stroked(strokes, high, tall, hand, rng), high)
        indices = hand.indices.get(label, ())
        chosen = rng.choice(indices if len(indices) else self._all[label])
        drawn = DRAWN_IN_MIXED if hand.kind == "mixed" else 0.0
        return _to_height(crop_to_ink(vary(self._images[chosen], label, rng, hand.pen, drawn)), high)

    def _stroked(
        self, strokes: Sequence[Points], size: float, tall: float, hand: NumberHand, rng: np.random.Generator
    ) -> Ink:
        """Strokes drawn so that their longer side has `size` pixels, with the pen of digits of that height."""
        return render_strokes(strokes, size, replace(hand.pen_hand, pen=hand.pen_hand.pen * tall / size), rng)

    def _unknown(self, size: float, hand: NumberHand, rng: np.random.Generator) -> Ink:
        """A letter, another sign, a scribble."""
        kind = rng.random()
        if kind < 0.65 and self._unknown_marks[0]:
            samples = self._unknown_marks[int(kind > 0.5)]
            strokes: Sequence[Points] = samples[rng.integers(len(samples))].strokes
        elif kind < 0.93:
            strokes = [stroke.astype(np.float32) for stroke in letter(rng)]
        else:
            strokes = [stroke.astype(np.float32) for stroke in scribble(rng)]
        return self._stroked(strokes, max(3.0, size), size, hand, rng)


def _two_circles(rng: np.random.Generator) -> list[Points]:
    """An 8 of two circles, which touch, or leave a gap."""
    turn = np.linspace(0, 2 * np.pi * rng.uniform(0.95, 1.1), 24) + rng.uniform(0, 6)
    upper, lower = rng.uniform(0.2, 0.26), rng.uniform(0.22, 0.28)
    gap = rng.uniform(-0.02, 0.12)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    round_about = rng.uniform(0.7, 1.2)
    parts = [(upper, 0.0), (lower, upper + gap + lower)]
    return [(circle * radius * (round_about, 1) + (rng.normal(0, 0.03), y)).astype(np.float32) for radius, y in parts]


def _slashed(ink: Ink, pen: float, rng: np.random.Generator) -> Ink:
    """A zero with a stroke through it, from the lower left to the upper right; now and then the other way."""
    rows, columns = ink.shape
    beyond = rng.uniform(0, 0.2) * columns
    pad = int(np.ceil(beyond)) + 1
    plane = np.pad(ink, pad)
    start, end = (
        (pad - beyond, pad + rows * rng.uniform(0.75, 1)),
        (pad + columns + beyond, pad + rows * rng.uniform(0, 0.25)),
    )
    if rng.random() < 0.12:
        start, end = (start[0], end[1]), (end[0], start[1])
    points = np.rint(np.array([start, end]) * 16).astype(np.int32)
    canvas = np.zeros(plane.shape, np.uint8)
    cv2.polylines(canvas, [points], False, 255, max(1, round(pen)), cv2.LINE_AA, 4)
    return crop_to_ink(np.maximum(plane, canvas / np.float32(255)))


def _to_height(ink: Ink, height: float) -> Ink:
    """Scale so that it is this high, or at most 1.3 times as wide."""
    scale = min(height / len(ink), 1.3 * height / ink.shape[1])
    size = tuple(max(1, round(side * scale)) for side in ink.shape[::-1])
    if 0.93 < scale < 1.07:
        return ink
    return np.asarray(
        cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), np.float32
    )
