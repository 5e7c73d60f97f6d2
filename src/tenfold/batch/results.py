"""Files of results: rows -> CSV, JSON lines or Parquet, by the name of the file, written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tenfold.batch.records import Record
from tenfold.errors import OutputError
from tenfold.io.atomic_write import whole_file

if TYPE_CHECKING:
    import pyarrow

COLUMNS = tuple(field.name for field in fields(Record))
ROWS = 1000  # of Parquet that are in memory at a time


def check_format(path: Path) -> None:
    """Fail before any work is done if the name of a file tells no format, or what writes it is not installed.

    Raises:
        OutputError: so it is.
    """
    if path.suffix.lower() not in WRITERS:
        raise OutputError(f"{str(path)!r} names no format: end it in {', '.join(WRITERS)}")
    if path.suffix.lower() == ".parquet":
        try:
            import pyarrow  # noqa: F401
        except ImportError as error:
            raise OutputError(f"{str(path)!r} needs pyarrow: pip install pyarrow") from error


def write_results(path: Path, records: Iterable[Record]) -> None:
    """Write rows in the format that the name of the file tells.

    Raises:
        OutputError: the file cannot be written.
    """
    with whole_file(path) as file:
        WRITERS[path.suffix.lower()](file, iter(records))


def _write_csv(file: BinaryIO, records: Iterator[Record]) -> None:
    text = io.TextIOWrapper(file, "utf-8", newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for record in records:
        rows.writerow([_cell(value) for value in record.as_dict().values()])
    text.detach()


def _cell(value: Any) -> Any:
    """A value as CSV shows it: boxes and sizes as numbers with spaces between them, truth in small letters."""
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else value


def _write_json_lines(file: BinaryIO, records: Iterator[Record]) -> None:
    for record in records:
        file.write(json.dumps(record.as_dict(), ensure_ascii=False).encode() + b"\n")


def _write_parquet(file: BinaryIO, records: Iterator[Record]) -> None:
    from pyarrow import parquet

    with parquet.ParquetWriter(file, schema()) as writer:
        while rows := list(islice(records, ROWS)):
            writer.write_table(table_of(rows))


def table_of(records: Iterable[Record]) -> pyarrow.Table:
    """Rows as a pyarrow table."""
    import pyarrow

    return pyarrow.Table.from_pylist([record.as_dict() for record in records], schema())


def record_of(row: dict[str, Any]) -> Record:
    """The row that plain values stand for; other columns are left out."""
    values = {name: row[name] for name in COLUMNS}
    pairs = {name: tuple(map(int, row[name])) for name in ("box", "size") if row[name] is not None}
    return Record(**values | pairs)


def schema() -> pyarrow.Schema:
    """The columns of Parquet files."""
    import pyarrow as pa

    kinds = {
        "source": pa.string(),
        "page": pa.int32(),
        "line": pa.int32(),
        "text": pa.string(),
        "written": pa.string(),
        "digit": pa.int8(),
        "confidence": pa.float64(),
        "problem": pa.string(),
        "needs_review": pa.bool_(),
        "box": pa.list_(pa.int32()),
        "size": pa.list_(pa.int32()),
        "sha256": pa.string(),
        "network": pa.string(),
        "version": pa.string(),
    }
    return pa.schema([(name, kinds[name]) for name in COLUMNS])


WRITERS = {".csv": _write_csv, ".jsonl": _write_json_lines, ".parquet": _write_parquet}
