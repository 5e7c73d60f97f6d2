"""What the database of a form gives and takes: pages, sheets, values, corrections. No SQL here."""

from __future__ import annotations

from typing import NamedTuple


class Page(NamedTuple):
    """Which page a sheet is, whatever its file is called.

    Attributes:
        sha256: of the file, in hexadecimal.
        page: from 1; 0 for a picture.
    """

    sha256: str
    page: int


class Correction(NamedTuple):
    """What a person says of a field.

    Attributes:
        page: the page of the sheet.
        field: its name.
        value: what is written there.
        by: who says so.
        shown: the value that this person saw.
        task: "review", or "audit" if the field was drawn at random.
    """

    page: Page
    field: str
    value: str
    by: str
    shown: str = ""
    task: str = "review"


class Value(NamedTuple):
    """The newest value of a field of a sheet.

    Attributes:
        reading: the id of the reading.
        field: its name.
        value: corrected or read; "" for an empty field.
        state: "empty", "filled" or "doubtful".
        confidence: 0..1; 1 if a person corrected it.
        problem: None, or why it needs review.
        correction: the id of the correction that counts; None if it was not corrected.
        task: of that correction; "" without one.
        shown: the value that was shown to the person who corrected it; "" without one.
    """

    reading: int
    field: str
    value: str
    state: str
    confidence: float
    problem: str | None
    correction: int | None
    task: str = ""
    shown: str = ""


class StoredSheet(NamedTuple):
    """A sheet as it was read last.

    Attributes:
        id: of the record.
        source: the file.
        page: which page it is.
        template: the hash of the template it was read with.
        problem: None, or why it was rejected.
        values: by field; empty for a rejected sheet.
        matrix: from pixels of the blank form to pixels of the picture, three rows of three; None for a rejected sheet.
    """

    id: int
    source: str
    page: Page
    template: str
    problem: str | None
    values: dict[str, Value]
    matrix: list[list[float]] | None = None

    @property
    def name(self) -> str:
        """The file, and the page in it."""
        return f"{self.source}#{self.page.page}" if self.page.page else self.source
