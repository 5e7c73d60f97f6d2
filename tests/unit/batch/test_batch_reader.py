from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import tenfold.batch
from helpers import documents
from helpers.project import SAMPLES
from tenfold.batch.results import COLUMNS

pa = pytest.importorskip("pyarrow", reason="needs pyarrow")
pd = pytest.importorskip("pandas", reason="needs pandas")


@pytest.fixture(scope="module")
def reader() -> tenfold.batch.BatchReader:
    return tenfold.batch.BatchReader(min_confidence=0.5)


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    documents.tiff(tmp_path / "scan.tif", [4, 2])
    return [str(SAMPLES / "7.jpg"), str(tmp_path / "scan.tif"), str(tmp_path / "missing.png")]


def test_each_page_is_a_row_in_the_order_of_the_files(reader: tenfold.batch.BatchReader, paths: list[str]) -> None:
    table = reader(pa.table({"path": paths}))
    assert table.column_names == list(COLUMNS)
    assert table["digit"].to_pylist() == [7, 4, 2, None]
    assert table["page"].to_pylist() == [None, 1, 2, None]
    assert table["source"].to_pylist() == [paths[0], paths[1], paths[1], paths[2]]


def test_other_columns_are_repeated(reader: tenfold.batch.BatchReader, paths: list[str]) -> None:
    assert reader({"path": paths, "form": [1, 2, 3]})["form"].to_pylist() == [1, 2, 2, 3]


def test_pandas_tables_give_pandas_tables_in_which_numbers_may_be_missing(
    reader: tenfold.batch.BatchReader, paths: list[str]
) -> None:
    frames = [pd.DataFrame({"path": paths, "form": ["a", "b", "c"]}), pd.DataFrame({"path": paths[:1], "form": ["d"]})]
    first, second = reader.map_in_pandas(iter(frames))
    assert first["digit"].dtype == "Int8"
    assert first["digit"].fillna(-1).tolist() == [7, 4, 2, -1]
    assert (second["digit"].tolist(), second["form"].tolist()) == ([7], ["d"])


def test_bytes_are_read_instead_of_paths(reader: tenfold.batch.BatchReader, paths: list[str]) -> None:
    contents = [Path(path).read_bytes() for path in paths[:2]]
    table = reader({"path": ["a", "b"], "bytes": contents})
    assert table["digit"].to_pylist() == [7, 4, 2]
    assert table["source"].to_pylist() == ["a", "b", "b"]
    assert table.column_names == list(COLUMNS)


def test_an_empty_batch_is_an_empty_table(reader: tenfold.batch.BatchReader) -> None:
    assert reader({"path": []}).num_rows == 0


def test_a_reader_that_has_read_can_be_sent_to_another_process(
    reader: tenfold.batch.BatchReader, paths: list[str]
) -> None:
    reader({"path": paths[:1]})
    assert pickle.loads(pickle.dumps(reader))({"path": paths[:1]})["digit"].to_pylist() == [7]


def test_what_is_expected_of_numbers_holds() -> None:
    table = tenfold.batch.BatchReader(number=True, allowed=["1", "4"])({"path": [str(SAMPLES / "7.jpg")]})
    expected = tenfold.read_number(SAMPLES / "7.jpg", allowed=["1", "4"])
    assert table["text"].to_pylist() == [expected.text or None]
    assert table["problem"].to_pylist() == [expected.problem]


def test_numbers_are_read() -> None:
    table = tenfold.batch.BatchReader(number=True, column="scan")({"scan": [str(SAMPLES / "7.jpg")]})
    assert (table["text"].to_pylist(), table["line"].to_pylist()) == (["7"], [1])
