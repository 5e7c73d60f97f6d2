"""The results of recognition: `Reading` and `NumberReading`, which Python, the command line, HTTP and the page show."""

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
    """The result of reading one digit.

    Attributes:
        digit: 0..9, or None if the picture was rejected.
        confidence: 0..1, the probability of `digit`; 0 if it is None.
        probabilities: `(10,) float32` of the digits 0..9; they sum to 1 minus the probability of "not a digit", and are
            all 0 if the picture was not classified.
        image: `(28, 28) uint8`, 0 paper .. 255 ink: the image that the network classified.
        problem: None, or one sentence: why the picture was rejected, or that the digit is uncertain.
        stages: every preprocessing stage; None if the picture could not be decoded, and for a digit of a number.
        network: the network that classified the image, for `tenfold.explain`. The digits of a number are read by the
            line network; theirs is a network for single digits. None if the picture was not classified.
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
        """The digit as text; "" if there is none."""
        return "" if self.digit is None else str(self.digit)

    @property
    def decoded(self) -> bool:
        """True if the picture could be decoded; not meaningful for a digit of a number."""
        return self.stages is not None

    def _repr_html_(self) -> str:
        from tenfold.visualization import notebook

        caption = "no digit" if self.digit is None else f"read as {self.digit}"
        image = notebook.pictures([(255 - self.image, caption)], 140, "the image that the network classified,")
        text = notebook.line(self.problem) if self.problem else ""
        return notebook.side_by_side(image, notebook.bars(self.probabilities, self.digit)) + text

    def as_dict(self) -> dict[str, Any]:
        """The reading as plain values, as JSON shows it; probabilities are rounded to four decimals."""
        return {
            "digit": self.digit,
            "confidence": round(self.confidence, 4),
            "probabilities": [round(float(p), 4) for p in self.probabilities],
            "problem": self.problem,
        }


def failed_reading(problem: str, stages: Stages | None = None) -> Reading:
    """The `Reading` of a picture without a recognized digit, and why."""
    return Reading(None, 0.0, np.zeros(DIGITS, np.float32), np.zeros((SIDE, SIDE), np.uint8), problem, stages)


@dataclass(frozen=True, eq=False)
class PlacedReading:
    """One digit of a number.

    Attributes:
        box: `(left, top, width, height)`: where it is, in pixels of the number's `picture`.
        reading: its digit, never None, and the confidence.
    """

    box: Box
    reading: Reading


@dataclass(frozen=True, eq=False)
class NumberReading:
    """The result of reading a number.

    Attributes:
        text: the digits, with line breaks between lines, and spaces between the numbers of a line; "" if there are
            none.
        confidence: 0..1, the probability that the whole text is right.
        digits: every digit in reading order.
        problem: None, or one sentence: why nothing was read, or what is uncertain.
        picture: `(h, w) uint8`, 0 black .. 255 white, upright: the boxes are in its pixels; its shape is (0, 0) if
            it could not be decoded.
        written: what stands there, with its signs; an unknown mark is shown as ?.
        box: `(left, top, width, height)` of a single number, in pixels of `picture`; None for a picture as a whole.
        rows: the numbers of each line, from left to right, each with its own box, confidence and problem; empty for a
            single number and for a picture without digits.
    """

    text: str
    confidence: float
    digits: tuple[PlacedReading, ...] = field(repr=False)
    problem: str | None
    picture: Grey = field(repr=False)
    written: str = ""
    box: Box | None = field(repr=False, default=None)
    rows: tuple[tuple[NumberReading, ...], ...] = field(repr=False, default=())

    @property
    def lines(self) -> tuple[NumberReading, ...]:
        """All numbers of the rows, in reading order."""
        return tuple(number for row in self.rows for number in row)

    @property
    def answer(self) -> str:
        """What is written, on one line."""
        return (self.written or self.text).replace("\n", " / ")

    @property
    def decoded(self) -> bool:
        """True if the picture could be decoded."""
        return self.picture.size > 0

    def _repr_html_(self) -> str:
        from tenfold.visualization import notebook

        images = [(255 - placed.reading.image, str(placed.reading.digit)) for placed in self.digits]
        summary = f"read as {self.answer}, confidence {100 * self.confidence:.0f} %" if self.answer else "no digits"
        shown = notebook.pictures(images, 70, "a digit of the number,") + notebook.line(summary)
        return shown + (notebook.line(self.problem) if self.problem else "")

    def as_dict(self) -> dict[str, Any]:
        """The reading as plain values, as JSON shows it: boxes in pixels of `size`, probabilities to four decimals."""
        digits = [{"box": list(placed.box)} | placed.reading.as_dict() for placed in self.digits]
        for digit in digits:
            del digit["problem"]
        return {
            "text": self.text,
            "written": self.written,
            "size": [self.picture.shape[1], self.picture.shape[0]],
            "confidence": round(self.confidence, 4),
            "digits": digits,
            "rows": [[number.summary() for number in row] for row in self.rows],
            "problem": self.problem,
        }

    def summary(self) -> dict[str, Any]:
        """A single number as plain values, without its digits."""
        return {
            "text": self.text,
            "written": self.written,
            "box": None if self.box is None else list(self.box),
            "confidence": round(self.confidence, 4),
            "problem": self.problem,
        }


def joined(rows: tuple[tuple[NumberReading, ...], ...], problem: str | None, picture: Grey) -> NumberReading:
    """The numbers of a picture as one reading; at least one number."""
    numbers = [number for row in rows for number in row]
    return NumberReading(
        "\n".join(" ".join(number.text for number in row) for row in rows),
        float(np.prod([number.confidence for number in numbers])),
        tuple(digit for number in numbers for digit in number.digits),
        problem,
        picture,
        "\n".join(" ".join(number.written for number in row) for row in rows),
        numbers[0].box if len(numbers) == 1 else None,
        rows,
    )


def failed_number_reading(problem: str) -> NumberReading:
    """The `NumberReading` of a picture that could not be decoded, and why."""
    return NumberReading("", 0.0, (), problem, np.zeros((0, 0), np.uint8))
