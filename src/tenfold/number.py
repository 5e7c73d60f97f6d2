"""A picture of handwriting -> the numbers in it, line by line, with a box and a Reading of each digit.

Knows how a line network's scores become digits. Does not know how lines are found, nor screens.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold import folder
from tenfold.classifier import Classifier, softmax
from tenfold.images import DIGITS, SIDE
from tenfold.light import Grey, at_most
from tenfold.lines import EDGE, Line, as_one_line, ink_on, lines_of
from tenfold.picture import Box, centred
from tenfold.reading import BLANK, Reading
from tenfold.session import Ports, open_session
from tenfold.strokes import stroke_mask

STRIDE = 4  # pixels of a strip from one step of the network to the next
SLANT = 0.15  # columns a row
FINE = 120  # longest side at which the ink of a digit is cut out
UNSURE = 0.7  # below this confidence a digit is named in the advice
DOUBTFUL = 0.7  # below this confidence in all digits together a lying picture is read again as one line
LYING = 1.5  # times as wide as high

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
    digits: tuple[PlacedReading, ...]
    problem: str | None
    picture: Grey

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


def numbers_in(grey: Grey, lines: LineNet, digits: Classifier) -> NumberReading:
    """Read every line of digits in a picture.

    Where that is doubtful in a lying picture, all of it is read as one line too, and what is surer counts: what was cut
    out of a form is one line, however broken or full of rules.

    Args:
        grey: `(h, w) uint8`, 0 black .. 255 white, no side longer than `tenfold.lines.LONGEST`.
        lines: what reads.
        digits: the network that the Readings name, for `tenfold.explain`.
    """
    ink = ink_on(grey)
    found = [_read(line, lines, digits) for line in lines_of(ink)]
    if grey.shape[1] >= LYING * grey.shape[0] and 0 < _confidence(found) < DOUBTFUL:
        whole = [_read(as_one_line(ink), lines, digits)]
        found = max(found, whole, key=_confidence)
    placed = tuple(digit for line in found for digit in line)
    text = "\n".join("".join(str(digit.reading.digit) for digit in line) for line in found if line)
    confidence = _confidence(found)
    return NumberReading(text, confidence, placed, _problem(found, placed), grey)


def _confidence(lines: list[list[PlacedReading]]) -> float:
    """That all digits are right; 0 where there are none."""
    shares = [digit.reading.confidence for line in lines for digit in line]
    return float(np.prod(shares)) if shares else 0.0


def _problem(found: list[list[PlacedReading]], placed: tuple[PlacedReading, ...]) -> str | None:
    if not placed:
        return NO_DIGITS if found else BLANK
    unsure = [str(i) for i, digit in enumerate(placed, start=1) if digit.reading.confidence < UNSURE]
    if not unsure:
        return None
    named = f"digit {unsure[0]} is" if len(unsure) == 1 else f"digits {', '.join(unsure)} are"
    return f"Of {len(placed)} digits, {named} uncertain: check the number."


def _read(line: Line, network: LineNet, digits: Classifier) -> list[PlacedReading]:
    shares = network.probabilities(line.strip)
    steps = spikes(shares)
    edges = _edges(steps, line.strip.shape[1])
    return [_placed(line, shares[step, :DIGITS], edges[i], edges[i + 1], digits) for i, step in enumerate(steps)]


def spikes(shares: NDArray[np.float32]) -> list[int]:
    """The step at which each digit of the likeliest path is surest (best path decoding: Graves et al., 2006).

    Args:
        shares: `(steps, 11)`: probabilities, or scores, of the ten digits and of none.
    """
    best = shares.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    ends = np.append(starts[1:], len(best))
    runs = [(start, end) for start, end in zip(starts, ends, strict=True) if best[start] < DIGITS]
    return [int(start + shares[start:end, best[start]].argmax()) for start, end in runs]


def _slanted(strip: Grey, slant: float) -> Grey:
    """A strip sheared about its middle row."""
    shear = np.array([[1, slant, -slant * (SIDE - 1) / 2], [0, 1, 0]])
    return cv2.warpAffine(strip, shear, strip.shape[::-1]).astype(np.uint8)


def _edges(steps: list[int], width: int) -> list[int]:
    """Where a strip is cut between digits, in its pixels: half way from one to the next."""
    middles = [step * STRIDE + SIDE // 2 for step in steps]
    between = [(left + right) // 2 for left, right in pairwise(middles)]
    first = max(0, middles[0] - SIDE) if middles else 0
    return [first, *between, min(width, middles[-1] + SIDE) if middles else width]


def _placed(line: Line, shares: NDArray[np.float32], first: int, last: int, network: Classifier) -> PlacedReading:
    """The digit between two columns of a strip, its box drawn around the ink there."""
    scale = line.ink.shape[1] / (line.strip.shape[1] - 2 * EDGE)
    start = int(np.clip((first - EDGE) * scale, 0, line.ink.shape[1] - 1))
    end = max(start + 1, round((last - EDGE) * scale))
    whole = line.ink[:, start:end]
    part = at_most(whole, FINE)
    strokes = np.where(stroke_mask(part)[0], part, np.uint8(0))
    left, top, wide, high = cv2.boundingRect(strokes)
    crop = strokes[top : top + high, left : left + wide]
    image = centred(crop) if crop.any() else np.zeros((SIDE, SIDE), np.uint8)
    digit = int(shares.argmax())
    reading = Reading(digit, float(shares[digit]), shares, image, network=network)
    left, top, wide, high = (round(length * max(whole.shape) / max(part.shape)) for length in (left, top, wide, high))
    return PlacedReading((line.box[0] + start + left, line.box[1] + top, wide, high), reading)


def unread_number(problem: str) -> NumberReading:
    """The NumberReading of what could not be decoded, and why."""
    return NumberReading("", 0.0, (), problem, np.zeros((0, 0), np.uint8))
