"""What was read from one picture. Knows what a person or a program is told; does not know how reading is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, SIDE, Box, Grey
from tenfold.networks.classifier import Classifier
from tenfold.preprocessing.digit_pipeline import Stages


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read from one picture.

    Attributes:
        digit: 0..9, or None where the picture holds no single digit that can be read.
        confidence: 0..1, the probability of `digit`; 0 where it is None.
        probabilities: `(10,) float32` of the digits 0..9; what they lack to 1 is the probability that it is no digit.
            All 0 where no network was asked.
        image: `(28, 28) uint8`, 0 paper .. 255 ink: what the network saw.
        problem: None, or one sentence of advice.
        stages: every stage from the picture to the image; None where the picture could not be decoded, and for a digit
            of a number.
        network: what `tenfold.explain` asks: the network that read the image, or, for a digit of a number, which the
            network for lines read, one that reads single digits; None where none was asked.
    """

    digit: int | None
    confidence: float
    probabilities: NDArray[np.float32] = field(repr=False)
    image: NDArray[np.uint8] = field(repr=False)
    problem: str | None = None
    stages: Stages | None = field(default=None, repr=False)
    network: Classifier | None = field(default=None, repr=False)

    @property
    def answer(self) -> str:
        """The digit as text; "" where there is none."""
        return "" if self.digit is None else str(self.digit)

    @property
    def decoded(self) -> bool:
        """Whether it was a picture at all; of a digit of a number, its `NumberReading` knows."""
        return self.stages is not None

    def _repr_html_(self) -> str:
        from tenfold.visualization import notebook

        said = "no digit" if self.digit is None else f"read as {self.digit}"
        seen = notebook.pictures([(255 - self.image, said)], 140, "what the network saw,")
        text = notebook.line(self.problem) if self.problem else ""
        return notebook.beside(seen, notebook.bars(self.probabilities, self.digit)) + text

    def as_dict(self) -> dict[str, Any]:
        """The reading as plain values, as JSON shows it; shares to four decimals."""
        return {
            "digit": self.digit,
            "confidence": round(self.confidence, 4),
            "probabilities": [round(float(p), 4) for p in self.probabilities],
            "problem": self.problem,
        }


def failed_reading(problem: str, stages: Stages | None = None) -> Reading:
    """The Reading of a picture that was not read, and why."""
    return Reading(None, 0.0, np.zeros(DIGITS, np.float32), np.zeros((SIDE, SIDE), np.uint8), problem, stages)


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
        from tenfold.visualization import notebook

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


def failed_number_reading(problem: str) -> NumberReading:
    """The NumberReading of what could not be decoded, and why."""
    return NumberReading("", 0.0, (), problem, np.zeros((0, 0), np.uint8))
