"""The template of a form: `form.toml` -> its fields, each with a box and expectations. Does not open pictures.

A wrong template is one sentence with the line, the value and the rule.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from tenfold.arrays import Box
from tenfold.errors import DataError, FormError
from tenfold.forms.expectations import Expectations

FILE = "form.toml"
MAX_BYTES = 4 << 20
MAX_FIELDS = 1000
MAX_NAME = 100  # characters
RENAMED = {"min": "least", "max": "greatest"}  # keys whose attributes have other names
KEYS = ("digits", "decimals", "pattern", "allowed", "check", "date", "min", "max", "required")
RESERVED = {"sheet"}  # columns of the results that are not fields


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Attributes:
        name: of its column in the results.
        box: `(left, top, width, height)` in pixels of the blank form.
        expectations: what it must hold.
        line: where it is in the template, from 1.
    """

    name: str
    box: Box
    expectations: Expectations
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Template:
    """A form: its name, its blank page and its fields.

    Attributes:
        name: of the form.
        blank: the file of the blank form, relative to the folder.
        page: the page of the blank form in a document, from 1; None for a picture.
        fields: in the order of the template.
        text: of the template.
    """

    name: str
    blank: str
    page: int | None
    fields: tuple[Field, ...]
    text: str = field(repr=False, default="", compare=False)

    @property
    def sha256(self) -> str:
        """The hash of the template's text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def check_boxes(self, width: int, height: int) -> None:
        """Raise FormError if a box does not lie within a blank form of this size, in pixels."""
        for one in self.fields:
            left, top, wide, high = one.box
            if left < 0 or top < 0 or left + wide > width or top + high > height:
                raise FormError(
                    f"{FILE}, line {_line_of(self.text, 'box', one.line)}: the box {list(one.box)} of field "
                    f"{one.name!r} reaches beyond the blank form, which has {width} x {height} pixels: move it"
                )


def load_template(path: Path) -> Template:
    """Read a template.

    Raises:
        FormError: the file cannot be read, or breaks a rule.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FormError(f"{str(path)!r} has over {MAX_BYTES >> 20} MiB, the limit: it is not a template")
        return parse_template(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FormError(f"{str(path)!r} cannot be read ({reason}): make a form with tenfold form new") from error


def parse_template(text: str) -> Template:
    """The template that a text is.

    Raises:
        FormError: the text breaks a rule.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at (?:line (\d+), column \d+|end of document)\)$", str(error))
        line = place[1] if place and place[1] else text.count("\n") + 1
        raise FormError(f"{FILE}, line {line}: not TOML ({str(error).partition(' (at ')[0]})") from error
    _check_keys(
        document,
        ("form", "field"),
        lambda key: _fail(text, key, 0, f"{key!r} is not known: it has [form] and [[field]]"),
    )
    form = document.get("form")
    if not isinstance(form, dict):
        _fail(text, "form", 0, "there is no [form]: begin with it, and its name and blank")
    _check_keys(
        form,
        ("name", "blank"),
        lambda key: _fail(text, key, 0, f"{key!r} is not known in [form]: it has name and blank"),
    )
    name, blank = (_text(text, form, key) for key in ("name", "blank"))
    file, page = _blank(text, blank)
    tables = document.get("field", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        _fail(text, "field", 0, "'field' is one table: write [[field]], in two brackets, before each field")
    if len(tables) > MAX_FIELDS:
        _fail(text, "field", 0, f"there are {len(tables)} fields: at most {MAX_FIELDS} are allowed")
    found = tuple(
        _field(text, table, line) for table, line in zip(tables, _field_lines(text, len(tables)), strict=True)
    )
    _check_names(found)
    return Template(name, file, page, found, text)


def _blank(text: str, blank: str) -> tuple[str, int | None]:
    """The file and the page that `blank` names, such as "blank.pdf#2"."""
    file, mark, number = blank.rpartition("#")
    if not mark:
        file, number = blank, ""
    elif not number.isascii() or not number.isdigit() or not int(number):
        _fail(text, "blank", 0, f"blank is {blank!r}: behind # must stand the number of a page, from 1")
    if not file or Path(file).is_absolute() or ".." in Path(file).parts:
        _fail(text, "blank", 0, f"blank is {blank!r}: it must be a file in the folder of the form")
    return file, int(number) if number else None


def _field(text: str, table: dict[str, Any], line: int) -> Field:
    known = ("name", "box", *KEYS)
    _check_keys(
        table,
        known,
        lambda key: _fail(text, key, line, f"{key!r} is not known in [[field]]: it has {', '.join(known)}"),
    )
    for key in ("name", "box"):
        if key not in table:
            _fail(text, "", line, f"the field has no {key}: every field has a name and a box")
    name, box = table["name"], table["box"]
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        _fail(text, "name", line, f"name is {name!r}: give a text of 1 to {MAX_NAME} characters")
    whole = isinstance(box, list) and len(box) == 4 and all(type(number) is int for number in box)
    if not whole or min(box[2:]) < 1:
        _fail(text, "box", line, f"box is {box!r}: give left, top, width and height in whole pixels of the blank form")
    values = {key: _value(text, table, key, line) for key in KEYS if key in table}
    _check_range(text, values, line)
    arguments = {RENAMED.get(key, key): value for key, value in values.items()}
    try:
        expectations = Expectations(**arguments)
    except DataError as error:
        key = str(error).split(" ", 1)[0]
        _fail(text, key, line, f"{error} (field {name!r})")
    return Field(name, (box[0], box[1], box[2], box[3]), expectations, line)


def _value(text: str, table: dict[str, Any], key: str, line: int) -> Any:
    """A value of a field, checked to be of the kind of its key."""
    value = table[key]
    if key in {"digits", "decimals"}:
        ok, rule = type(value) is int, "give a whole number"
    elif key in {"pattern", "check", "date"}:
        ok, rule = isinstance(value, str), "give a text in quotes"
    elif key == "required":
        ok, rule = isinstance(value, bool), "give true or false"
    elif key == "allowed":
        ok = isinstance(value, list) and bool(value) and all(type(one) in {str, int} for one in value)
        rule, value = 'give a list of texts, such as ["7", "12"]', tuple(map(str, value)) if ok else value
    else:
        day = isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
        ok, rule = type(value) in {int, float} or day, "give a number, or a date such as 2026-01-31"
        value = value if day or not ok else Decimal(str(value))
        ok = ok and (day or value.is_finite())
    if not ok:
        _fail(text, key, line, f"{key} is {value!r}: {rule}")
    return value


def _check_range(text: str, values: dict[str, Any], line: int) -> None:
    """Bounds of a date field are dates, and those of other fields numbers."""
    for key in ("min", "max"):
        if key not in values:
            continue
        form = values.get("date")
        if form is not None and not ({"%d", "%m"} <= set(re.findall("%.", form)) and re.search("%[yY]", form)):
            _fail(text, key, line, f"{key} needs a date with day, month and year: the format is {form!r}")
        if isinstance(values[key], datetime.date) != (form is not None):
            kind = "a date such as 2026-01-31" if form is not None else "a number"
            _fail(text, key, line, f"{key} is {values[key]}: give {kind}")
        if values.keys() & {"pattern", "allowed"}:
            _fail(text, key, line, f"{key} and pattern or allowed are both set: keep one")


def _check_names(found: Iterable[Field]) -> None:
    """Columns of the results have names of their own."""
    taken: dict[str, Field] = {}
    for one in found:
        for column in columns_of(one.name):
            if column in RESERVED or column in taken:
                other = f"field {taken[column].name!r}" if column in taken else "the results themselves"
                raise FormError(
                    f"{FILE}, line {one.line}: field {one.name!r} makes a column {column!r}, which {other} has "
                    "already: rename it"
                )
            taken[column] = one


def columns_of(name: str) -> tuple[str, str, str]:
    """The columns of a field in the results: its value, confidence and state."""
    return name, f"{name}_confidence", f"{name}_state"


def _text(text: str, table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        _fail(text, key if key in table else "form", 0, f"{key} is {value!r}: give a text in quotes")
    return value


def _check_keys(table: dict[str, Any], known: Iterable[str], fail: Callable[[str], NoReturn]) -> None:
    for key in table:
        if key not in known:
            fail(key)


def _fail(text: str, key: str, line: int, sentence: str) -> NoReturn:
    """Raise an error at the line of a key, which is searched from a line on."""
    raise FormError(f"{FILE}, line {_line_of(text, key, line)}: {sentence}")


def _line_of(text: str, key: str, start: int) -> int:
    """The line of a key, from 1: the first from `start` on that assigns it, or opens its table; else `start`."""
    assignment = re.compile(rf"""\s*(?:\[+\s*)?["']?{re.escape(key)}["']?\s*(?:[=.\]]|$)""")
    lines = text.splitlines()
    for number in range(max(1, start), len(lines) + 1):
        if key and assignment.match(lines[number - 1]):
            return number
        if start and number > start and lines[number - 1].lstrip().startswith("["):
            break
    return max(1, start)


def _field_lines(text: str, count: int) -> list[int]:
    """The lines of the headers of all fields; 1 for each where they are written in another way."""
    headers = [number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*field\s*\]\]", line)]
    return headers if len(headers) == count else [1] * count


def template_text(name: str, blank: str, proposed: Iterable[tuple[Box, int | None]]) -> str:
    """A template to begin with.

    Args:
        name: of the form.
        blank: the file of the blank form.
        proposed: the boxes of its fields, and how many digits each holds, if that is known.
    """
    lines = ["[form]", f"name = {_quoted(name)}", f"blank = {_quoted(blank)}", ""]
    for place, (box, digits) in enumerate(proposed, start=1):
        lines += ["[[field]]", f'name = "field {place}"', f"box = {list(box)}"]
        lines += [f"digits = {digits}", ""] if digits else [""]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A text as a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
