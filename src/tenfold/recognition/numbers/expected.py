"""What a caller expects to stand in a picture: how many digits, a pattern, a list, a check digit. No decoding here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tenfold.errors import DataError
from tenfold.networks.line_network import UNKNOWN
from tenfold.recognition.numbers.check_digits import CHECKS

if TYPE_CHECKING:
    from re import Pattern

MAX_DIGITS = 100
MAX_PATTERN = 1000  # characters
SECONDS = 1.0  # that a pattern may take on one text; patterns can be made to take forever


@dataclass(frozen=True)
class Expected:
    r"""What may stand in a picture. Conditions that are None are not set; all that are set must hold.

    Attributes:
        digits: how many digits.
        pattern: a regular expression that all of what is written must match, such as `\d{2}/\d{2}/\d{2}`.
        allowed: all texts that may be written; if they have no signs, signs are not read.
        check: the name of a check digit's formula: "luhn", "isbn13", "mod11" or "mod97".

    Raises:
        DataError: a condition cannot be met by any text, or is not of these kinds.
    """

    digits: int | None = None
    pattern: str | None = None
    allowed: Iterable[str] | None = None
    check: str | None = None
    _prefixes: frozenset[str] = field(init=False, repr=False, compare=False, default=frozenset())

    def __post_init__(self) -> None:
        if self.digits is not None and (not isinstance(self.digits, int) or not 1 <= self.digits <= MAX_DIGITS):
            raise DataError(f"digits is {self.digits!r}: give a number from 1 to {MAX_DIGITS}")
        if self.check is not None and self.check not in CHECKS:
            raise DataError(f"check is {self.check!r}: it must be one of {', '.join(CHECKS)}")
        if self.allowed is not None:
            self._set_allowed()
        if self.pattern is not None:
            _ = self._compiled

    def _set_allowed(self) -> None:
        if isinstance(self.allowed, str):
            raise DataError(f"allowed is the text {self.allowed!r}: give a list of texts")
        texts = tuple(str(text) for text in self.allowed or ())
        if not texts or not all(texts):
            raise DataError("allowed holds no text, or an empty one: give the texts that may be written")
        object.__setattr__(self, "allowed", texts)
        prefixes = frozenset(text[:end] for text in texts for end in range(len(text) + 1))
        object.__setattr__(self, "_prefixes", prefixes)

    def as_dict(self) -> dict[str, Any]:
        """The conditions as `Reader.read_number` takes them, and JSON."""
        allowed = None if self.allowed is None else list(self.allowed)
        return {"digits": self.digits, "pattern": self.pattern, "allowed": allowed, "check": self.check}

    def __bool__(self) -> bool:
        """True if any condition is set."""
        return any(value is not None for value in self.as_dict().values())

    def __str__(self) -> str:
        """The conditions in words, for advice."""
        words = []
        if self.digits is not None:
            words.append(f"{self.digits} digits" if self.digits > 1 else "one digit")
        if self.pattern is not None:
            words.append(f"the pattern {self.pattern}")
        if self.allowed is not None:
            words.append(f"the list of {len(tuple(self.allowed))} texts")
        if self.check is not None:
            words.append(f"the check digit ({self.check})")
        return " and ".join(words)

    def may_begin(self, text: str) -> bool:
        """True if some text that fits may begin like this."""
        if self.digits is not None and sum(map(str.isdigit, text)) > self.digits:
            return False
        if self.allowed is not None and text not in self._prefixes:
            return False
        return self.pattern is None or self._matches(text, partial=True)

    def fits(self, text: str) -> bool:
        """True if this may be what is written."""
        found = "".join(filter(str.isdigit, text))
        if self.digits is not None and len(found) != self.digits:
            return False
        if self.allowed is not None and text not in tuple(self.allowed):
            return False
        if self.check is not None and not CHECKS[self.check](found):
            return False
        return self.pattern is None or self._matches(text, partial=False)

    def _matches(self, text: str, partial: bool) -> bool:
        if UNKNOWN in text:
            return False
        try:
            return self._compiled.fullmatch(text, partial=partial, timeout=SECONDS) is not None
        except TimeoutError:
            raise DataError(f"pattern {self.pattern!r} takes too long on {text!r}: write it simpler") from None

    @cached_property
    def _compiled(self) -> Any:
        import regex

        if len(str(self.pattern)) > MAX_PATTERN:
            raise DataError(f"pattern has {len(str(self.pattern)):,} characters: at most {MAX_PATTERN:,} are allowed")
        try:
            compiled: Pattern[str] = regex.compile(str(self.pattern), regex.ASCII)
        except regex.error as error:
            raise DataError(f"pattern {self.pattern!r} is not a regular expression ({error})") from error
        return compiled


def expected(
    digits: int | None = None,
    pattern: str | None = None,
    allowed: Iterable[str] | None = None,
    check: str | None = None,
) -> Expected | None:
    """The conditions as one value; None if none is set."""
    conditions = Expected(digits, pattern, allowed, check)
    return conditions if conditions else None
