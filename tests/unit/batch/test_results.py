from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tenfold
from tenfold.batch.records import Record
from tenfold.batch.results import COLUMNS, check_format, record_of, schema, table_of, write_results

ROWS = [
    Record("a,\n\"b\".pdf", 3, None, "7", "7", 7, 0.98, None, False, (1, 2, 3, 4), (30, 40), "ab", "digits", "1"),
    Record("ü\\xff.png", None, None, "", "", None, 0.0, "It is damaged.", True, None, None, None, "digits", "1"),
]  # fmt: skip


def test_a_csv_file_has_what_the_csv_module_reads_back(tmp_path: Path) -> None:
    write_results(tmp_path / "r.csv", iter(ROWS))
    with open(tmp_path / "r.csv", newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert tuple(first) == COLUMNS
    assert first["source"] == ROWS[0].source
    assert (first["page"], first["digit"], first["box"], first["needs_review"]) == ("3", "7", "1 2 3 4", "false")
    assert (second["source"], second["page"], second["box"]) == (ROWS[1].source, "", "")


def test_json_lines_have_every_value(tmp_path: Path) -> None:
    write_results(tmp_path / "r.jsonl", iter(ROWS))
    lines = (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()
    assert [record_of(json.loads(line)) for line in lines] == ROWS


def test_a_parquet_file_has_typed_columns_and_every_value(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_results(tmp_path / "r.parquet", iter(ROWS * 1500))
    table = parquet.read_table(tmp_path / "r.parquet")
    assert table.schema == schema()
    assert [record_of(row) for row in table.to_pylist()] == ROWS * 1500


def test_no_rows_are_an_empty_table(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    write_results(tmp_path / "r.csv", iter([]))
    assert (tmp_path / "r.csv").read_text() == ",".join(COLUMNS) + "\n"
    assert table_of([]).schema == schema()


def test_an_error_while_rows_are_written_leaves_the_old_file(tmp_path: Path) -> None:
    def rows() -> Iterator[Record]:
        yield ROWS[0]
        raise KeyboardInterrupt

    for name in ("r.csv", "r.jsonl"):
        (tmp_path / name).write_text("old")
        with pytest.raises(KeyboardInterrupt):
            write_results(tmp_path / name, rows())
        assert (tmp_path / name).read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["r", "r.xlsx", "r.csv.gz"])
def test_a_name_without_a_known_format_is_one_error(name: str) -> None:
    with pytest.raises(tenfold.OutputError, match=r"names no format: end it in \.csv, \.jsonl, \.parquet"):
        check_format(Path(name))


def test_parquet_without_pyarrow_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(tenfold.OutputError, match=r"needs pyarrow: pip install pyarrow"):
        check_format(Path("r.parquet"))
    check_format(Path("r.CSV"))


def test_the_columns_are_those_of_the_record() -> None:
    assert list(ROWS[0].as_dict()) == list(COLUMNS)
    for column in (
        "source",
        "page",
        "line",
        "text",
        "written",
        "digit",
        "confidence",
        "problem",
        "needs_review",
        "box",
    ):
        assert column in COLUMNS
