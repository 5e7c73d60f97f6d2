from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from tenfold.forms.expectations import Expectations

DAY = Expectations(date="%d/%m/%y")
TEMPERATURE = Expectations(digits=3, decimals=1, least=Decimal(0), greatest=Decimal(45))


@pytest.mark.parametrize(
    ("conditions", "written", "value"),
    [
        (Expectations(), "12/3", "12/3"),
        (Expectations(digits=4), "0012", "0012"),
        (Expectations(pattern=r"\d-\d"), "1-2", "1-2"),
        (Expectations(allowed=("17", "23")), "23", "23"),
        (Expectations(decimals=1), "36,5", "36.5"),
        (Expectations(decimals=2), "-3.25", "-3.25"),
        (TEMPERATURE, "365", "36.5"),
        (TEMPERATURE, "36.5", "36.5"),
        (Expectations(least=Decimal(-5), greatest=Decimal(5)), "-4", "-4"),
        (DAY, "08/07/26", "08/07/26"),
        (DAY, "8.7.26", "08/07/26"),
        (DAY, "080726", "08/07/26"),
        (Expectations(date="%Y-%m-%d"), "2026/1/31", "2026-01-31"),
        (Expectations(date="%H:%M"), "7.05", "07:05"),
        (Expectations(date="%d/%m/%y", least=datetime.date(2026, 1, 1)), "010126", "01/01/26"),
    ],
)
def test_what_fits_becomes_a_value(conditions: Expectations, written: str, value: str) -> None:
    assert conditions.value_of(written) == (value, None)


@pytest.mark.parametrize(
    ("conditions", "written", "problem"),
    [
        (Expectations(digits=4), "123", "'123' does not fit 4 digits"),
        (Expectations(digits=4), "12-34", "does not fit 4 digits"),
        (Expectations(decimals=1), "365", "does not fit the pattern"),
        (Expectations(decimals=1, least=Decimal(0)), "-1.0", "does not fit the pattern"),
        (Expectations(digits=4, check="luhn"), "1234", "the check digit (luhn)"),
        (TEMPERATURE, "45.1", "'45.1' is above the greatest value, 45."),
        (Expectations(least=Decimal(7)), "3", "'3' is below the least value, 7."),
        (DAY, "31/02/26", "'31/02/26' is not a date of the calendar."),
        (DAY, "8726", "does not fit the pattern"),
        (DAY, "41/01/26", "does not fit the pattern"),
        (Expectations(date="%d/%m/%y", greatest=datetime.date(2026, 1, 1)), "02/01/26", "above the greatest value"),
    ],
)
def test_what_does_not_fit_is_told_with_the_rule(conditions: Expectations, written: str, problem: str) -> None:
    value, found = conditions.value_of(written)
    assert problem in str(found)
    assert value


def test_every_day_of_a_year_is_read_back_in_every_way_of_writing_it() -> None:
    for number in range(365):
        day = datetime.date(2026, 1, 1) + datetime.timedelta(days=number)
        plain = day.strftime("%d/%m/%y")
        for written in (plain, plain.replace("/", ""), f"{day.day}.{day.month}.26", f"{day.day}-{day.month:02}-26"):
            assert DAY.value_of(written) == (plain, None)
            assert DAY.expected is not None
            assert DAY.expected.fits(written)


def test_recognition_is_told_what_may_stand_there() -> None:
    assert Expectations().conditions == {"digits": None, "pattern": None, "allowed": None, "check": None}
    assert TEMPERATURE.conditions["digits"] == 3
    assert TEMPERATURE.expected is not None
    assert TEMPERATURE.expected.may_begin("36")
    assert not TEMPERATURE.expected.may_begin("-")
    assert Expectations(allowed=("1", "2"), digits=1).conditions["allowed"] == ("1", "2")
