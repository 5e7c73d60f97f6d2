from __future__ import annotations

import csv
import json
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

import tenfold
from helpers import sheets
from tenfold.errors import DataError, FormError, OutputError
from tenfold.forms.form_project import Form

pytest.importorskip("sqlalchemy")


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a form with two sheets that were read; tests copy it."""
    folder = sheets.project(tmp_path_factory.mktemp("forms") / "survey", scans=2)
    with Form(folder) as form:
        assert form.read([folder / "scans"], jobs=1).sheets == 2
    return folder


@pytest.fixture
def project(read: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(read, tmp_path / "survey"))


def rows(folder: Path, name: str = "r.csv") -> list[dict[str, str]]:
    with Form(folder) as form:
        form.export(folder / name, force=True)
    with open(folder / name) as file:
        return list(csv.DictReader(file))


def test_sheets_become_rows_with_value_confidence_and_state(project: Path) -> None:
    first, second = rows(project)
    names = ["sheet"]
    for name in sheets.VALUES:
        names += [name, f"{name}_confidence", f"{name}_state"]
    assert list(first) == names
    assert first["sheet"].endswith("scans/0.png")
    states = [row[f"{name}_state"] for row in (first, second) for name in sheets.VALUES]
    assert set(states) <= {"filled", "doubtful", "empty"}
    for row in (first, second):
        for name, value in sheets.VALUES.items():
            assert row[name] == value or row[f"{name}_state"] == "doubtful"


def test_every_format_holds_the_same(project: Path) -> None:
    table = pytest.importorskip("pyarrow.parquet")
    expected = rows(project)
    with Form(project) as form:
        assert form.export(project / "r.jsonl") == 2
        form.export(project / "r.parquet")
        with pytest.raises(OutputError, match="exists already"):
            form.export(project / "r.jsonl")
        with pytest.raises(OutputError, match="names no format"):
            form.export(project / "r.xlsx")
    lines = [json.loads(line) for line in (project / "r.jsonl").read_text().splitlines()]
    assert lines == table.read_table(project / "r.parquet").to_pylist()
    assert [{name: str(value) for name, value in line.items()} for line in lines] == expected


def test_sheets_are_read_once_and_again_only_if_asked(project: Path) -> None:
    (project / "scans" / "copy.png").write_bytes((project / "scans" / "0.png").read_bytes())
    with Form(project) as form:
        summary = form.read([project / "scans"], jobs=1)
        assert (summary.sheets, summary.known, summary.status) == (0, 3, 0)
        (page, _) = form.sheets()
        form.correct(page, "rain", "777")
        summary = form.read([project / "scans" / "0.png"], jobs=1, again=True)
        assert (summary.sheets, summary.known) == (1, 0)
        assert len(form.sheets()) == 2
    assert rows(project)[0]["rain"] == "777"


def test_a_changed_template_reads_again_and_keeps_corrections(project: Path) -> None:
    text = (project / "form.toml").read_text()
    with Form(project) as form:
        form.correct(form.sheets()[0], "station", "999999")
    (project / "form.toml").write_text(
        text + '\n[[field]]\nname = "more"\nbox = [600, 1300, 300, 90]\nrequired = false\n'
    )
    row = rows(project)[0]
    assert (row["station"], row["more"], row["more_state"]) == ("999999", "", "doubtful")
    with Form(project) as form:
        assert form.read([project / "scans"], jobs=1).sheets == 2
    row = rows(project)[0]
    assert (row["station"], row["station_state"], row["more_state"]) == ("999999", "filled", "empty")


def test_corrections_made_while_reading_runs_are_kept(project: Path) -> None:
    with Form(project) as form:
        page = form.sheets()[0]
    failures = []

    def correct() -> None:
        try:
            with Form(project) as other:
                for number in range(30):
                    other.correct(page, "rain", f"{number:03}")
        except tenfold.TenfoldError as error:
            failures.append(error)

    thread = threading.Thread(target=correct)
    thread.start()
    with Form(project) as form:
        form.read([project / "scans"], jobs=1, again=True)
    thread.join()
    assert failures == []
    assert rows(project)[0]["rain"] == "029"


def test_an_undone_correction_gives_the_reading_back(project: Path) -> None:
    before = rows(project)[0]
    with Form(project) as form:
        number = form.correct(form.sheets()[0], "rain", "001")
        assert form.sheets()[0].values["rain"].value == "001"
        form.undo(number)
    assert rows(project)[0] == before


def test_wrong_calls_are_errors(project: Path) -> None:
    with Form(project) as form:
        with pytest.raises(FormError, match="the form has no field 'snow': it has 'station', 'day'"):
            form.correct(form.sheets()[0], "snow", "1")
        with pytest.raises(DataError, match="jobs is 0"):
            form.read([], jobs=0)
    with pytest.raises(FormError, match="cannot be read"):
        Form(project / "nothing")
    (project / "blank.png").unlink()
    with pytest.raises(FormError, match=r"the blank form .*blank.png' cannot be read"):
        Form(project).read_sheet(sheets.sheet().picture)
    (project / "form.toml").write_text('[form]\nname = "a"\nblank = "blank.png"\n')
    with pytest.raises(FormError, match="has no fields"):
        Form(project).read_sheet(sheets.sheet().picture)


def test_a_form_is_made_from_a_blank_page(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "Page.PNG"), sheets.blank().page)
    form = Form.create(tmp_path / "new survey", tmp_path / "Page.PNG")
    assert form.template.name == "new survey"
    assert form.template.blank == "blank.png"
    assert [one.expectations.digits for one in form.template.fields] == [6, 6, 4, 3, 3, 3]
    with pytest.raises(OutputError, match="exists already"):
        Form.create(tmp_path / "new survey", tmp_path / "Page.PNG")
    Form.create(tmp_path / "new survey", tmp_path / "new survey" / "blank.png", name="b", force=True)
    assert Form(tmp_path / "new survey").template.name == "b"
    with pytest.raises(FormError, match=r"the blank form .*nothing.png' cannot be read"):
        Form.create(tmp_path / "other", tmp_path / "nothing.png")
    assert not (tmp_path / "other").exists()


def test_a_picture_is_read_without_a_database(project: Path) -> None:
    (project / "form.sqlite").unlink()
    reading = tenfold.Form(project).read_sheet(sheets.sheet(3).picture)
    assert reading.problem is None
    assert list(reading.values) == list(sheets.VALUES)
    assert not (project / "form.sqlite").exists()
    rejected = tenfold.Form(project).read_sheet(np.full((900, 700), 255, np.uint8))
    assert (rejected.problem, rejected.fields) == ("The page is blank.", ())
