from __future__ import annotations

from pathlib import Path

import pytest

from helpers import sheets
from tenfold.errors import OutputError
from tenfold.forms.database.form_records import Page, StoredSheet, Value
from tenfold.forms.form_export import columns, rows_of, write_rows


def sheet(source: str, page: int = 0, problem: str | None = None, **values: str) -> StoredSheet:
    found = {name: Value(1, name, value, "filled", 0.99987, None, None) for name, value in values.items()}
    return StoredSheet(1, source, Page("a" * 64, page), "t", problem, found)


def test_columns_are_the_sheet_and_three_for_each_field() -> None:
    names = columns(sheets.template())
    assert names[:4] == ["sheet", "station", "station_confidence", "station_state"]
    assert len(names) == 19


def test_a_row_has_rounded_confidence_and_pages_are_named() -> None:
    (row,) = rows_of(sheets.template(), [sheet("a.pdf", 3, station="123455")])
    assert (row["sheet"], row["station"], row["station_confidence"]) == ("a.pdf#3", "123455", 0.9999)


def test_rejected_sheets_are_left_out_and_unknown_fields_are_doubtful() -> None:
    (row,) = rows_of(sheets.template(), [sheet("a.png", problem="The page is blank."), sheet("b.png", day="x")])
    assert (row["rain"], row["rain_confidence"], row["rain_state"]) == ("", 0.0, "doubtful")


def test_cells_are_quoted_where_csv_needs_it(tmp_path: Path) -> None:
    write_rows(tmp_path / "r.csv", sheets.template(), rows_of(sheets.template(), [sheet('a,"b".png', station="1,5")]))
    line = (tmp_path / "r.csv").read_text().splitlines()[1]
    assert line.startswith('"a,""b"".png","1,5",0.9999,filled')


def test_a_name_without_a_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="names no format"):
        write_rows(tmp_path / "r.txt", sheets.template(), [])
