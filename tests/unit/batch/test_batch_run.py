from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import tenfold
import tenfold.batch
from helpers import documents
from helpers.project import SAMPLES
from helpers.waiting import wait_until
from tenfold.batch.batch_run import Summary
from tenfold.batch.journal import Journal
from tenfold.batch.records import Record


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A folder of pictures, a TIFF and files that are no pictures."""
    folder = tmp_path / "box"
    folder.mkdir()
    for digit in range(10):
        (folder / f"{digit}.jpg").write_bytes((SAMPLES / f"{digit}.jpg").read_bytes())
    documents.tiff(folder / "5a.tif", [4, 2, 7])
    (folder / "6a.png").write_text("no picture")
    return folder


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def read(box: Path, name: str = "r.jsonl", **arguments: Any) -> Summary:
    return tenfold.batch.run([box], box.parent / name, **{"min_confidence": 0.9, "jobs": 2} | arguments)


def test_a_box_is_read_in_the_order_of_its_names_page_by_page(box: Path) -> None:
    summary = read(box)
    found = rows(box.parent / "r.jsonl")
    assert [(Path(row["source"]).name, row["page"], row["digit"]) for row in found] == [
        *((f"{digit}.jpg", None, digit) for digit in range(6)),
        *(("5a.tif", page, digit) for page, digit in ((1, 4), (2, 2), (3, 7))),
        ("6.jpg", None, 6),
        ("6a.png", None, None),
        *((f"{digit}.jpg", None, digit) for digit in (7, 8, 9)),
    ]
    assert (summary.rows, summary.read, summary.to_review, summary.failed, summary.status) == (14, 13, 0, 1, 1)
    assert sum(summary.reasons.values()) == 1
    assert {path.name for path in box.parent.iterdir()} == {"box", "r.jsonl"}


def test_rows_that_need_review_are_counted_apart(box: Path) -> None:
    (box / "6a.png").unlink()
    summary = read(box, min_confidence=1.0)
    assert (summary.read, summary.to_review, summary.failed, summary.status) == (0, 13, 0, 3)
    assert summary.reasons == Counter({"Its confidence is below the least.": 13})
    assert read(box, "s.jsonl", min_confidence=0.0).status == 0


def test_reasons_leave_numbers_out_and_have_a_limit() -> None:
    summary = Summary("r.csv")
    for i in range(3000):
        problem = f"first bytes 0{i % 10} ff 20 {i % 9}0, {i} left" if i < 100 else f"reason {'x' * i}"
        summary.add(Record("a", None, None, "", "", None, 0.0, problem, True, None, None, None, "", ""))
    assert summary.reasons["first bytes #, # left"] == 100
    assert len(summary.reasons) == 1000
    assert summary.failed == 3000


def test_progress_counts_pages(box: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    read(box, callback=lambda *told: heard.append(told))
    assert [done for _, done, _ in heard] == list(range(1, 15))
    assert heard[-1] == ("reading", 14, 14)


def test_a_file_that_vanishes_is_a_row(box: Path) -> None:
    listed = box.parent / "list.txt"
    listed.write_text(f"{box}/1.jpg\n{box}/gone.jpg\n{box}/2.jpg\n")
    summary = tenfold.batch.run([], box.parent / "r.jsonl", files_from=listed, min_confidence=0.5, jobs=1)
    assert [row["digit"] for row in rows(box.parent / "r.jsonl")] == [1, None, 2]
    assert summary.failed == 1


def test_the_results_among_the_inputs_are_a_row(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(box)
    (box / "r.csv").write_text("old")
    summary = tenfold.batch.run(["7.jpg", "r.csv"], "r.csv", force=True, min_confidence=0.5, jobs=1)
    assert summary.reasons == Counter({"This is the file of the results: leave it out.": 1})


def test_existing_results_and_journals_are_kept_unless_forced(box: Path) -> None:
    out = box.parent / "r.jsonl"
    out.write_text("old")
    with pytest.raises(tenfold.OutputError, match="exists already: choose another name, or overwrite it with --force"):
        read(box)
    with pytest.raises(tenfold.OutputError, match="exists already and is complete"):
        read(box, resume=True)
    assert out.read_text() == "old"
    journal = Path(f"{out}.journal")
    journal.write_text("something")
    with pytest.raises(tenfold.OutputError, match="continue it with --resume, or start again with --force"):
        read(box)
    assert journal.read_text() == "something"
    assert read(box, force=True).rows == 14
    assert not journal.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"jobs": 0}, "jobs is 0: it must be 1 or more"),
        ({"engine": "spark"}, "engine is 'spark': it must be local or ray"),
        ({"min_confidence": 2}, r"min_confidence is 2: it must lie within 0\.\.1"),
        ({"network": "nothing"}, "there is no network 'nothing'"),
        ({"out": "missing/r.csv"}, "there is no folder .*; make it first"),
        ({"out": "r.xlsx"}, "names no format"),
        ({"digits": 8}, "8 digits can be expected of numbers only: read numbers"),
        ({"number": True, "check": "sum"}, "check is 'sum': it must be one of luhn"),
        ({"files_from": "no.txt"}, "the list 'no.txt' cannot be read"),
    ],
    ids=str,
)
def test_wrong_arguments_are_one_error_before_anything_is_written(
    box: Path, arguments: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(box.parent)
    with pytest.raises(tenfold.TenfoldError, match=message):
        tenfold.batch.run([box], **{"out": "r.csv"} | arguments)
    assert not (box.parent / "r.csv").exists()


def test_another_expectation_does_not_continue_the_run_before(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.batch.batch_run.write_results", _stop)
    with pytest.raises(KeyboardInterrupt):
        tenfold.batch.run([box], box.parent / "r.csv", number=True, digits=1, jobs=1)
    with pytest.raises(tenfold.OutputError, match="other settings"):
        tenfold.batch.run([box], box.parent / "r.csv", number=True, digits=2, jobs=1, resume=True)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_run_that_is_stopped_is_resumed_with_the_same_rows(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read(box, "whole.jsonl")
    added = 0
    add = Journal.add

    def stop(self: Journal, *arguments: Any) -> int:
        nonlocal added
        added += 1
        if added == 6:
            raise KeyboardInterrupt
        return add(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", stop)
        with pytest.raises(KeyboardInterrupt):
            read(box)
    assert not (box.parent / "r.jsonl").exists()
    again = 0

    def count(self: Journal, *arguments: Any) -> int:
        nonlocal again
        again += 1
        return add(self, *arguments)

    monkeypatch.setattr(Journal, "add", count)
    heard: list[tuple[str, int, int]] = []
    read(box, resume=True, callback=lambda *told: heard.append(told))
    assert (box.parent / "r.jsonl").read_bytes() == (box.parent / "whole.jsonl").read_bytes()
    assert again == 15 - 5  # 14 pages and the count of the TIFF's pages
    assert heard[-1] == ("reading", 14, 14)


def test_a_run_that_is_killed_is_resumed_with_the_same_rows(box: Path) -> None:
    read(box, "whole.jsonl")
    journal = box.parent / "r.jsonl.journal"
    command = [
        sys.executable,
        "-m",
        "tenfold",
        "batch",
        str(box),
        "--out",
        str(box.parent / "r.jsonl"),
        "--min-confidence",
        "0.9",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: process.poll() is not None or (journal.exists() and journal.read_bytes().count(b"\n") > 3))
        process.send_signal(signal.SIGKILL)
    read(box, resume=True)
    assert (box.parent / "r.jsonl").read_bytes() == (box.parent / "whole.jsonl").read_bytes()


def test_two_runs_with_the_same_results_do_not_mix(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(*_: object) -> None:
        with pytest.raises(tenfold.OutputError, match="another run writes"):
            read(box, force=True)

    read(box, callback=meanwhile)
    assert len(rows(box.parent / "r.jsonl")) == 14


def test_a_full_disk_is_one_error_and_the_run_is_resumed(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read(box, "whole.jsonl")
    append = Journal._append

    def full(self: Journal, line: bytes) -> int:
        if self._end > 2000:
            raise self._unwritable(OSError(errno.ENOSPC, "No space left on device"))
        return append(self, line)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_append", full)
        with pytest.raises(tenfold.OutputError, match="No space left on device"):
            read(box)
    read(box, resume=True)
    assert (box.parent / "r.jsonl").read_bytes() == (box.parent / "whole.jsonl").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on addresses is kept on Linux")
def test_a_bomb_in_a_pdf_is_a_row_within_the_memory_of_a_worker(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2")
    bomb = documents.stream(
        b"\0" * (300 << 20),
        b"/Type /XObject /Subtype /Image /Width 9000 /Height 9000 /BitsPerComponent 8 /ColorSpace /DeviceRGB",
    )
    (tmp_path / "bomb.pdf").write_bytes(documents.pages((200, 200), [bomb]))
    started = time.monotonic()
    tenfold.batch.run([tmp_path / "bomb.pdf", SAMPLES / "7.jpg"], tmp_path / "r.jsonl", jobs=1, min_confidence=0.5)
    assert time.monotonic() - started < 100
    assert [row["digit"] for row in rows(tmp_path / "r.jsonl")][-1] == 7


def test_a_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2")
    (tmp_path / "scans.pdf").write_bytes(documents.scanned([1, 4, 7]))
    (tmp_path / "locked.pdf").write_bytes(documents.with_password())
    tenfold.batch.run([tmp_path], tmp_path / "r.jsonl", jobs=2, min_confidence=0.5)
    found = rows(tmp_path / "r.jsonl")
    assert [(row["page"], row["digit"]) for row in found] == [(None, None), (1, 1), (2, 4), (3, 7)]
    assert found[0]["problem"] == "The PDF is protected by a password: save it without one."


def test_a_name_that_is_not_utf8_is_escaped_in_every_format(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    name = os.fsencode(tmp_path) + b"/\xff7.jpg"
    try:
        Path(os.fsdecode(name)).write_bytes((SAMPLES / "7.jpg").read_bytes())
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    for out in ("r.csv", "r.jsonl", "r.parquet"):
        assert tenfold.batch.run([tmp_path], tmp_path / out, jobs=1, min_confidence=0.5).read == 1
    assert rows(tmp_path / "r.jsonl")[0]["source"].endswith("\\xff7.jpg")
