from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import tenfold
from helpers.project import SAMPLES, Run
from helpers.terminal import run_in_terminal
from tenfold.io.image_files import grey_pixels
from tenfold.recognition.rejection import WARN_DIGIT_BELOW

SEVEN = SAMPLES / "7.jpg"
FORMATS = {"seven.png": "PNG", "seven.jpg": "JPEG", "seven.JPEG": "JPEG"}


@pytest.fixture(scope="module")
def uncertain() -> bytes:
    """The PNG file of a picture between two samples, which is read with a confidence below 0.7."""
    pictures = [grey_pixels(SAMPLES / f"{digit}.jpg") for digit in (3, 8, 5, 9, 4, 7, 1)]
    side = (200, 200)
    reader = tenfold.Reader()
    for first in pictures:
        for second in pictures:
            for weight in np.linspace(0.3, 0.7, 9):
                mixed = cv2.addWeighted(cv2.resize(first, side), weight, cv2.resize(second, side), 1 - weight, 0)
                reading = reader.read(mixed)
                if reading.digit is not None and reading.confidence < WARN_DIGIT_BELOW:
                    buffer = io.BytesIO()
                    Image.fromarray(np.asarray(mixed, np.uint8)).save(buffer, "PNG")
                    return buffer.getvalue()
    pytest.fail("no mixture of two samples is read with doubt")


def test_read_prints_the_digit_and_its_confidence(run: Run) -> None:
    done = run("read", SEVEN)
    assert done.returncode == 0
    assert done.stdout.split()[0] == "7"
    assert done.stdout.strip().endswith("%")
    assert done.stderr == ""


def test_read_names_each_of_several_pictures(run_here: Run) -> None:
    done = run_here("read", SEVEN, SAMPLES / "3.jpg")
    first, second = done.stdout.splitlines()
    assert first.startswith(f"{SEVEN}  7")
    assert second.startswith(str(SAMPLES / "3.jpg"))


def test_read_takes_standard_input(run: Run) -> None:
    assert run("read", "-", stdin=SEVEN.read_bytes()).stdout == run("read", SEVEN).stdout


def test_read_json_is_one_object_per_line(run_here: Run) -> None:
    done = run_here("read", "--json", SEVEN, SAMPLES / "3.jpg")
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["picture"] == str(SEVEN)
    assert first["digit"] == 7
    assert sum(first["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert first["problem"] is None
    assert second["picture"] == str(SAMPLES / "3.jpg")


def test_an_unreadable_picture_is_status_1_and_the_rest_is_read(run_here: Run, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    done = run_here("read", "text.png", SEVEN)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{SEVEN}  7")
    assert done.stderr.count("\n") == 1
    assert "text.png" in done.stderr
    as_json = run_here("read", "--json", "text.png", SEVEN)
    assert "unknown format" in json.loads(as_json.stdout.splitlines()[0])["problem"]
    assert json.loads(as_json.stdout.splitlines()[1])["digit"] == 7


def test_a_blank_picture_is_status_1_with_advice_on_stderr(run_here: Run, tmp_path: Path) -> None:
    Image.new("L", (100, 100), 255).save(tmp_path / "blank.png")
    done = run_here("read", "blank.png")
    assert (done.returncode, done.stdout) == (1, "-\n")
    assert "blank" in done.stderr


def test_a_file_name_with_a_newline_stays_on_one_line(run_here: Run, tmp_path: Path) -> None:
    name = "a\nb.jpg"
    (tmp_path / name).write_bytes(SEVEN.read_bytes())
    done = run_here("read", name, SEVEN)
    assert len(done.stdout.splitlines()) == 2
    assert json.loads(run_here("read", "--json", name).stdout)["picture"] == name


def test_an_address_is_not_fetched_and_the_next_picture_is_read(run_here: Run) -> None:
    done = run_here("read", "https://example.com/7.jpg", SEVEN)
    assert done.returncode == 1
    assert "tenfold fetches nothing: try curl https://example.com/7.jpg | tenfold read -" in done.stderr
    assert done.stdout.endswith("7  100 %\n")


def test_show_draws_the_stages_and_overwrites_only_with_force(run_here: Run, tmp_path: Path) -> None:
    assert run_here("read", SEVEN, "--show", "stages.png").returncode == 0
    with Image.open(tmp_path / "stages.png") as picture:
        assert picture.format == "PNG"
        assert picture.width > picture.height > 400  # two rows of three stages
    rejected = run_here("read", SEVEN, "--show", "stages.png")
    assert rejected.returncode == 1
    assert "--force" in rejected.stderr
    assert run_here("read", SEVEN, "--show", "stages.png", "--force").returncode == 0


@pytest.mark.parametrize("name", FORMATS)
def test_the_name_of_the_file_chooses_its_format(name: str, run_here: Run, tmp_path: Path) -> None:
    assert run_here("read", SEVEN, "--show", name).returncode == 0
    with Image.open(tmp_path / name) as drawn:
        assert drawn.format == FORMATS[name]


def test_a_reading_can_be_drawn_as_pdf(run_here: Run, tmp_path: Path) -> None:
    assert run_here("read", SEVEN, "--show", "seven.pdf").returncode == 0
    assert (tmp_path / "seven.pdf").read_bytes().startswith(b"%PDF-")


def test_another_ending_is_wrong_usage_and_names_the_three(run_here: Run, tmp_path: Path) -> None:
    done = run_here("read", SEVEN, "--show", "seven.gif")
    assert done.returncode == 2
    assert "'seven.gif' must end in .png, .jpg or .pdf" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_uncertain_digit_has_a_warning_and_status_3(uncertain: bytes, run_here: Run) -> None:
    reading = tenfold.read(uncertain)
    assert (
        reading.problem == f"This is only {100 * reading.confidence:.0f} % certain to be a {reading.digit}: check it."
    )
    done = run_here("read", "-", stdin=uncertain)
    assert done.returncode == 3
    assert done.stdout.startswith(f"{reading.digit}  ")
    assert done.stderr == f"-: {reading.problem}\n"


@pytest.mark.parametrize(("least", "status"), [(0.5, 0), (1.0, 3)])
def test_min_confidence_decides_which_readings_are_doubtful(least: float, status: int, run_here: Run) -> None:
    assert run_here("read", SEVEN, "--min-confidence", str(least)).returncode == status
    assert run_here("read", "--number", SEVEN, "--min-confidence", str(least)).returncode == status


def test_a_picture_that_cannot_be_read_counts_more_than_a_doubtful_one(run_here: Run, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("not a picture")
    done = run_here("read", SEVEN, "text.jpg", "--min-confidence", "1")
    assert done.returncode == 1


@pytest.mark.parametrize("least", ["70", "-0.1", "nan", "much"])
def test_a_confidence_that_is_not_from_0_to_1_is_wrong_usage(least: str, run_here: Run) -> None:
    done = run_here("read", SEVEN, "--min-confidence", least)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--min-confidence" in done.stderr


def test_help_names_the_exit_statuses(run_here: Run) -> None:
    text = " ".join(run_here("read", "--help").stdout.split())
    for meaning in ("0 if all pictures were read", "1 if some could not be read", "3 if all were read but some"):
        assert meaning in text


def test_many_pictures_show_progress_and_few_do_not(run_here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bool] = []
    told: list[tuple[str, int, int]] = []

    @contextmanager
    def record(shown: bool) -> Iterator[Callable[[str, int, int], None]]:
        calls.append(shown)
        yield lambda *progress: told.append(progress)

    monkeypatch.setattr("tenfold.cli.read.progress_bar", record)
    run_here("read", *[SEVEN] * 21)
    assert told[-1] == ("reading", 21, 21)
    run_here("read", SEVEN)
    assert calls == [True, False]


def test_results_reach_a_pipe_while_a_terminal_shows_progress() -> None:
    stdout, seen = run_in_terminal("read", *[str(SEVEN)] * 21)
    assert stdout == f"{SEVEN}  7  100 %\n" * 21
    assert b"/21" in seen
    assert b"100 %" not in seen
