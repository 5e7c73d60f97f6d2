"""`tenfold train article`, `tenfold train digits` and `tenfold train lines`."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli.options import INTERRUPTED, Data, Force, Out, check_folder, progress_bar
from tenfold.errors import one_line
from tenfold.training.recipes import RECIPES

if TYPE_CHECKING:
    from tenfold.lab.train_article import ArticleRun


def article(
    images: Annotated[int, typer.Option(metavar="N", min=1, help="Train on the first N images.")] = 1000,
    epochs: Annotated[int, typer.Option(metavar="N", min=1, help="Train on all of them N times.")] = 5,
    alpha: Annotated[float, typer.Option(metavar="RATE", help="The learning rate.")] = 1e-7,
    data: Data = None,
    out: Out = None,
    force: Force = False,
) -> None:
    """Train the article's network and print the article's figures."""
    from tenfold.lab.train_article import train_article

    check_folder(out, force)
    with progress_bar() as callback:
        run = train_article(images, epochs, alpha, data, callback and partial(callback, "training"))
    _print_article(run)
    if out is not None:
        run.save(out)
        _say_saved(out)


def digits(
    budget: Annotated[
        str, typer.Option(metavar="RECIPE", help=f"The recipe, by the time it takes: {', '.join(RECIPES)}.")
    ] = "best",
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="The seed of all random numbers.")] = 0,
    data: Data = None,
    out: Out = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue from the checkpoint in the folder of --out, if there is one.")
    ] = False,
    force: Force = False,
) -> None:
    """Train a convolutional network that reads single digits.

    Ctrl-C ends the training early and keeps the network as it is then.
    """
    from tenfold.cli.output import digits_text
    from tenfold.training import train_digits as training
    from tenfold.training.checkpoint import was_interrupted

    if budget not in RECIPES:
        raise typer.BadParameter(f"{budget!r} is not one of {', '.join(RECIPES)}", param_hint="--budget")
    if resume and out is None:
        raise typer.BadParameter("it continues in the folder of --out: give that too", param_hint="--resume")
    check_folder(out, force or (resume and out is not None and was_interrupted(out)))
    with progress_bar() as callback:
        run = training.train_digits(training.examples(budget, data, callback), seed, out, resume, callback)
    print(digits_text(run))
    if out is not None:
        run.save(out)
        _say_saved(out)
    if not run.complete:
        raise typer.Exit(INTERRUPTED)


def lines(
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Save the network, lines and checkpoint in this folder.")
    ],
    handwriting: Annotated[
        Path | None,
        typer.Option("--handwriting", metavar="FOLDER", help="Pen strokes and register lines; without, MNIST alone."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="The seed of all random numbers.")] = 0,
    count: Annotated[
        int | None, typer.Option("--lines", metavar="N", min=1, help="Synthetic lines; by default the recipe's.")
    ] = None,
) -> None:
    """Train the network that reads lines of numbers.

    It takes about an hour. Ctrl-C interrupts it; the same command continues.
    """
    from tenfold.networks import serialization
    from tenfold.training.train_lines import train_lines

    with progress_bar() as callback:
        run = train_lines(handwriting, out, seed, count, callback)
    serialization.save_model(out, run.model, run.card)
    share = 100 * run.card["validation_whole_lines_right"]
    print(f"{share:.1f} % of {run.card['validation_lines']:,} synthetic lines read without an error, signs included")
    _say_saved(out)


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


def _say_saved(out: Path) -> None:
    print(f"\nsaved in {one_line(str(out))}", file=sys.stderr)
