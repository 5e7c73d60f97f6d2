"""`tenfold batch`: folders, PDFs and lists of pictures -> a table, with a progress bar and a summary."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli.options import (
    Allowed,
    Check,
    Digits,
    Force,
    Pattern,
    conditions_on_numbers,
    least_confidence,
    progress_bar,
)
from tenfold.errors import one_line

if TYPE_CHECKING:
    from tenfold.batch.batch_run import Summary

MOST_REASONS = 10  # that are printed


def batch(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT...", help="Files, folders, globs and addresses such as s3://bucket/scans."),
    ] = None,
    out: Annotated[
        str, typer.Option("--out", metavar="RESULTS", help="The table: a file that ends in .csv, .jsonl or .parquet.")
    ] = ...,  # type: ignore[assignment]  # it must be given
    files_from: Annotated[
        str | None,
        typer.Option("--files-from", metavar="LIST", help="A file with one more input a line; - is standard input."),
    ] = None,
    number: Annotated[bool, typer.Option("--number", help="Read lines of digits instead of one digit a page.")] = False,
    digits: Digits = None,
    pattern: Pattern = None,
    allowed: Allowed = None,
    check: Check = None,
    network: Annotated[
        str, typer.Option("--network", metavar="NAME|FOLDER", help="The network that reads.")
    ] = "digits",
    min_confidence: Annotated[
        float | None,
        least_confidence("Rows below this need review; by default, the confidence above which 99.5 % are right."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Processes; by default, one a processor.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted run.")] = False,
    force: Force = False,
    engine: Annotated[
        str, typer.Option("--engine", metavar="local|ray", help="Read on this machine, or on a Ray cluster.")
    ] = "local",
    address: Annotated[
        str | None, typer.Option("--address", metavar="HOST:PORT", help="The Ray cluster; by default, a new one here.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, and no summary.")] = False,
) -> None:
    """Read every page of files, folders, PDFs and TIFFs, and write a table.

    Exit status: 0 if everything was read with confidence, 3 if some rows need review, 1 if some pages could not be
    read, or the table could not be written.
    """
    from tenfold.batch.batch_run import run

    if not inputs and files_from is None:
        raise typer.BadParameter("give files or folders, or --files-from", param_hint="INPUT")
    if engine not in {"local", "ray"}:
        raise typer.BadParameter(f"{engine!r} must be local or ray", param_hint="--engine")
    conditions = conditions_on_numbers(number, digits, pattern, allowed, check)
    if engine == "ray" and quiet:
        os.environ["RAY_DATA_DISABLE_PROGRESS_BARS"] = "1"
    with progress_bar(shown=not quiet and engine == "local") as callback:  # Ray shows its own
        summary = run(
            inputs or [],
            out,
            files_from=files_from,
            number=number,
            network=network,
            min_confidence=min_confidence,
            jobs=jobs,
            resume=resume,
            force=force,
            engine="ray" if engine == "ray" else "local",
            address=address,
            callback=callback,
            **conditions,
        )
    if not quiet:
        print(summary_text(summary))
    raise typer.Exit(summary.status)


def summary_text(summary: Summary) -> str:
    """What a run found, as a few lines."""
    rate = summary.rows / max(summary.seconds, 1e-9)
    lines = [
        f"{summary.rows:,} rows in {one_line(summary.out)}, {summary.seconds:,.1f} s, {rate:,.1f} rows/s",
        f"  {summary.read:,} read, {summary.to_review:,} to review, {summary.failed:,} failed",
    ]
    lines += [f"{count:>8,}  {one_line(reason)}" for reason, count in summary.reasons.most_common(MOST_REASONS)]
    if (rest := len(summary.reasons) - MOST_REASONS) > 0:
        lines.append(f"          and {rest:,} other reasons")
    return "\n".join(lines)
