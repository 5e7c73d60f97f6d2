"""What a field must hold, and how what is written there becomes its value. Does not read pictures or files."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tenfold.errors import DataError
from tenfold.recognition.numbers.expected import Expected, expected

Bound = Decimal | datetime.date

SEPARATORS = "./-: "  # that may stand in the format of a date
# What may be written for each part of a date or time; the second has no leading zero left out.
PARTS = {
    "%d": (r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0[1-9]|[12]\d|3[01])"),
    "%m": (r"(?:0?[1-9]|1[0-2])", r"(?:0[1-9]|1[0-2])"),
    "%y": (r"\d\d", r"\d\d"),
    "%Y": (r"\d{4}", r"\d{4}"),
    "%H": (r"(?:[01]?\d|2[0-3])", r"(?:[01]\d|2[0-3])"),
    "%M": (r"[0-5]\d", r"[0-5]\d"),
}
FORMAT = re.compile(f"(?:%[{''.join(part[1] for part in PARTS)}]|[{re.escape(SEPARATORS)}])+")
DIRECTIVE = re.compile(r"%\w")


@dataclass(frozen=True)
class Expectations:
    """What a field must hold. Conditions that are None are not set; all that are set must hold.

    Attributes:
        digits: how many digits.
        decimals: how many of them stand behind the point or comma. The mark may be missing on the paper, where it is
            printed, only if `digits` is set: otherwise nobody could tell 365 from 36.5.
        pattern: a regular expression that all of what is written must match.
        allowed: all texts that may be written.
        check: the formula of the check digit: "luhn", "isbn13", "mod11" or "mod97".
        date: the format of a date or time, in the directives of `strftime`: `%d %m %y %Y %H %M`.
        least, greatest: the range of a number or a date.
        required: whether an empty field needs review.

    Raises:
        DataError: a condition is of another kind, or no text can meet all.
    """

    digits: int | None = None
    decimals: int | None = None
    pattern: str | None = None
    allowed: tuple[str, ...] | None = None
    check: str | None = None
    date: str | None = None
    least: Bound | None = None
    greatest: Bound | None = None
    required: bool = True

    def __post_init__(self) -> None:
        if self.date is not None:
            self._check_date()
        if self.decimals is not None:
            if not 1 <= self.decimals <= 20:
                raise DataError(f"decimals is {self.decimals}: give a number from 1 to 20")
            if self.pattern is not None:
                raise DataError("decimals and pattern are both set: keep one")
            if self.digits is not None and self.digits <= self.decimals:
                raise DataError(f"decimals is {self.decimals} of {self.digits} digits: give fewer decimals than digits")
        if self.least is not None and self.greatest is not None and self.least > self.greatest:  # type: ignore[operator]
            raise DataError(f"min is {self.least}: it must not be above max, {self.greatest}")
        _ = self.expected

    def _check_date(self) -> None:
        also = [name for name in ("digits", "decimals", "pattern", "check") if getattr(self, name) is not None]
        if also:
            raise DataError(f"date and {also[0]} are both set: keep one")
        directives = DIRECTIVE.findall(self.date or "")
        if not FORMAT.fullmatch(self.date or "") or len(set(directives)) < len(directives) or not directives:
            raise DataError(
                f"date is {self.date!r}: give a format of {' '.join(PARTS)}, each at most once, and the separators "
                f"{' '.join(SEPARATORS.strip())}, such as %d/%m/%y"
            )
        if {"%y", "%Y"} <= set(directives):
            raise DataError(f"date is {self.date!r}: give %y or %Y, not both")

    @property
    def is_number(self) -> bool:
        """True if the value is a number, and not a date or any other text."""
        return self.date is None and (self.decimals is not None or isinstance(self.least or self.greatest, Decimal))

    @property
    def expected(self) -> Expected | None:
        """What recognition is told; ranges and calendars are checked afterwards."""
        return expected(**self.conditions)

    @property
    def conditions(self) -> dict[str, Any]:
        """The same as arguments of `Reader.read_number`."""
        given = {"digits": self.digits, "pattern": self.pattern, "allowed": self.allowed, "check": self.check}
        if self.date is not None:
            given["pattern"] = _date_pattern(self.date)
        elif self.pattern is None and self.allowed is None:
            given["pattern"] = self._number_pattern()
        return given

    def _number_pattern(self) -> str | None:
        negative = isinstance(self.least, Decimal) and self.least < 0
        sign = "-?" if negative or (self.decimals is not None and self.least is None) else ""
        if self.decimals is not None:
            mark = "[.,]?" if self.digits is not None else "[.,]"
            return rf"{sign}\d+{mark}\d{{{self.decimals}}}"
        return rf"{sign}\d+" if self.digits is not None or self.check is not None or self.is_number else None

    def value_of(self, written: str) -> tuple[str, str | None]:
        """The value that a text stands for, and why it cannot be one; None if it can.

        Decimals get a point, and dates the format of the template with leading zeros. Everything else stays as it is.
        """
        fits = self.expected is None or self.expected.fits(written)
        if not fits:
            return written, f"{written!r} does not fit {self.expected}."
        if self.date is not None:
            return self._date_value(written, self.date)
        if not self.is_number:
            return written, None
        value = written.replace(",", ".")
        if self.decimals is not None and "." not in value:
            value = f"{value[: -self.decimals]}.{value[-self.decimals :]}"
        return value, self._out_of_range(value, Decimal(value))

    def _date_value(self, written: str, form: str) -> tuple[str, str | None]:
        match = re.fullmatch(_date_pattern(form, groups=True), written)
        parts = {} if match is None else {name: text for name, text in match.groupdict().items() if text}
        names = [f"%{name[0]}" for name in parts]
        try:
            moment = datetime.datetime.strptime(" ".join(parts.values()), " ".join(names))
        except ValueError:
            return written, f"{written!r} is not a date of the calendar."
        value = moment.strftime(form)
        return value, self._out_of_range(value, moment.date())

    def _out_of_range(self, text: str, value: Any) -> str | None:
        if self.least is not None and value < self.least:
            return f"{text!r} is below the least value, {self.least}."
        if self.greatest is not None and value > self.greatest:
            return f"{text!r} is above the greatest value, {self.greatest}."
        return None


def _date_pattern(form: str, groups: bool = False) -> str:
    """What may be written for a date: with any separators and without leading zeros, or as digits alone."""
    options = []
    for kind in (0, 1):
        pattern = ""
        for piece in re.findall(r"%\w|.", form):
            if piece in PARTS:
                part = PARTS[piece][kind]
                pattern += f"(?P<{piece[1]}{kind}>{part})" if groups else part
            elif kind == 0:
                pattern += "[.:]" if piece == ":" else "[./-]"
        options.append(pattern)
    return f"(?:{options[0]}|{options[1]})"
