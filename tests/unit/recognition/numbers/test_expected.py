from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold
from tenfold.recognition.numbers.expected import Expected, expected

pytest.importorskip("regex")

DATE = r"\d{2}/\d{2}/\d{2}"


@given(st.text("0123456789/.", max_size=9))
def test_a_text_fits_a_pattern_as_the_standard_library_says(text: str) -> None:
    assert Expected(pattern=DATE).fits(text) == bool(re.fullmatch(DATE, text))


@given(st.from_regex(DATE, fullmatch=True, alphabet="0123456789/"))
def test_every_beginning_of_a_text_that_fits_may_begin(text: str) -> None:
    conditions = Expected(digits=6, pattern=DATE, allowed=[text])
    assert conditions.fits(text)
    assert all(conditions.may_begin(text[:end]) for end in range(len(text) + 1))


@pytest.mark.parametrize(
    ("conditions", "text"),
    [({"digits": 2}, "123"), ({"pattern": DATE}, "12-"), ({"allowed": ["12", "13"]}, "14")],
)
def test_what_can_no_longer_fit_may_not_begin(conditions: dict[str, object], text: str) -> None:
    assert not Expected(**conditions).may_begin(text)  # type: ignore[arg-type]


def test_digits_count_without_their_signs() -> None:
    assert Expected(digits=3).fits("36.5")
    assert not Expected(digits=3).fits("3.65.0")


def test_a_check_digit_is_that_of_the_digits() -> None:
    assert Expected(check="isbn13").fits("978-0-306-40615-7")
    assert not Expected(check="isbn13").fits("978-0-306-40615-8")


def test_an_unknown_mark_fits_no_pattern() -> None:
    assert not Expected(pattern=".*").fits("12?")


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({"digits": 0}, "digits is 0"),
        ({"digits": "8"}, "digits is '8'"),
        ({"pattern": "("}, "not a regular expression"),
        ({"pattern": "1" * 1001}, "1,001 characters"),
        ({"allowed": []}, "holds no text"),
        ({"allowed": "12"}, "give a list"),
        ({"check": "crc"}, "must be one of luhn"),
    ],
)
def test_conditions_that_mean_nothing_are_named(conditions: dict[str, object], message: str) -> None:
    with pytest.raises(tenfold.DataError, match=re.escape(message)):
        Expected(**conditions)  # type: ignore[arg-type]


def test_a_pattern_that_takes_forever_is_stopped() -> None:
    with pytest.raises(tenfold.DataError, match="takes too long"):
        Expected(pattern="(?:1|1|11)+2").fits("1" * 60)


def test_without_conditions_nothing_is_expected() -> None:
    assert expected() is None
    assert str(expected(digits=8, check="luhn")) == "8 digits and the check digit (luhn)"
