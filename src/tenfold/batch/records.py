"""A row of the results: `Record`, and the rows of a reading. The one place that knows the columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tenfold.batch.remote_files import is_address, public_name

if TYPE_CHECKING:
    from tenfold.arrays import Box
    from tenfold.recognition.results import NumberReading, PlacedReading, Reading


@dataclass(frozen=True)
class Record:
    """One row of the results: a digit, a line of a number, or why there is none.

    Attributes:
        source: the file, as it was named or found.
        page: the page of a document, from 1; None for a picture.
        line: the place of a number in reading order, from 1; None for a digit.
        text: the digits; "" if none were read.
        written: what stands there, with its signs; for a digit the same as `text`.
        digit: 0..9; None for a number.
        confidence: 0..1, the probability that the text is right, rounded to four decimals.
        problem: None, or one sentence: why nothing was read, or what is uncertain.
        needs_review: whether a person should look at it: it has a problem, or less than the least confidence.
        box: `(left, top, width, height)` of the text; None without one.
        size: `(width, height)` of the picture in whose pixels the box is; None if it could not be decoded.
        sha256: of the source, in hexadecimal; None if it could not be read.
        network: the network that read it.
        version: the version of tenfold.
    """

    source: str
    page: int | None
    line: int | None
    text: str
    written: str
    digit: int | None
    confidence: float
    problem: str | None
    needs_review: bool
    box: Box | None
    size: tuple[int, int] | None
    sha256: str | None
    network: str
    version: str

    def as_dict(self) -> dict[str, Any]:
        """The row as plain values, by column."""
        return dict(vars(self))  # `dataclasses.asdict` takes ten times as long

    @property
    def failed(self) -> bool:
        """True if there was no picture to read, as against one in which nothing was found."""
        return self.size is None


@dataclass(frozen=True)
class Origin:
    """What the rows of one page have in common.

    Attributes:
        source, page, sha256, network, version: as in `Record`.
        min_confidence: readings below need review.
    """

    source: str
    page: int | None
    sha256: str | None
    network: str
    version: str
    min_confidence: float

    def failure(self, problem: str) -> Record:
        """The row of a page that cannot be read."""
        return self._record(None, "", "", None, 0.0, problem, None, None)

    def of_digit(self, reading: Reading) -> Record:
        """The row of a digit."""
        if reading.stages is None:
            return self.failure(reading.problem or "")
        height, width = reading.stages.strokes.shape
        box = reading.stages.box if reading.digit is not None else None
        text = reading.answer
        return self._record(None, text, text, reading.digit, reading.confidence, reading.problem, box, (width, height))

    def of_number(self, reading: NumberReading) -> list[Record]:
        """The rows of the numbers in a picture; one row if it has none."""
        size = (reading.picture.shape[1], reading.picture.shape[0])
        if not reading.lines:
            return [self._record(None, "", "", None, 0.0, reading.problem, None, size)]
        return [
            self._record(
                place, line.text, line.written, None, line.confidence, line.problem,
                _around(line.digits), size,
            )
            for place, line in enumerate(reading.lines, start=1)
        ]  # fmt: skip

    def _record(
        self,
        line: int | None,
        text: str,
        written: str,
        digit: int | None,
        confidence: float,
        problem: str | None,
        box: Box | None,
        size: tuple[int, int] | None,
    ) -> Record:
        confidence = round(confidence, 4)
        return Record(
            source=self.source,
            page=self.page,
            line=line,
            text=text,
            written=written,
            digit=digit,
            confidence=confidence,
            problem=problem,
            needs_review=problem is not None or confidence < self.min_confidence,
            box=box,
            size=size,
            sha256=self.sha256,
            network=self.network,
            version=self.version,
        )


def _around(digits: tuple[PlacedReading, ...]) -> Box:
    """The box around the boxes of digits."""
    left = min(digit.box[0] for digit in digits)
    top = min(digit.box[1] for digit in digits)
    right = max(digit.box[0] + digit.box[2] for digit in digits)
    bottom = max(digit.box[1] + digit.box[3] for digit in digits)
    return left, top, right - left, bottom - top


def shown(name: str) -> str:
    """A file name as text; bytes that are not UTF-8 are escaped, and keys in addresses left out."""
    if is_address(name):
        name = public_name(name)
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
