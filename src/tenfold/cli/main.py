"""The command line: `app` with its commands, each in a module of its own.

Results go to stdout, progress and advice to stderr. Exit status: 0 all read, 1 some picture could not be read or the
command failed, 2 wrong usage, 3 all read but some doubtful, 130 interrupted.
"""

from __future__ import annotations

from typing import Annotated

import typer

import tenfold
from tenfold.cli.batch import batch
from tenfold.cli.evaluate import evaluate, ladder
from tenfold.cli.form import export, new
from tenfold.cli.form import read as read_form
from tenfold.cli.read import read
from tenfold.cli.serve import serve
from tenfold.cli.train import article, digits, lines

app = typer.Typer(
    name="tenfold",
    rich_markup_mode=None,  # plain help starts in half the time and can be pasted anywhere
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(read)
app.command()(batch)
form = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
form.command()(new)
form.command("read")(read_form)
form.command()(export)
app.add_typer(form, name="form", help="Read the fields of a printed form from its scans.")
train = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
train.command()(article)
train.command()(digits)
train.command()(lines)
app.add_typer(train, name="train", help="Train a network and print its accuracy on the test images.")
app.command()(evaluate)
app.command()(ladder)
app.command()(serve)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"tenfold {tenfold.__version__}")
        raise typer.Exit()


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Read handwritten digits; train and evaluate the networks that read them."""
