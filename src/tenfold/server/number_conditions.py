"""What a request expects of a number, in its query: `?digits=8&check=luhn`. No reading here."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import QueryParams

from tenfold.errors import DataError
from tenfold.recognition.numbers.check_digits import CHECKS

PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "digits",
        "in": "query",
        "description": "how many digits each number has",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100},
    },
    {
        "name": "pattern",
        "in": "query",
        "description": "a regular expression that all of what is written must match",
        "schema": {"type": "string", "maxLength": 1000},
    },
    {
        "name": "allowed",
        "in": "query",
        "description": "a text that may be written; repeat it for each text",
        "schema": {"type": "array", "items": {"type": "string", "minLength": 1}},
    },
    {
        "name": "check",
        "in": "query",
        "description": "the formula of the check digit",
        "schema": {"type": "string", "enum": list(CHECKS)},
    },
]


def conditions_in(query: QueryParams) -> dict[str, Any]:
    """The conditions of a query, as `Reader.read_number` takes them; others are ignored.

    Raises:
        DataError: `digits` is not a number.
    """
    conditions: dict[str, Any] = {name: query[name] for name in ("pattern", "check") if name in query}
    if "digits" in query:
        if not query["digits"].isascii() or not query["digits"].isdigit():
            raise DataError(f"digits is {query['digits']!r}: give a number from 1 to 100")
        conditions["digits"] = int(query["digits"][:9])
    if "allowed" in query:
        conditions["allowed"] = query.getlist("allowed")
    return conditions
