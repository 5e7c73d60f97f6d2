from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from helpers import sheets
from helpers.project import Run

pytest.importorskip("sqlalchemy")


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    return sheets.project(tmp_path / "survey", scans=1)


def test_from_a_blank_page_to_a_table(run_here: Run, tmp_path: Path, survey: Path) -> None:
    done = run_here("form", "new", "other", "survey/blank.png", "--name", "log")
    assert (done.returncode, done.stdout) == (
        0, "other/form.toml: 6 printed boxes became fields. Give each a name, and what it must hold.\n",
    )  # fmt: skip
    done = run_here("form", "read", "survey", "survey/scans", "--jobs", "1")
    assert done.returncode in {0, 3}
    assert done.stdout.startswith("1 sheets in ")
    assert "\n  6 fields: " in done.stdout
    assert done.stderr == ""
    done = run_here("form", "export", "survey", "r.csv")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 rows in r.csv\n", "")
    with open(tmp_path / "r.csv") as file:
        (row,) = csv.DictReader(file)
    assert row["sheet"] == "survey/scans/0.png"
    assert run_here("form", "export", "survey", "r.csv").returncode == 1
    assert run_here("form", "export", "survey", "r.csv", "--force").returncode == 0


def test_rejected_pages_are_status_1_and_named_with_the_reason(run_here: Run, survey: Path) -> None:
    cv2.imwrite(str(survey / "scans" / "1.png"), np.full((900, 600), 250, np.uint8))
    done = run_here("form", "read", "survey", "survey/scans", "--jobs", "1")
    assert done.returncode == 1
    assert "  1 pages rejected" in done.stdout
    assert done.stderr == "survey/scans/1.png: The page is blank.\n"
    done = run_here("form", "export", "survey", "r.csv")
    assert (done.returncode, done.stderr) == (0, "survey/scans/1.png: The page is blank.\n")
    done = run_here("form", "read", "survey", "survey/scans", "--jobs", "1")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "  2 pages were read before, and were skipped")
    assert run_here("form", "read", "survey", "survey/scans", "--again", "--quiet", "--jobs", "1").stdout == ""


def test_an_older_template_is_told(run_here: Run, survey: Path) -> None:
    run_here("form", "read", "survey", "survey/scans", "--jobs", "1")
    text = (survey / "form.toml").read_text()
    (survey / "form.toml").write_text(text.replace('name = "rain"', 'name = "snow"'))
    done = run_here("form", "export", "survey", "r.csv")
    assert done.stderr == "1 sheets were read with an earlier template: read them again\n"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["read", "nothing", "a.png"], 1, "tenfold: 'nothing/form.toml' cannot be read"),
        (["export", "survey", "r.doc"], 1, "names no format"),
        (["new", "survey", "survey/blank.png"], 1, "exists already"),
        (["new", "other", "nothing.png"], 1, "the blank form"),
        (["read", "survey"], 2, "INPUT"),
        (["read", "survey", "a.png", "--database", "x://"], 1, "not a URL that SQLAlchemy knows"),
    ],
)
def test_mistakes_are_one_sentence(
    run_here: Run, survey: Path, arguments: list[str], status: int, message: str
) -> None:
    done = run_here("form", *arguments)
    assert done.returncode == status
    assert message in done.stderr
