"""`tenfold form new`, `form read` and `form export`: a printed form, its scans and the table of what is written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli.options import Database, Force, progress_bar
from tenfold.errors import one_line

if TYPE_CHECKING:
    from tenfold.forms.form_project import FormSummary

MOST_REJECTED = 20  # pages whose reasons are printed

Project = Annotated[Path, typer.Argument(metavar="PROJECT", help="The folder of the form.")]


def new(
    project: Project,
    blank: Annotated[Path, typer.Argument(metavar="BLANK", help="The blank form: a picture or a PDF.")],
    name: Annotated[str | None, typer.Option("--name", help="Of the form; by default, that of the folder.")] = None,
    page: Annotated[int | None, typer.Option("--page", metavar="N", min=1, help="The page of a PDF.")] = None,
    force: Force = False,
) -> None:
    """Make the folder of a form from its blank page. Printed boxes become the first fields of form.toml."""
    from tenfold.forms.form_project import Form

    form = Form.create(project, blank, name=name, page=page, force=force)
    count = len(form.template.fields)
    found = f"{count} printed boxes became fields" if count else "no printed boxes were found: add the fields"
    print(f"{one_line(str(project / 'form.toml'))}: {found}. Give each a name, and what it must hold.")


def read(
    project: Project,
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help="Scans: files, folders and globs.")],
    again: Annotated[
        bool, typer.Option("--again", help="Also read pages that were read before; corrections stay.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Processes; by default, one a processor.")
    ] = None,
    database: Database = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, and no summary.")] = False,
) -> None:
    """Read the sheets of a form: every page of files, folders, PDFs and TIFFs.

    Exit status: 0 if nothing needs review, 3 if some fields need review, 1 if some pages were rejected.
    """
    from tenfold.forms.form_project import Form

    with Form(project, database=database) as form, progress_bar(shown=not quiet) as callback:
        summary = form.read(inputs, again=again, jobs=jobs, callback=callback)
    if not quiet:
        print(summary_text(summary))
        _print_rejected(summary.rejected)
    raise typer.Exit(summary.status)


def export(
    project: Project,
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="The table: .csv, .jsonl or .parquet.")],
    force: Force = False,
    database: Database = None,
) -> None:
    """Write a table, a row a sheet: for each field its value, its confidence and its state."""
    from tenfold.forms.form_project import Form

    with Form(project, database=database) as form:
        rows = form.export(results, force=force)
        sheets = form.sheets()
        template = form.template.sha256
    print(f"{rows:,} rows in {one_line(str(results))}")
    _print_rejected([(sheet.name, sheet.problem) for sheet in sheets if sheet.problem is not None])
    if older := sum(sheet.problem is None and sheet.template != template for sheet in sheets):
        print(f"{older:,} sheets were read with an earlier template: read them again", file=sys.stderr)


def summary_text(summary: FormSummary) -> str:
    """What a run found, as a few lines."""
    rate = summary.sheets / max(summary.seconds, 1e-9)
    fields, total = summary.fields, sum(summary.fields.values())
    lines = [
        f"{summary.sheets:,} sheets in {summary.seconds:,.1f} s, {rate:,.1f} sheets/s",
        f"  {total:,} fields: {fields['filled']:,} filled, {fields['empty']:,} empty, {fields['doubtful']:,} doubtful",
    ]
    if summary.rejected:
        lines.append(f"  {len(summary.rejected):,} pages rejected")
    if summary.known:
        lines.append(f"  {summary.known:,} pages were read before, and were skipped")
    return "\n".join(lines)


def _print_rejected(rejected: list[tuple[str, str]]) -> None:
    for name, reason in rejected[:MOST_REJECTED]:
        print(f"{one_line(name)}: {one_line(reason)}", file=sys.stderr)
    if (rest := len(rejected) - MOST_REJECTED) > 0:
        print(f"and {rest:,} other pages", file=sys.stderr)
