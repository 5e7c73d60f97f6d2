"""The commands: arguments -> one call -> print. Results go to stdout, progress and advice to stderr.

Exit status: 0 all read; 1 something could not be read or done; 2 wrong usage; 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.errors import OutputError, PictureError, one_line
from tenfold.training.recipes import RECIPES

if TYPE_CHECKING:
    from tenfold.io.image_files import Picture
    from tenfold.recognition.results import NumberReading, Reading
    from tenfold.training.train_article import ArticleRun

app = typer.Typer(
    name="tenfold",
    help="Read handwritten digits; train and evaluate the networks that do.",
    rich_markup_mode=None,  # plain help starts in half the time and can be pasted anywhere
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

trainers = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
app.add_typer(trainers, name="train", help="Train a network and print its accuracy on the test images.")

NETWORK = "digits"  # as in `tenfold.recognition.reader`, whose import would slow --help down
INTERRUPTED = 130  # the status of a command that Ctrl-C ended

Force = Annotated[bool, typer.Option("--force", help="Overwrite what is there already.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Where to save the network.")]
Data = Annotated[
    Path | None, typer.Option("--data", metavar="FOLDER", help="A set in IDX files, or mnist.npz; default: MNIST.")
]


@app.command()
def read(
    pictures: Annotated[list[str], typer.Argument(metavar="PICTURE...", help="Picture files; - reads standard input.")],
    number: Annotated[bool, typer.Option("--number", help="Read lines of digits instead of one digit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    network: Annotated[str, typer.Option("--network", metavar="NAME|FOLDER", help="The network that reads.")] = (
        NETWORK
    ),
    show: Annotated[
        Path | None,
        typer.Option("--show", metavar="FILE.png", help="Draw every stage of the reading; one picture only."),
    ] = None,
    force: Force = False,
) -> None:
    """Read the digit in each picture, or with --number the lines of digits."""
    from tenfold.recognition.reader import Reader
    from tenfold.recognition.results import failed_number_reading, failed_reading

    if show is not None and len(pictures) > 1:
        raise typer.BadParameter("it shows one picture: give one", param_hint="--show")
    if number and network != NETWORK:
        raise typer.BadParameter(
            "numbers are read by the packaged network for lines: leave it out", param_hint="--network"
        )
    _check_outputs(force, show)
    reader = Reader(network)
    complete = True
    for name in pictures:
        try:
            reading = reader.read_number(_picture(name)) if number else reader.read(_picture(name))
        except PictureError as error:
            reading = failed_number_reading(str(error)) if number else failed_reading(str(error))
        complete &= reading.answer != ""
        _print_reading(name, reading, as_json, alone=len(pictures) == 1)
        if show is not None and reading.decoded:
            from tenfold.io.atomic_write import write_whole
            from tenfold.recognition.figures import draw_reading

            write_whole(show, draw_reading(reading))
    raise typer.Exit(0 if complete else 1)


@trainers.command("article")
def train_article(
    images: Annotated[int, typer.Option(min=1, help="How many training images, from the first.")] = 1000,
    epochs: Annotated[int, typer.Option(min=1, help="How often the images are gone through.")] = 5,
    alpha: Annotated[float, typer.Option(help="Learning rate.")] = 1e-7,
    data: Data = None,
    out: Out = None,
    force: Force = False,
) -> None:
    """Train the article's network and print the figures that the article shows."""
    from tenfold.training import train_article as training

    _check_folder(out, force)
    with _progress() as callback:
        run = training.train_article(images, epochs, alpha, data, callback and partial(callback, "training"))
    _print_article(run)
    if out is not None:
        run.save(out)
        print(f"\nsaved in {one_line(str(out))}", file=sys.stderr)


@trainers.command("digits")
def train_conv(
    budget: Annotated[str, typer.Option("--budget", help="The recipe: " + ", ".join(RECIPES) + ".")] = "best",
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 0,
    data: Data = None,
    out: Out = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint in the folder of --out, if there is one.")
    ] = False,
    force: Force = False,
) -> None:
    """Train a convolutional network; Ctrl-C keeps what there is so far."""
    from tenfold.cli.output import digits_text
    from tenfold.training import train_digits as training

    if budget not in RECIPES:
        raise typer.BadParameter(f"{budget!r} is none of {', '.join(RECIPES)}", param_hint="--budget")
    if resume and out is None:
        raise typer.BadParameter("it goes on from the folder of --out: give that too", param_hint="--resume")
    _check_folder(out, force or (resume and out is not None and training.was_interrupted(out)))
    with _progress() as callback:
        given = training.examples(budget, data, callback)
        run = training.train_digits(given, seed, out, resume, callback)
    print(digits_text(run))
    if out is not None:
        run.save(out)
        print(f"\nsaved in {one_line(str(out))}", file=sys.stderr)
    if not run.complete:
        raise typer.Exit(INTERRUPTED)


@app.command()
def evaluate(
    network: Annotated[str, typer.Argument(metavar="NETWORK", help="The name or the folder of a network.")],
    data: Data = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="Write a page with tables and pictures.")
    ] = None,
    mistakes: Annotated[
        Path | None, typer.Option("--mistakes", metavar="FILE.png", help="Draw the twenty worst mistakes.")
    ] = None,
    force: Force = False,
) -> None:
    """Evaluate a network on the test images of a set."""
    from tenfold.datasets.mnist import load_part
    from tenfold.evaluation.metrics import evaluate as evaluate_network
    from tenfold.evaluation.report import draw_mistakes, evaluation_page, evaluation_text
    from tenfold.io.atomic_write import write_whole
    from tenfold.networks.registry import load_network

    _check_outputs(force, report, mistakes)
    net = load_network(network)
    images, labels = load_part("test", data)
    evaluation = evaluate_network(net, images, labels)
    if report is not None:
        write_whole(report, evaluation_page(evaluation, images, f"{network} on {data or 'MNIST'}"))
    if mistakes is not None:
        write_whole(mistakes, draw_mistakes(evaluation, images))
    print(evaluation_text(evaluation))


@app.command()
def ladder(
    data: Data = None, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False
) -> None:
    """Climb the road from 74 % up: train network after network, each with one idea more."""
    from tenfold.cli.output import rung_as_json, rung_text
    from tenfold.datasets.mnist import load_data
    from tenfold.lab.ladder import climb

    train_part, test_part = load_data(data)
    with _progress() as callback:
        for step in climb(train_part, test_part, callback):
            print(json.dumps(rung_as_json(step)) if as_json else rung_text(step), flush=True)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is every one of this machine.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any that is free.")] = 8000,
    network: Annotated[str, typer.Option("--network", metavar="NAME|FOLDER", help="The network that reads.")] = NETWORK,
    origins: Annotated[
        list[str] | None,
        typer.Option("--allow-origin", metavar="URL", help="A site whose pages may call this; can be repeated."),
    ] = None,
) -> None:
    """Serve a page to draw on, and the same readings over HTTP, until Ctrl-C."""
    from tenfold.server import launch as serving

    def ready(url: str, only_here: bool) -> None:
        print(f"tenfold reads on {url}", flush=True)
        if not only_here:
            print("Everyone who reaches this machine can use it.", file=sys.stderr)

    serving.serve(network, host, port, origins or (), ready)


@app.callback(invoke_without_command=True)
def options(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Read handwritten digits; train and evaluate the networks that do."""
    if version:
        from tenfold import __version__

        print(f"tenfold {__version__}")
        raise typer.Exit()


def _picture(name: str) -> Picture:
    """What a name on the command line stands for; `-` is standard input."""
    if name.startswith(("http://", "https://")):
        raise PictureError(f"{name!r} is an address: nothing is fetched; try curl {name} | tenfold read -")
    if name != "-":
        return Path(name)
    if sys.stdin is None:
        raise PictureError("standard input is closed: give a file")
    return sys.stdin.buffer


def _print_reading(name: str, reading: Reading | NumberReading, as_json: bool, alone: bool) -> None:
    if as_json:
        print(json.dumps({"picture": name} | reading.as_dict()))
    elif reading.decoded:
        answer = f"{reading.answer}  {100 * reading.confidence:3.0f} %" if reading.answer else "-"
        print(answer if alone else f"{one_line(name)}  {answer}")
    if reading.problem is not None:
        print(f"{one_line(name)}: {one_line(reading.problem)}", file=sys.stderr)


def _print_article(run: ArticleRun) -> None:
    from tenfold.evaluation.report import accuracy_line

    updates = run.images * run.epochs
    print(f"After {run.epochs} epochs on the first image alone, a {run.first_label}, its ten scores are")
    for digit, score in enumerate(run.first_scores):
        mark = "   <- largest" if digit == run.first_scores.argmax() else ""
        print(f"  {digit}  {float(score)!r}{mark}")
    print(f"\nTrained on {run.images:,} images x {run.epochs} epochs: {updates:,} updates in {run.seconds:.3f} s")
    print(f"Training image {run.sample}, a {run.sample_label}, is read as {run.sample_digit}")
    print(f"Accuracy on all {len(run.evaluation.labels):,} test images: {accuracy_line(run.evaluation)}")


def _check_outputs(force: bool, *paths: Path | None) -> None:
    """Refuse, before any work is done, what could not be written or would overwrite something unasked."""
    from tenfold.io.atomic_write import check_output

    given = [path for path in paths if path is not None]
    if len({path.absolute() for path in given}) < len(given):
        raise OutputError(f"{str(given[0])!r} is named for two results: give each a name of its own")
    for path in given:
        check_output(path)
        if os.path.lexists(path) and not force:
            raise OutputError(f"{str(path)!r} exists already: choose another name, or overwrite it with --force")


def _check_folder(out: Path | None, force: bool) -> None:
    from tenfold.networks.registry import packaged_networks

    if out is not None and str(out) in packaged_networks():
        raise OutputError(f"tenfold brings a network named {str(out)!r}, which would hide yours: choose another name")
    _check_outputs(force, out)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """A progress bar on stderr with the time left, where stderr is a terminal; it is wiped when done.

    It is told what is being done, how much of it is done and how much there is in all.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)
