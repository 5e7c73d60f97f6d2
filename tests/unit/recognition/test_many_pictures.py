from __future__ import annotations

import io
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import tenfold
from helpers.project import SAMPLES
from tenfold.recognition import many_pictures
from tenfold.recognition.many_pictures import FEW

PATHS = [SAMPLES / f"{digit}.jpg" for digit in range(10)]


def pictures() -> Iterator[Any]:
    """The same picture in every form that is taken, and two that are not pictures."""
    with Image.open(PATHS[7]) as seven:
        yield from (
            PATHS[7],
            str(PATHS[7]),
            PATHS[7].read_bytes(),
            io.BytesIO(PATHS[7].read_bytes()),
            seven,
            np.asarray(seven),
        )
        exif = seven.getexif()
        exif[0x0112] = 3  # upside down
        turned = io.BytesIO()
        seven.rotate(180).save(turned, "PNG", exif=exif)
        yield Image.open(turned)
    yield b"no picture"
    yield 7
    yield memoryview(PATHS[3].read_bytes())


def test_processes_read_as_this_process_does_in_order() -> None:
    here = list(tenfold.Reader().read_many(pictures(), jobs=1))
    there = list(tenfold.Reader().read_many(pictures(), jobs=2))
    assert [r.digit for r in here] == [7, 7, 7, 7, 7, 7, 7, None, None, 3]
    assert [r.as_dict() for r in there] == [r.as_dict() for r in here]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(here, there, strict=True))


def test_a_reading_from_another_process_can_be_explained_and_has_its_stages() -> None:
    reader = tenfold.Reader()
    (reading,) = reader.read_many([PATHS[7]], jobs=2)
    assert reading.network is reader.network
    assert reading.stages is not None
    assert tenfold.explain(reading).digit == 7


def test_numbers_are_read_too() -> None:
    (number,) = tenfold.read_many([PATHS[7]], jobs=2, number=True)
    assert number.text == "7"
    assert [line.text for line in number.lines] == ["7"]


def test_what_is_expected_of_numbers_holds_in_every_process() -> None:
    allowed = ["1", "4"]
    (here,) = tenfold.read_many([PATHS[7]], jobs=1, number=True, allowed=allowed)
    (there,) = tenfold.read_many([PATHS[7]], jobs=2, number=True, allowed=allowed)
    assert here.text in {"", *allowed}
    assert here.problem
    assert there.as_dict() == here.as_dict() == tenfold.read_number(PATHS[7], allowed=allowed).as_dict()


def test_expectations_without_number_are_an_error_before_anything_is_read() -> None:
    with pytest.raises(tenfold.DataError, match="8 digits can be expected of numbers only: read with number=True"):
        tenfold.read_many(PATHS, digits=8)  # type: ignore[call-overload]


def test_few_pictures_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_process(*_: object) -> None:
        pytest.fail("a process was started")

    monkeypatch.setattr(many_pictures, "WorkerPool", no_process)
    monkeypatch.setattr(many_pictures, "available_processors", lambda: 8)
    assert [r.digit for r in tenfold.read_many(PATHS)] == list(range(10))
    assert [r.digit for r in tenfold.read_many(PATHS * 2, jobs=1)] == [*range(10), *range(10)]


def test_pictures_are_taken_as_readings_are_asked_for() -> None:
    taken = itertools.count()
    readings = tenfold.read_many((PATHS[next(taken) % 10] for _ in itertools.count()), jobs=2)
    assert [next(readings).digit for _ in range(12)] == [*range(10), 0, 1]
    assert next(taken) < 40


@pytest.mark.skipif(os.cpu_count() == 1, reason="needs two processors")
def test_a_script_without_a_guard_reads_many_pictures(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        f"import tenfold\nprint([r.digit for r in tenfold.read_many([{str(PATHS[7])!r}] * {FEW + 4})].count(7))"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=300, check=False)
    assert (done.stdout, done.stderr) == (f"{FEW + 4}\n", "")


@pytest.mark.parametrize("jobs", [0, -1])
def test_less_than_one_job_is_an_error_before_anything_is_read(jobs: int) -> None:
    with pytest.raises(tenfold.DataError, match=f"jobs is {jobs}: it must be 1 or more"):
        tenfold.read_many(PATHS, jobs=jobs)


def test_no_pictures_give_no_readings() -> None:
    assert list(tenfold.read_many([])) == list(tenfold.read_many([], jobs=2)) == []
