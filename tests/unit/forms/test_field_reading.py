from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from tenfold.arrays import SIDE
from tenfold.forms.expectations import Expectations
from tenfold.forms.field_crops import FieldCrop
from tenfold.forms.field_reading import is_faded, read_field
from tenfold.forms.template import Field
from tenfold.recognition.reader import Reader
from tenfold.recognition.results import NumberReading, PlacedReading, Reading, joined

PAPER = np.full((120, 300), 255, np.uint8)
EYE = np.eye(10, dtype=np.float32)


class FakeReader:
    """Reads what it is told, once as a line and once digit by digit."""

    def __init__(self, written: str, confidence: float = 0.999, single: str | None = None, numbers: int = 1) -> None:
        self.network = self
        self._single = written if single is None else single
        digits = tuple(PlacedReading((0, 0, 9, 9), _reading(int(one))) for one in written if one.isdigit())
        number = NumberReading("", confidence, digits, None, PAPER, written)
        self._number = joined(((number,) * numbers,), None, PAPER) if written else NumberReading("", 0, (), None, PAPER)
        self.conditions: dict[str, Any] = {}

    def read_number(self, picture: np.ndarray, **conditions: Any) -> NumberReading:
        self.conditions = conditions
        return self._number

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        return EYE[[int(one) for one in self._single if one.isdigit()]]


def _reading(digit: int) -> Reading:
    return Reading(digit, 0.999, EYE[digit], np.zeros((SIDE, SIDE), np.uint8))


def crop(mark: float = 0.7, print_found: float = 1.0, in_picture: bool = True) -> FieldCrop:
    return FieldCrop(PAPER, PAPER, print_found, mark, in_picture)


def field(**conditions: Any) -> Field:
    return Field("a", (0, 0, 9, 9), Expectations(**conditions))


def result(
    reader: FakeReader, one: Field | None = None, a_crop: FieldCrop | None = None
) -> tuple[str, str, str | None]:
    found = read_field(one or field(), a_crop or crop(), cast("Reader", reader))
    return found.value, found.state, found.problem


def test_two_confident_readings_that_agree_fill_a_field() -> None:
    reader = FakeReader("0123")
    assert result(reader, field(digits=4)) == ("0123", "filled", None)
    assert reader.conditions["digits"] == 4


@pytest.mark.parametrize(
    ("reader", "problem"),
    [
        (
            FakeReader("123", confidence=0.994),
            "This is only 99.4 % certain, at least 99.5 % are needed: check the value.",
        ),
        (FakeReader("123", single="173"), "Read on its own, digit 2 is a 7 instead of a 2: check the value."),
        (FakeReader("12", numbers=2), "Several numbers are written in the field: check them."),
        (FakeReader(""), "No digits were found in what is written."),
    ],
)
def test_anything_less_is_doubtful(reader: FakeReader, problem: str) -> None:
    found = read_field(field(), crop(), cast("Reader", reader))
    assert (found.state, found.problem, found.needs_review) == ("doubtful", problem, True)


def test_a_value_that_breaks_an_expectation_is_doubtful_however_confident() -> None:
    value, state, problem = result(FakeReader("310226"), field(date="%d/%m/%y"))
    assert (value, state) == ("310226", "doubtful")
    assert "not a date" in str(problem)


def test_an_empty_field_needs_review_only_if_it_is_required() -> None:
    reader = FakeReader("1")
    assert result(reader, field(required=False), crop(mark=0.05)) == ("", "empty", None)
    assert result(reader, field(), crop(mark=0.05)) == ("", "empty", "The field is required, and empty.")


def test_small_marks_are_never_silently_filled_or_empty() -> None:
    _, state, problem = result(FakeReader("1"), a_crop=crop(mark=0.3))
    assert state == "doubtful"
    assert "small mark" in str(problem)


def test_covered_fields_and_fields_beyond_the_picture_are_doubtful() -> None:
    reader, optional = FakeReader("1"), field(required=False)
    _, state, problem = result(reader, optional, crop(mark=0, print_found=0.2))
    assert (state, str(problem)[:40]) == ("doubtful", "The print of the form was not found here")
    _, state, problem = result(reader, optional, crop(mark=0, in_picture=False))
    assert (state, problem) == ("doubtful", "This part of the form is not in the picture.")


def test_in_a_scan_without_pale_print_fields_are_read_but_never_empty() -> None:
    crops = [crop(print_found=0.1), crop(print_found=0.2), crop(print_found=0.9)]
    assert is_faded(crops)
    assert not is_faded(crops[2:])
    reader = cast("Reader", FakeReader("12"))
    assert read_field(field(), crops[0], reader, faded=True).state == "filled"
    assert read_field(field(required=False), crop(mark=0, print_found=0.1), reader, faded=True).state == "doubtful"
