"""A picture of handwriting -> the numbers in it, line by line, with a box and a Reading of each digit.

Knows when a line is looked at again, and how. Does not know how lines are found, nor screens.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold import folder
from tenfold.classifier import Classifier, softmax
from tenfold.ctc import Text, places, texts
from tenfold.images import DIGITS, SIDE
from tenfold.light import Grey, at_most
from tenfold.lines import EDGE, Line, as_one_line, ink_on, lines_of
from tenfold.picture import Box, centred
from tenfold.reading import BLANK, Reading
from tenfold.recipes import STRIDE
from tenfold.session import Ports, open_session
from tenfold.strokes import stroke_mask

SLANT = 0.15  # columns a row
FINE = 120  # longest side at which the ink of a digit is cut out
UNSURE = 0.7  # below this confidence a digit is named in the advice
DOUBTED = 0.5  # below this confidence the whole number is doubted, though each digit alone is sure
DOUBTFUL = 0.8  # below this confidence in all of a picture it is looked at again
SIZES = (0.9, 1.12)  # of a line when it is looked at again
LYING = 1.5  # times as wide as high: such a picture may be all one line

NO_DIGITS = (
    "No digits were found in what is written: photograph the number alone, upright, and close enough to fill it."
)


@dataclass(frozen=True, eq=False)
class PlacedReading:
    """One digit of a number.

    Attributes:
        box: `(left, top, width, height)`: where it is, in pixels of the number's `picture`.
        reading: its digit, never None, and how sure that is.
    """

    box: Box
    reading: Reading


@dataclass(frozen=True, eq=False)
class NumberReading:
    """What was read from one picture of handwriting.

    Attributes:
        text: the digits, lines parted by line breaks; "" where there are none.
        confidence: 0..1, that the whole text is right.
        digits: every digit in reading order.
        problem: None, or one sentence of advice.
        picture: `(h, w) uint8`, 0 black .. 255 white, upright: what the boxes refer to; (0, 0) where it could not be
            decoded.
    """

    text: str
    confidence: float
    digits: tuple[PlacedReading, ...] = field(repr=False)
    problem: str | None
    picture: Grey = field(repr=False)

    @property
    def answer(self) -> str:
        """The text on one line."""
        return self.text.replace("\n", " / ")

    @property
    def decoded(self) -> bool:
        """Whether it was a picture at all."""
        return self.picture.size > 0

    def _repr_html_(self) -> str:
        from tenfold import notebook

        seen = [(255 - placed.reading.image, str(placed.reading.digit)) for placed in self.digits]
        said = f"read as {self.answer}, {100 * self.confidence:.0f} % sure" if self.answer else "no digits"
        shown = notebook.pictures(seen, 70, "a digit of the number,") + notebook.line(said)
        return shown + (notebook.line(self.problem) if self.problem else "")

    def as_dict(self) -> dict[str, Any]:
        """The reading as plain values, as JSON shows it; boxes in pixels of `size`, shares to four decimals."""
        digits = [{"box": list(placed.box)} | placed.reading.as_dict() for placed in self.digits]
        for digit in digits:
            del digit["problem"]
        return {
            "text": self.text,
            "size": [self.picture.shape[1], self.picture.shape[0]],
            "confidence": round(self.confidence, 4),
            "digits": digits,
            "problem": self.problem,
        }


class LineNet:
    """The network that reads strips, from the folder of its ONNX file.

    Raises:
        NetworkError: the file is damaged, or its graph has other inputs and outputs.
    """

    def __init__(self, path: Path) -> None:
        taken: Ports = [("strips", "tensor(uint8)", [SIDE, "w"])]
        given: Ports = [("logits", "tensor(float)", ["steps", DIGITS + 1])]
        self._session = open_session(folder.load_model(path), taken, [given])

    def probabilities(self, strip: Grey) -> NDArray[np.float32]:
        """Of the ten digits and of none of them at every step: `(steps, 11) float32`, each row sums to 1.

        The mean over the strip as it is and slanted a little either way: writers slant.

        Args:
            strip: `(28, w) uint8`, 0 paper .. 255 ink; w at least 28.
        """
        strips = np.stack([strip, _slanted(strip, SLANT), _slanted(strip, -SLANT)])
        (logits,) = self._session.run(["logits"], {"strips": strips})
        shares: NDArray[np.float32] = np.stack([softmax(scores) for scores in logits]).mean(axis=0)
        return shares


class _Look(NamedTuple):
    """What the network sees in a line of a certain size."""

    line: Line
    size: float
    shares: NDArray[np.float32]  # (steps, 11)
    texts: dict[Text, float]


def numbers_in(grey: Grey, lines: LineNet, digits: Classifier) -> NumberReading:
    """Read every line of digits in a picture.

    Where that is doubtful, each line is looked at again a little smaller and a little larger; a lying picture, which
    may have been cut out of a form, also as one line, however broken or full of rules. What is likeliest on average
    counts.

    Args:
        grey: `(h, w) uint8`, 0 black .. 255 white, no side longer than `tenfold.lines.LONGEST`.
        lines: what reads.
        digits: the network that the Readings name, for `tenfold.explain`.
    """
    ink = ink_on(grey)
    looks = [[_look(line, 1.0, lines)] for line in lines_of(ink)]
    if 0 < _confidence(looks) < DOUBTFUL:
        looks = [[*first, *(_look(first[0].line, size, lines) for size in SIZES)] for first in looks]
        if grey.shape[1] >= LYING * grey.shape[0]:
            whole = _look(as_one_line(ink), 1.0, lines)
            looks = [[*looks[0], whole]] if len(looks) == 1 else max(looks, [[whole]], key=_confidence)
    read = [_placed(each, digits) for each in looks]
    placed = tuple(digit for line in read for digit in line)
    text = "\n".join("".join(str(digit.reading.digit) for digit in line) for line in read if line)
    confidence = _confidence(looks) if placed else 0.0
    return NumberReading(text, confidence, placed, _problem(looks, placed), grey)


def _look(line: Line, size: float, network: LineNet) -> _Look:
    shares = network.probabilities(_sized(line.strip, size))
    return _Look(line, size, shares, texts(shares))


def _likeliest(looks: list[_Look]) -> tuple[Text, float]:
    """The text that is likeliest on average over several looks at a line, and how likely that is."""
    sums: Counter[Text] = Counter()
    for look in looks:
        sums.update({text: share / len(looks) for text, share in look.texts.items()})
    return sums.most_common(1)[0]


def _confidence(looks: list[list[_Look]]) -> float:
    """That the texts of all lines are right; 0 where no line has one."""
    read = [_likeliest(each) for each in looks]
    return float(np.prod([share for _, share in read])) if any(text for text, _ in read) else 0.0


def _problem(looks: list[list[_Look]], placed: tuple[PlacedReading, ...]) -> str | None:
    if not placed:
        return NO_DIGITS if looks else BLANK
    unsure = [str(i) for i, digit in enumerate(placed, start=1) if digit.reading.confidence < UNSURE]
    if not unsure:
        sure = _confidence(looks)
        return None if sure >= DOUBTED else f"This is only {100 * sure:.0f} % sure to be the whole number: check it."
    named = f"digit {unsure[0]} is" if len(unsure) == 1 else f"digits {', '.join(unsure)} are"
    return f"Of {len(placed)} digits, {named} uncertain: check the number."


def _placed(looks: list[_Look], network: Classifier) -> list[PlacedReading]:
    """The digits of the likeliest text, where the look that is surest of it sees them."""
    text, _ = _likeliest(looks)
    best = max(looks, key=lambda look: look.texts.get(text, 0.0))
    steps = places(best.shares, text)
    middles = [(step * STRIDE + SIDE // 2) / best.size for step in steps]
    between = pairwise(_edges(middles, best.line.strip.shape[1]))
    return [
        _cut_out(best.line, digit, best.shares[step, :DIGITS], first, last, network)
        for digit, step, (first, last) in zip(text, steps, between, strict=True)
    ]


def _sized(strip: Grey, size: float) -> Grey:
    """A strip made larger or smaller about its middle row; it stays 28 rows high."""
    matrix = np.array([[size, 0, 0], [0, size, (1 - size) * (SIDE - 1) / 2]])
    wide = max(SIDE, round(size * strip.shape[1]))
    return strip if size == 1 else cv2.warpAffine(strip, matrix, (wide, SIDE)).astype(np.uint8)


def _slanted(strip: Grey, slant: float) -> Grey:
    """A strip sheared about its middle row."""
    shear = np.array([[1, slant, -slant * (SIDE - 1) / 2], [0, 1, 0]])
    return cv2.warpAffine(strip, shear, strip.shape[::-1]).astype(np.uint8)


def _edges(middles: list[float], width: int) -> list[float]:
    """Where a strip is cut between digits, in its pixels: half way from one to the next; none where no digit is."""
    if not middles:
        return []
    between = [(left + right) / 2 for left, right in pairwise(middles)]
    return [max(0.0, middles[0] - SIDE), *between, min(width, middles[-1] + SIDE)]


def _cut_out(
    line: Line, digit: int, shares: NDArray[np.float32], first: float, last: float, network: Classifier
) -> PlacedReading:
    """A digit between two columns of a strip, its box drawn around the ink there."""
    scale = line.ink.shape[1] / (line.strip.shape[1] - 2 * EDGE)
    start = int(np.clip((first - EDGE) * scale, 0, line.ink.shape[1] - 1))
    end = max(start + 1, round((last - EDGE) * scale))
    whole = line.ink[:, start:end]
    part = at_most(whole, FINE)
    strokes = np.where(stroke_mask(part)[0], part, np.uint8(0))
    left, top, wide, high = cv2.boundingRect(strokes)
    crop = strokes[top : top + high, left : left + wide]
    image = centred(crop) if crop.any() else np.zeros((SIDE, SIDE), np.uint8)
    reading = Reading(digit, float(shares[digit]), shares, image, network=network)
    left, top, wide, high = (round(length * max(whole.shape) / max(part.shape)) for length in (left, top, wide, high))
    return PlacedReading((line.box[0] + start + left, line.box[1] + top, wide, high), reading)


def unread_number(problem: str) -> NumberReading:
    """The NumberReading of what could not be decoded, and why."""
    return NumberReading("", 0.0, (), problem, np.zeros((0, 0), np.uint8))
