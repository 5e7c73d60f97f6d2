from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import tenfold
from helpers import documents
from helpers.project import SAMPLES
from tenfold.batch import page_reader
from tenfold.batch.inputs import Source
from tenfold.batch.page_reader import CHANGED, Outcome, Page, PageReader, Settings, default_min_confidence, stamp_of

SEVEN = SAMPLES / "7.jpg"


@pytest.fixture(scope="module")
def reader() -> Iterator[PageReader]:
    with closing(PageReader(Settings("digits", False, 0.9))) as loaded:
        yield loaded


def read(reader: PageReader, path: str | Path) -> Outcome:
    return reader(Page(0, Source(str(path))))


def test_a_picture_is_a_row_with_the_hash_of_its_file(reader: PageReader) -> None:
    outcome = read(reader, SEVEN)
    (row,) = outcome.records
    assert (row.digit, row.source, row.version) == (7, str(SEVEN), tenfold.__version__)
    assert row.sha256 == outcome.sha256 == hashlib.sha256(SEVEN.read_bytes()).hexdigest()
    assert outcome.stamp == stamp_of(Source(str(SEVEN)))


def test_a_document_tells_its_pages_and_each_page_is_read(reader: PageReader, tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    documents.tiff(path, [4, 2])
    page = Page(0, Source(str(path)))
    whole = reader(page)
    assert (whole.pages, whole.records, whole.sha256) == (2, [], hashlib.sha256(path.read_bytes()).hexdigest())
    second = reader(page._replace(number=2, stamp=whole.stamp, sha256=whole.sha256))
    assert [(row.page, row.digit, row.sha256) for row in second.records] == [(2, 2, whole.sha256)]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_document_that_changes_between_pages_is_a_failure(reader: PageReader, tmp_path: Path, replaced: bool) -> None:
    path = tmp_path / "scan.tif"
    documents.tiff(path, [4, 2])
    page = Page(0, Source(str(path)))
    whole = reader(page)
    first = page._replace(number=1, stamp=whole.stamp)
    assert reader(first).records[0].digit == 4
    if replaced:
        documents.tiff(path, [4, 2, 2])
    else:
        path.unlink()
    (row,) = reader(first._replace(number=2)).records
    assert row.failed
    assert row.problem in {CHANGED, "The file cannot be read (No such file or directory)."}


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: path.mkdir(), "It is not an ordinary file: give a picture or a document."),
        (os.mkfifo, "It is not an ordinary file: give a picture or a document."),
        (lambda path: None, "The file cannot be read (No such file or directory)."),
        (lambda path: path.symlink_to(path), "The file cannot be read (Too many levels of symbolic links)."),
        (lambda path: path.touch(), "the picture is empty (0 bytes)"),
        (lambda path: path.write_bytes(b"II*\0" + b"\xff" * 99), "The TIFF is damaged"),
    ],
    ids=["folder", "pipe", "missing", "circle", "empty", "damaged"],
)
def test_what_cannot_be_read_is_one_failed_row(reader: PageReader, tmp_path: Path, make, problem: str) -> None:  # type: ignore[no-untyped-def]
    make(tmp_path / "x.png")
    (row,) = read(reader, tmp_path / "x.png").records
    assert row.failed
    assert str(row.problem).startswith(problem.partition(" is empty")[0])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_one_failed_row(reader: PageReader, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(SEVEN.read_bytes())
    (tmp_path / "x.png").chmod(0)
    assert "Permission denied" in str(read(reader, tmp_path / "x.png").records[0].problem)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("odd\nbytes"), OSError(5, "Input/output error")])
def test_any_error_is_a_row_with_one_line(
    reader: PageReader, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(page_reader, "open_document", fail)
    (row,) = read(reader, SEVEN).records
    assert row.failed
    assert "\n" not in str(row.problem)


def test_numbers_are_read_line_by_line() -> None:
    (row,) = read(PageReader(Settings("digits", True, 0.9)), SEVEN).records
    assert (row.line, row.text) == (1, "7")


@pytest.mark.parametrize("number", [False, True])
def test_the_default_limit_was_measured_for_the_packaged_networks(number: bool) -> None:
    assert 0.5 < default_min_confidence(number) < 1
