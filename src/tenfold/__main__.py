"""The process of the command line, `tenfold` or `python -m tenfold`: streams, signals, exit status.

An error, Ctrl-C or a closed pipe become one line on stderr and a status. The commands are in `cli`.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from typing import Any

import typer

from tenfold.cli.main import app
from tenfold.cli.options import INTERRUPTED
from tenfold.errors import TenfoldError, one_line

USAGE_ERROR: Any = typer.BadParameter.__base__  # click's or, in newer versions, typer's own; it has no public name


def main() -> None:
    """Run the command that the arguments of the process ask for, and exit."""
    _prepare()
    try:
        status = app(prog_name="tenfold", standalone_mode=False) or 0
        sys.stdout.flush()
    except TenfoldError as error:
        status = _print_error(str(error), 1)
    except USAGE_ERROR as error:
        error.show()
        status = error.exit_code
    except BrokenPipeError:  # the program that read the results has closed the pipe
        status = 1
    except OSError as error:
        status = _print_error(f"the results cannot be written ({error.strerror}): give another place for them", 1)
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    if status == INTERRUPTED:
        _print_error("interrupted", status)
    if status:
        _close_stdout()
    sys.exit(status)


def _prepare() -> None:
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # the parent process closed it
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 (until the process ends)
    notes = logging.StreamHandler(sys.stderr)
    notes.setFormatter(logging.Formatter("%(message)s"))
    logging.getLogger("tenfold").addHandler(notes)
    logging.getLogger("tenfold").setLevel(logging.INFO)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # notes of libraries on odd files do not help a user
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a file name may hold characters that the terminal cannot show


def _print_error(message: str, status: int) -> int:
    print(f"tenfold: {one_line(message)}", file=sys.stderr)
    return status


def _close_stdout() -> None:
    """Flush stdout if possible, and keep Python from trying again when it exits."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
