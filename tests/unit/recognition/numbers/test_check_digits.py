from __future__ import annotations

import pytest

from tenfold.recognition.numbers.check_digits import CHECKS

# Published examples: a test card of Visa, the ISBN manual's example, an ORCID of its documentation, ISO 7064's example.
EXAMPLES = {"luhn": "4111111111111111", "isbn13": "9780306406157", "mod11": "0000000218250097", "mod97": "79444"}


@pytest.mark.parametrize("name", CHECKS)
def test_a_published_example_passes_and_no_change_of_one_digit_does(name: str) -> None:
    right = EXAMPLES[name]
    assert CHECKS[name](right)
    for place, digit in enumerate(right):
        for other in set("0123456789") - {digit}:
            assert not CHECKS[name](right[:place] + other + right[place + 1 :])


@pytest.mark.parametrize("name", CHECKS)
def test_nothing_is_not_an_id(name: str) -> None:
    assert not CHECKS[name]("")
