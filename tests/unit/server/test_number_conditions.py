from __future__ import annotations

import pytest
from starlette.datastructures import QueryParams

import tenfold
from tenfold.server.number_conditions import PARAMETERS, conditions_in


def test_a_query_is_what_read_number_takes() -> None:
    query = QueryParams("digits=8&pattern=%5Cd%2B&allowed=12&allowed=1%2F2&check=luhn&other=x")
    conditions = conditions_in(query)
    assert conditions == {"digits": 8, "pattern": r"\d+", "allowed": ["12", "1/2"], "check": "luhn"}
    assert {parameter["name"] for parameter in PARAMETERS} == set(conditions)


def test_no_query_expects_nothing() -> None:
    assert conditions_in(QueryParams("")) == {}


@pytest.mark.parametrize("digits", ["", "x", "-1", "1.5", "\u0663"])
def test_digits_that_are_not_a_number_are_refused(digits: str) -> None:
    with pytest.raises(tenfold.DataError, match="digits is"):
        conditions_in(QueryParams({"digits": digits}))
