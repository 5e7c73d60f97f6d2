from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold
from tenfold.batch.inputs import Source
from tenfold.batch.journal import Journal
from tenfold.batch.page_reader import Outcome, Page, stamp_of
from tenfold.batch.records import Origin


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "r.csv.journal"


def page(folder: Path, name: str) -> Page:
    """A page of a file that exists."""
    (folder / name).touch()
    return Page(0, Source(str(folder / name)))


def outcome(read: Page, failed: bool = False) -> Outcome:
    origin = Origin(read.source.path, None, "ab", "digits", "1", 0.5)
    row = origin.failure("It is damaged.")
    records = [row] if failed else [row.__class__(**{**row.__dict__, "size": (3, 4), "box": (1, 2, 3, 4)})]
    return Outcome(records, stamp_of(read.source), "ab")


def resumed(path: Path, **identity: Any) -> Journal:
    return Journal(path, identity, resume=True)


def test_what_was_written_is_found_after_the_process_ended(path: Path) -> None:
    read = page(path.parent, "a.png")
    journal = resumed(path)
    place = journal.add(read, outcome(read))
    assert list(journal.records(iter([place]))) == outcome(read).records
    journal.close(remove=False)
    again = resumed(path)
    assert again.find(read) == outcome(read)
    assert again.find(page(path.parent, "b.png")) is None
    again.close(remove=True)
    assert not path.exists()


@given(st.floats(0, 1))
def test_a_journal_cut_anywhere_keeps_its_whole_lines(tmp_path_factory: pytest.TempPathFactory, part: float) -> None:
    path = tmp_path_factory.mktemp("cut") / "journal"
    pages = [page(path.parent, f"{i}.png") for i in range(4)]
    journal = resumed(path)
    ends = []
    for read in pages:
        journal.add(read, outcome(read))
        ends.append(path.stat().st_size)
    journal.close(remove=False)
    cut = round(part * ends[-1])
    os.truncate(path, cut)
    again = resumed(path)
    assert [again.find(read) is not None for read in pages] == [end <= cut for end in ends]
    other = outcome(pages[3], failed=True)
    place = again.add(pages[3], other)
    assert list(again.records(iter([place]))) == other.records
    again.close(remove=False)
    last = resumed(path)
    assert list(last.records(iter([last.place(pages[3])]))) == other.records
    last.close(remove=True)


def test_a_changed_file_a_failed_one_and_one_that_is_gone_are_read_again(path: Path) -> None:
    changed, failed, gone = (page(path.parent, name) for name in ("a.png", "b.png", "c.png"))
    journal = resumed(path)
    for read in (changed, gone):
        journal.add(read, outcome(read))
    journal.add(failed, outcome(failed, failed=True))
    (path.parent / "a.png").write_text("changed")
    (path.parent / "c.png").unlink()
    assert [journal.find(read) for read in (changed, failed, gone)] == [None] * 3
    journal.close(remove=True)


def test_other_settings_are_not_mixed(path: Path) -> None:
    read = page(path.parent, "a.png")
    first = resumed(path, number=True)
    first.add(read, outcome(read, failed=True))
    first.close(remove=False)
    with pytest.raises(tenfold.OutputError, match="had other settings, networks or another version"):
        resumed(path, number=False)
    again = Journal(path, {"number": False}, resume=False)
    place = again.add(read, outcome(read))
    assert list(again.records(iter([place]))) == outcome(read).records
    again.close(remove=False)
    resumed(path, number=False).close(remove=True)


def test_two_runs_cannot_write_one_journal(path: Path) -> None:
    journal = resumed(path)
    with pytest.raises(tenfold.OutputError, match=r"another run writes .*: wait for it"):
        Journal(path, {}, resume=False)
    read = page(path.parent, "a.png")
    journal.add(read, outcome(read))
    assert journal.find(read) == outcome(read)
    journal.close(remove=True)


def test_a_full_disk_is_one_error_and_what_was_written_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, file: Any) -> None:
            self.file = file

        def write(self, data: memoryview) -> int:
            if len(data) > 10:
                return int(self.file.write(data[:10]))  # a part still fits
            raise OSError(errno.ENOSPC, "No space left on device")

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

    a, b = page(path.parent, "a.png"), page(path.parent, "b.png")
    journal = resumed(path)
    journal.add(a, outcome(a))
    size = path.stat().st_size
    monkeypatch.setattr(journal, "_file", Full(journal._file))
    with pytest.raises(tenfold.OutputError, match=r"\(No space left on device\): make room .* --resume goes on"):
        journal.add(b, outcome(b))
    monkeypatch.undo()
    journal.close(remove=False)
    assert path.stat().st_size == size
    again = resumed(path)
    assert again.find(a) == outcome(a)
    again.close(remove=True)


def test_a_journal_where_none_can_be_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(tenfold.OutputError, match="cannot be written"):
        resumed(tmp_path / "missing" / "journal")
