from __future__ import annotations

from pathlib import Path

import pytest

import tenfold
import tenfold.batch
from helpers.project import SAMPLES
from tenfold.batch.inputs import Source, sources
from tenfold.batch.page_reader import stamp_of
from tenfold.batch.remote_files import copied, found_at, is_address, public_name

pytest.importorskip("pyarrow", reason="needs pyarrow")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.jpg", "a b%20.jpg", "deep/7.jpg", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((SAMPLES / "7.jpg").read_bytes())
    return tmp_path


def test_the_files_at_an_address_are_found_by_name_and_can_be_copied(folder: Path) -> None:
    found = list(found_at(folder.as_uri()))
    assert [public_name(address).removeprefix(f"file://{folder}/") for address, _ in found] == [
        "a b%20.jpg",
        "b.jpg",
        "deep/7.jpg",
        "notes.txt",
    ]
    for address, stamp in found:
        copy, of_copy = copied(address)
        with copy:
            assert copy.read() == (SAMPLES / "7.jpg").read_bytes()
        assert stamp == of_copy == stamp_of(Source(address))


def test_a_folder_at_an_address_is_read_as_a_folder(folder: Path) -> None:
    summary = tenfold.batch.run([folder.as_uri()], folder / "r.csv", min_confidence=0.5, jobs=1)
    assert (summary.rows, summary.read) == (3, 3)


def test_a_file_at_an_address_is_read_whatever_its_name(folder: Path) -> None:
    (source,) = sources([(folder / "notes.txt").as_uri()])
    assert source.problem is None


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("file:///no/such/place", "Nothing is at file:///no/such/place."),
        ("gopher://x/y", "'gopher://x/y' cannot be reached"),
        ("https://key:secret@example.com/x", "'https://example.com/x' is an address of the web"),
    ],
)
def test_an_address_that_cannot_be_read_is_one_problem_without_keys(address: str, problem: str) -> None:
    (source,) = sources([address])
    assert str(source.problem).startswith(problem)
    assert "secret" not in str(source.problem)


def test_paths_are_no_addresses() -> None:
    assert not is_address("scans/7.jpg")
    assert not is_address("C:\\scans\\7.jpg")
    assert is_address("s3://bucket/7.jpg")


def test_a_file_that_is_gone_is_one_error() -> None:
    with pytest.raises(tenfold.PictureError, match="Nothing is at"):
        copied("file:///no/such/file.jpg")
