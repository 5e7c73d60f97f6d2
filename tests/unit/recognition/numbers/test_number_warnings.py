from __future__ import annotations

import numpy as np
import pytest

from tenfold.arrays import DIGITS, SIDE
from tenfold.recognition.numbers.digit_placement import PlacedDigits
from tenfold.recognition.numbers.expected import Expected
from tenfold.recognition.numbers.number_warnings import Disagreement, disagreement, warning, warning_on_several
from tenfold.recognition.results import PlacedReading, Reading


def placed(in_line: str, alone: str, sure_alone: float = 0.9, sure: float = 0.99) -> PlacedDigits:
    """Digits as the line network and the digit network read them."""
    single = np.full((len(alone), DIGITS), (1 - sure_alone) / DIGITS, np.float32)
    single[np.arange(len(alone)), [int(digit) for digit in alone]] = sure_alone
    image, probabilities = np.zeros((SIDE, SIDE), np.uint8), np.zeros(DIGITS, np.float32)
    readings = [Reading(int(digit), sure, probabilities, image) for digit in in_line]
    return PlacedDigits(tuple(PlacedReading((0, 0, 1, 1), reading) for reading in readings), single)


def problem(digits: PlacedDigits, confidence: float, unknown: int = 0, fit: float = 1.0) -> str | None:
    return warning(digits, confidence, 0.95, unknown, fit, "47", Expected(digits=3) if fit < 1 else None)


def test_a_confident_number_on_which_both_readings_agree_has_no_warning() -> None:
    assert problem(placed("47", "47"), 0.96) is None


@pytest.mark.parametrize("confidence", [0.5, 0.999])
def test_readings_that_disagree_are_a_warning_however_confident_the_number_is(confidence: float) -> None:
    digits = placed("47", "41")
    assert disagreement(digits) == Disagreement(place=2, digit=7, single=1)
    assert problem(digits, confidence) == "Digit 2 is read as 7 in the line, and as 1 on its own: check the number."


def test_a_digit_that_is_doubtful_on_its_own_is_no_disagreement() -> None:
    assert disagreement(placed("47", "41", sure_alone=0.4)) is None


def test_unknown_marks_and_what_does_not_fit_are_named() -> None:
    assert "an unknown mark, shown as ?" in str(problem(placed("47", "47"), 0.99, unknown=1))
    assert "2 unknown marks" in str(problem(placed("47", "47"), 0.99, unknown=2))
    assert "more likely '47', which does not fit 3 digits" in str(problem(placed("470", "470"), 0.99, fit=0.2))


def test_doubtful_digits_are_named_unless_all_are_doubtful() -> None:
    assert problem(placed("47", "47", sure=0.5), 0.4) == "This is only 40 % certain to be the whole number: check it."
    one, other = placed("4", "4", sure=0.5), placed("7", "7", sure=0.99)
    both = PlacedDigits(one.digits + other.digits, np.concatenate([one.single, other.single]))
    assert problem(both, 0.4) == "Of 2 digits, digit 1 is uncertain: check the number."


def test_of_several_numbers_the_doubtful_ones_are_named() -> None:
    assert warning_on_several([None, None]) is None
    assert warning_on_several(["check it"]) == "check it"
    assert (
        warning_on_several([None, "a", "b"])
        == "Of 3 numbers, numbers 2, 3 are doubtful: check what `rows` says of each."
    )
