"""The results of a form: a row a sheet, as CSV, JSON lines or Parquet. Does not know the database."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tenfold.batch.results import check_format
from tenfold.forms.template import columns_of
from tenfold.io.atomic_write import whole_file

if TYPE_CHECKING:
    from tenfold.forms.database.form_records import StoredSheet
    from tenfold.forms.template import Template

Row = dict[str, Any]


def columns(template: Template) -> list[str]:
    """The columns of the results: `sheet`, then for each field its value, confidence and state."""
    return ["sheet", *(column for one in template.fields for column in columns_of(one.name))]


def rows_of(template: Template, sheets: Iterable[StoredSheet]) -> list[Row]:
    """A row for each sheet that was not rejected.

    A field that the sheet's template did not have is empty, and doubtful.
    """
    rows = []
    for sheet in sheets:
        if sheet.problem is not None:
            continue
        row: Row = {"sheet": sheet.name}
        for one in template.fields:
            value = sheet.values.get(one.name)
            cells = ("", 0.0, "doubtful") if value is None else (value.value, round(value.confidence, 4), value.state)
            row |= dict(zip(columns_of(one.name), cells, strict=True))
        rows.append(row)
    return rows


def write_rows(path: Path, template: Template, rows: list[Row]) -> None:
    """Write rows in the format that the name of the file tells: .csv, .jsonl or .parquet.

    Raises:
        OutputError: the file cannot be written, or its name tells no format.
    """
    check_format(path)
    with whole_file(path) as file:
        WRITERS[path.suffix.lower()](file, columns(template), rows)


def _write_csv(file: BinaryIO, names: list[str], rows: list[Row]) -> None:
    text = io.TextIOWrapper(file, "utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in rows)
    text.detach()


def _write_json_lines(file: BinaryIO, names: list[str], rows: list[Row]) -> None:
    for row in rows:
        file.write(json.dumps({name: row[name] for name in names}, ensure_ascii=False).encode() + b"\n")


def _write_parquet(file: BinaryIO, names: list[str], rows: list[Row]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    kinds = [(name, pa.float64() if name.endswith("_confidence") else pa.string()) for name in names]
    parquet.write_table(pa.Table.from_pylist(rows, pa.schema(kinds)), file)


WRITERS = {".csv": _write_csv, ".jsonl": _write_json_lines, ".parquet": _write_parquet}
