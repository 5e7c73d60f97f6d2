from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import tenfold.batch
from helpers.project import SAMPLES, Run
from tenfold.batch.batch_run import Summary
from tenfold.cli.batch import summary_text

SEVEN = SAMPLES / "7.jpg"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    for digit in (3, 7):
        (folder / f"{digit}.jpg").write_bytes((SAMPLES / f"{digit}.jpg").read_bytes())
    return folder


def test_a_folder_becomes_a_table_with_a_summary_and_status_0(run_here: Run, pictures: Path, tmp_path: Path) -> None:
    done = run_here("batch", "scans", "--out", "r.csv", "--min-confidence", "0.5", "--jobs", "1")
    assert done.returncode == 0
    assert done.stdout.startswith("2 rows in r.csv, ")
    assert done.stdout.splitlines()[1] == "  2 read, 0 to review, 0 failed"
    assert done.stderr == ""
    with open(tmp_path / "r.csv") as file:
        assert [(row["source"], row["digit"]) for row in csv.DictReader(file)] == [
            ("scans/3.jpg", "3"),
            ("scans/7.jpg", "7"),
        ]


def test_rows_to_review_are_status_3_and_failed_ones_1_with_reasons(run_here: Run, pictures: Path) -> None:
    done = run_here("batch", "scans", "--out", "r.csv", "--min-confidence", "1")
    assert done.returncode == 3
    assert "2  Its confidence is below the least." in done.stdout
    (pictures / "text.png").write_text("not a picture")
    done = run_here("batch", "scans", "--out", "r.csv", "--force", "--min-confidence", "1")
    assert done.returncode == 1
    assert "  0 read, 2 to review, 1 failed" in done.stdout
    assert "1  the picture cannot be read: unknown format" in done.stdout


def test_quiet_prints_nothing(run_here: Run, pictures: Path) -> None:
    done = run_here("batch", "scans", "--out", "r.csv", "--quiet", "--min-confidence", "0.5")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_expectations_are_for_numbers_only(run_here: Run, pictures: Path, tmp_path: Path) -> None:
    done = run_here("batch", "scans", "--out", "r.csv", "--digits", "8")
    assert done.returncode == 2
    assert "give --number too" in " ".join(done.stderr.split())
    (tmp_path / "ids.txt").write_text("3\n7\n")
    done = run_here("batch", "scans", "--out", "r.csv", "--number", "--allowed", "ids.txt", "--min-confidence", "0")
    with open(tmp_path / "r.csv") as file:
        assert [row["text"] for row in csv.DictReader(file)] == ["3", "7"]


def test_numbers_and_lists_are_read(run_here: Run, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"{SEVEN}\n")
    done = run_here("batch", "--files-from", "list.txt", "--number", "--out", "r.jsonl", "--min-confidence", "0.5")
    assert done.returncode == 0
    assert json.loads((tmp_path / "r.jsonl").read_text())["text"] == "7"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "r.csv"], "give files or folders, or --files-from"),
        (["scans"], "--out"),
        (["scans", "--out", "r.csv", "--engine", "spark"], "'spark' must be local or ray"),
        (["scans", "--out", "r.csv", "--min-confidence", "nan"], "nan is not a number from 0 to 1"),
        (["scans", "--out", "r.csv", "--jobs", "0"], "--jobs"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_status_2(run_here: Run, arguments: list[str], message: str) -> None:
    done = run_here("batch", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.parametrize(
    ("out", "message"),
    [("missing/r.csv", "there is no folder"), ("r.txt", "names no format: end it in .csv, .jsonl, .parquet")],
)
def test_results_that_cannot_be_written_are_one_line_before_anything_is_read(
    run_here: Run, out: str, message: str
) -> None:
    done = run_here("batch", "scans", "--out", out)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert message in done.stderr


def test_an_interrupted_run_is_named_and_resumed(run_here: Run, pictures: Path, tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tenfold.batch.run([pictures], tmp_path / "r.csv", min_confidence=0.5, jobs=1, callback=interrupt)
    refused = run_here("batch", pictures, "--out", "r.csv", "--min-confidence", "0.5")
    assert refused.returncode == 1
    assert "continue it with --resume" in refused.stderr
    assert run_here("batch", pictures, "--out", "r.csv", "--min-confidence", "0.5", "--resume").returncode == 0


def test_a_summary_names_the_ten_most_frequent_reasons() -> None:
    summary = Summary("r.csv", rows=100, failed=100, seconds=2.0)
    summary.reasons.update({f"reason {'x' * i}": i for i in range(1, 14)})
    lines = summary_text(summary).splitlines()
    assert lines[0] == "100 rows in r.csv, 2.0 s, 50.0 rows/s"
    assert lines[2].split()[0] == "13"
    assert lines[-1].strip() == "and 3 other reasons"
    assert len(lines) == 2 + 10 + 1


def test_help_names_the_exit_statuses(run_here: Run) -> None:
    text = " ".join(run_here("batch", "--help").stdout.split())
    assert "0 if everything was read with confidence, 3 if some rows need review, 1 if some pages" in text
