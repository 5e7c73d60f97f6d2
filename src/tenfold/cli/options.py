"""What several commands share: options, checks of output paths, the progress bar. Imports nothing heavy."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from tenfold.errors import OutputError

INTERRUPTED = 130  # exit status of a command that Ctrl-C ended
Progress = Callable[[str, int, int], None]  # called with a task, the amount done and the total

Force = Annotated[bool, typer.Option("--force", help="Overwrite existing files.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Save the network in this folder.")]
Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="PATH", help="The folder or file of a set of labelled images; by default MNIST."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")]
Digits = Annotated[
    int | None, typer.Option("--digits", metavar="N", min=1, help="With --number: each number has N digits.")
]
Pattern = Annotated[
    str | None,
    typer.Option("--pattern", metavar="REGEX", help="With --number: what is written matches this expression."),
]
Allowed = Annotated[
    Path | None,
    typer.Option("--allowed", metavar="FILE", help="With --number: the texts that may be written, one a line."),
]
Check = Annotated[
    str | None,
    typer.Option("--check", metavar="NAME", help="With --number: its check digit: luhn, isbn13, mod11 or mod97."),
]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        envvar="TENFOLD_DATABASE",
        help="A PostgreSQL database, postgresql://user@host/name; by default, form.sqlite in the folder.",
    ),
]


def conditions_on_numbers(
    number: bool, digits: int | None, pattern: str | None, allowed: Path | None, check: str | None
) -> dict[str, Any]:
    """What is expected of each number, as `Reader.read_number` takes it."""
    given = {"digits": digits, "pattern": pattern, "allowed": allowed, "check": check}
    conditions: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if conditions and not number:
        raise typer.BadParameter("--digits, --pattern, --allowed and --check are for numbers: give --number too")
    if allowed is not None:
        try:
            conditions["allowed"] = [line.strip() for line in allowed.read_text("utf-8").splitlines() if line.strip()]
        except (OSError, ValueError) as error:
            raise typer.BadParameter(f"{str(allowed)!r} cannot be read ({error})", param_hint="--allowed") from error
    return conditions


def check_outputs(force: bool, *paths: Path | None) -> None:
    """Fail before any work is done if a result could not be written, or would overwrite a file without --force.

    Raises:
        OutputError: two results have the same name, a file exists, or its folder does not exist or is read-only.
    """
    from tenfold.io.atomic_write import check_output

    given = [path for path in paths if path is not None]
    if len({path.absolute() for path in given}) < len(given):
        raise OutputError(f"{str(given[0])!r} is named for two results: give each a name of its own")
    for path in given:
        check_output(path)
        if os.path.lexists(path) and not force:
            raise OutputError(f"{str(path)!r} exists already: choose another name, or overwrite it with --force")


def check_picture_name(path: Path | None, option: str) -> None:
    """Fail if a picture is to be written under a name that does not tell its format."""
    if path is None:
        return
    from tenfold.visualization.montage import FORMATS

    if path.suffix.lower() not in FORMATS:
        raise typer.BadParameter(f"{path.name!r} must end in .png, .jpg or .pdf", param_hint=option)


def check_folder(out: Path | None, force: bool) -> None:
    """Fail before any work is done if a network could not be saved in a folder.

    Raises:
        OutputError: as in `check_outputs`, or the folder has the name of a packaged network.
    """
    from tenfold.networks.registry import packaged_networks

    if out is not None and str(out) in packaged_networks():
        raise OutputError(
            f"{str(out)!r} is the name of a packaged network, which would hide yours: choose another name"
        )
    check_outputs(force, out)


def least_confidence(help_text: str) -> Any:
    """The option --min-confidence, from 0 to 1."""
    return typer.Option("--min-confidence", metavar="X", min=0, max=1, callback=_check_number, help=help_text)


def _check_number(value: float | None) -> float | None:
    """Refuse nan, which typer's range lets pass."""
    if value is not None and math.isnan(value):
        raise typer.BadParameter("nan is not a number from 0 to 1")
    return value


@contextmanager
def progress_bar(shown: bool = True) -> Iterator[Progress | None]:
    """Show a progress bar with rate and time left while stderr is a terminal, and remove it at the end; else None."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    # Rich moves what is printed to stderr, above the bar: right in a terminal, but lost to a pipe or a file.
    redirect = sys.stdout.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=redirect) as bar:
        task = bar.add_task("", rate="")

        def update(what: str, done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:,.1f}/s" if speed else ""
            bar.update(task, description=what, completed=done, total=total, rate=rate)

        yield update
