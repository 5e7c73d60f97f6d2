"""A picture -> a Reading.

Knows pictures, networks and what to tell a person. Does not know screens.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.classifier import Classifier
from tenfold.errors import NetworkError, PictureError
from tenfold.images import DIGITS, SIDE
from tenfold.network import load_network
from tenfold.picture import Stages, stages_of

if TYPE_CHECKING:
    from tenfold.decode import Picture

DEFAULT_NETWORK = "conv"

BLANK = "No ink was found: the picture looks blank. Write darker, come closer or light it more evenly."


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read from one picture.

    Attributes:
        digit: 0..9, or None where no ink was found.
        confidence: 0..1, the probability of `digit`; 0 where it is None.
        probabilities: `(10,) float32` of the digits 0..9; all 0 where no network was asked.
        image: `(28, 28) uint8`, 0 paper .. 255 ink: what the network saw.
        problem: None, or one sentence of advice.
        stages: every stage from the picture to the image; None where the picture could not be decoded.
        network: the network that read the image; None where none was asked.
    """

    digit: int | None
    confidence: float
    probabilities: NDArray[np.float32] = field(repr=False)
    image: NDArray[np.uint8] = field(repr=False)
    problem: str | None = None
    stages: Stages | None = field(default=None, repr=False)
    network: Classifier | None = field(default=None, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """The reading as plain values, as JSON shows it; shares to four decimals."""
        return {
            "digit": self.digit,
            "confidence": round(self.confidence, 4),
            "probabilities": [round(float(p), 4) for p in self.probabilities],
            "problem": self.problem,
        }

    def _repr_html_(self) -> str:
        from tenfold import notebook

        said = "no digit" if self.digit is None else f"read as {self.digit}"
        seen = notebook.pictures([(255 - self.image, said)], 140, "what the network saw,")
        text = notebook.line(self.problem) if self.problem else ""
        return notebook.beside(seen, notebook.bars(self.probabilities, self.digit)) + text


class Reader:
    """Reads digits with one network, loaded once.

    Args:
        network: the name of a packaged network, a network's folder, or a network.

    Raises:
        NetworkError: there is no such network, or its files are damaged.
    """

    def __init__(self, network: str | Path | Classifier = DEFAULT_NETWORK) -> None:
        self.network: Classifier = load_network(network) if isinstance(network, str | Path) else network
        if not isinstance(self.network, Classifier):
            raise NetworkError(f"a {type(network).__name__} is no network: give a name, a folder or a network")

    def read(self, picture: Picture) -> Reading:
        """Read one digit.

        Args:
            picture: a path, the bytes of a picture file, an open binary file, a PIL image or an array, grey or
                colour, dark ink on light or light on dark.

        Raises:
            PictureError: it is no picture, is damaged, or is over a limit.
        """
        stages = stages_of(picture)
        if not stages.image.any():
            return unread(BLANK, stages)
        row = self.network.probabilities(stages.image[None])[0]
        digit = int(row.argmax())
        return Reading(digit, float(row[digit]), row, stages.image, None, stages, self.network)

    def read_number(self, picture: Picture) -> NumberReading:
        """TEMPORARY."""
        return read_number_temporarily(self, picture)

    def read_many(self, pictures: Iterable[Picture]) -> list[Reading]:
        """Read many pictures; one that cannot be decoded gives a Reading whose problem says why."""
        return [self._read_or_explain(picture) for picture in pictures]

    def _read_or_explain(self, picture: Picture) -> Reading:
        try:
            return self.read(picture)
        except PictureError as error:
            return unread(str(error), None)


def read(picture: Picture) -> Reading:
    """Read one digit with the default network; see `Reader.read`."""
    return _default_reader().read(picture)


@functools.cache
def _default_reader() -> Reader:
    return Reader()


def unread(problem: str, stages: Stages | None = None) -> Reading:
    """The Reading of a picture that was not read, and why."""
    return Reading(None, 0.0, np.zeros(DIGITS, np.float32), np.zeros((SIDE, SIDE), np.uint8), problem, stages)


@dataclass(frozen=True, eq=False)
class PlacedReading:
    """A digit of a number and where it stands: TEMPORARY."""

    box: tuple[int, int, int, int]
    reading: Reading


@dataclass(frozen=True, eq=False)
class NumberReading:
    """What was read from a picture of a number: TEMPORARY."""

    text: str
    confidence: float
    digits: tuple[PlacedReading, ...]
    problem: str | None
    picture: NDArray[np.uint8]

    def as_dict(self) -> dict[str, Any]:
        """TEMPORARY."""
        placed = [
            {"box": list(p.box), "digit": p.reading.digit, "confidence": round(p.reading.confidence, 4)}
            | {"probabilities": [round(float(q), 4) for q in p.reading.probabilities]}
            for p in self.digits
        ]
        return {
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "digits": placed,
            "problem": self.problem,
        }


def read_number_temporarily(reader: Reader, picture: Picture) -> NumberReading:
    """Columns of ink without a gap are one digit: TEMPORARY."""
    from tenfold.decode import grey_pixels

    grey = grey_pixels(picture)
    ink = stages_of(grey).ink
    scale = grey.shape[1] / ink.shape[1]
    columns = np.concatenate(([False], (ink > 90).sum(axis=0) > 0, [False]))
    edges = np.flatnonzero(np.diff(columns.astype(int)))
    placed = []
    for left, right in edges.reshape(-1, 2):
        rows = np.flatnonzero((ink[:, left:right] > 90).any(axis=1))
        if right - left < 2 and len(rows) < 10:
            continue
        x0, x1, y0, y1 = (round(v * scale) for v in (left, right, rows[0], rows[-1] + 1))
        margin = max(4, (y1 - y0) // 3)
        cut = np.pad(grey[y0:y1, x0:x1], margin, constant_values=int(np.median(grey)))
        reading = reader.read(cut)
        if reading.digit is not None:
            placed.append(PlacedReading((x0, y0, x1 - x0, y1 - y0), reading))
    text = "".join(str(p.reading.digit) for p in placed)
    confidence = float(np.prod([p.reading.confidence for p in placed])) if placed else 0.0
    return NumberReading(text, confidence, tuple(placed), None if placed else BLANK, grey)
