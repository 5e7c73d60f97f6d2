"""`tenfold read`: pictures -> digits or numbers, printed one per line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli.options import (
    Allowed,
    AsJson,
    Check,
    Digits,
    Force,
    Pattern,
    check_outputs,
    check_picture_name,
    conditions_on_numbers,
    least_confidence,
    progress_bar,
)
from tenfold.errors import PictureError, one_line

if TYPE_CHECKING:
    from tenfold.io.image_files import Picture
    from tenfold.recognition.numbers.expected import Expected
    from tenfold.recognition.reader import Reader
    from tenfold.recognition.results import NumberReading, Reading

UNREAD, DOUBTFUL = 1, 3  # exit statuses
FEW = 20  # pictures that are read without a progress bar, as they take less than a second


def read(
    pictures: Annotated[list[str], typer.Argument(metavar="PICTURE...", help="Picture files; - is standard input.")],
    number: Annotated[bool, typer.Option("--number", help="Read lines of digits instead of one digit.")] = False,
    digits: Digits = None,
    pattern: Pattern = None,
    allowed: Allowed = None,
    check: Check = None,
    as_json: AsJson = False,
    network: Annotated[
        str | None,
        typer.Option("--network", metavar="NAME|FOLDER", help="The network that reads; by default digits."),
    ] = None,
    min_confidence: Annotated[
        float | None,
        least_confidence("Readings below this are doubtful; by default, readings with a warning (a digit below 0.7)."),
    ] = None,
    show: Annotated[
        Path | None,
        typer.Option("--show", metavar="FILE", help="Draw every stage as .png, .jpg or .pdf; one picture only."),
    ] = None,
    force: Force = False,
) -> None:
    """Read the digit, or with --number all digits, in each picture.

    Exit status: 0 if all pictures were read, 1 if some could not be read, 3 if all were read but some readings are
    doubtful.
    """
    from tenfold.recognition.numbers.expected import expected
    from tenfold.recognition.reader import Reader

    _check_usage(pictures, number, network, show)
    conditions = conditions_on_numbers(number, digits, pattern, allowed, check)
    check_outputs(force, show)
    reader = Reader() if network is None else Reader(network)
    expectation = expected(**conditions)
    statuses = set()
    with progress_bar(shown=len(pictures) > FEW and not sys.stdout.isatty()) as progress:  # else results show it
        for done, name in enumerate(pictures, start=1):
            reading = _read(reader, name, number, expectation)
            _print_reading(name, reading, as_json, only=len(pictures) == 1)
            if show is not None and reading.decoded:
                _draw(reading, show)
            statuses.add(_status(reading, min_confidence))
            if progress is not None:
                progress("reading", done, len(pictures))
    raise typer.Exit(UNREAD if UNREAD in statuses else max(statuses))


def _check_usage(pictures: list[str], number: bool, network: str | None, show: Path | None) -> None:
    if show is not None and len(pictures) > 1:
        raise typer.BadParameter("it draws one picture: give one", param_hint="--show")
    check_picture_name(show, "--show")
    if number and network is not None:
        raise typer.BadParameter("numbers are read by the packaged line network: leave it out", param_hint="--network")


def _read(reader: Reader, name: str, number: bool, conditions: Expected | None) -> Reading | NumberReading:
    from tenfold.recognition.results import failed_number_reading, failed_reading

    try:
        return reader.read_expected(_picture(name), conditions) if number else reader.read(_picture(name))
    except PictureError as error:
        return failed_number_reading(str(error)) if number else failed_reading(str(error))


def _picture(name: str) -> Picture:
    """The picture that an argument names; `-` is standard input."""
    if name.startswith(("http://", "https://")):
        raise PictureError(f"{name!r} is an address, and tenfold fetches nothing: try curl {name} | tenfold read -")
    if name != "-":
        return Path(name)
    if sys.stdin is None:
        raise PictureError("standard input is closed: give a file")
    return sys.stdin.buffer


def _print_reading(name: str, reading: Reading | NumberReading, as_json: bool, only: bool) -> None:
    if as_json:
        print(json.dumps({"picture": name} | reading.as_dict()))
    elif reading.decoded:
        answer = f"{reading.answer}  {100 * reading.confidence:3.0f} %" if reading.answer else "-"
        print(answer if only else f"{one_line(name)}  {answer}")
    if reading.problem is not None:
        print(f"{one_line(name)}: {one_line(reading.problem)}", file=sys.stderr)


def _draw(reading: Reading | NumberReading, path: Path) -> None:
    from tenfold.io.atomic_write import write_whole
    from tenfold.recognition.figures import draw_reading
    from tenfold.visualization.montage import encode

    write_whole(path, encode(draw_reading(reading), path.suffix.lower()))


def _status(reading: Reading | NumberReading, min_confidence: float | None) -> int:
    """The exit status that one reading asks for."""
    if not reading.answer:
        return UNREAD
    doubtful = reading.problem is not None if min_confidence is None else reading.confidence < min_confidence
    return DOUBTFUL if doubtful else 0
