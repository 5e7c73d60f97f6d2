"""Check digits: whether a string of digits can be an id of a kind that ends in them. Does not know pictures."""

from __future__ import annotations

from collections.abc import Callable


def luhn(digits: str) -> bool:
    """The formula of cards and many national ids (ISO/IEC 7812-1): every second digit from the right is doubled."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return bool(digits) and sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def isbn13(digits: str) -> bool:
    """The formula of 13-digit ISBN and EAN (ISO 2108): weights 1 and 3 in turn."""
    return len(digits) == 13 and sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(digits)) % 10 == 0


def mod11(digits: str) -> bool:
    """ISO/IEC 7064, MOD 11-2, as in ORCID; ids that end in X are not numbers of digits."""
    rest = 0
    for digit in digits:
        rest = (rest * 2 + int(digit)) % 11
    return bool(digits) and rest == 1


def mod97(digits: str) -> bool:
    """ISO/IEC 7064, MOD 97-10, as in bank references: the number leaves 1 when it is divided by 97."""
    return bool(digits) and int(digits) % 97 == 1


CHECKS: dict[str, Callable[[str], bool]] = {"luhn": luhn, "isbn13": isbn13, "mod11": mod11, "mod97": mod97}
