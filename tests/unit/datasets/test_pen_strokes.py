from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenfold
from tenfold.datasets.pen_strokes import FILES, load_pen_strokes, with_text

SAMPLE = {"text": "7", "writer": "a", "split": "train", "mm": 5.5, "strokes": [[[0, 0], [600, 0], [200, 1000]], []]}


def write(folder: Path, name: str, samples: list[dict[str, Any]]) -> None:
    with gzip.open(folder / name, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(sample) + "\n" for sample in samples)


def test_samples_of_one_split_are_loaded_from_both_files(tmp_path: Path) -> None:
    write(tmp_path, FILES[0], [SAMPLE, SAMPLE | {"split": "dev", "text": "x"}])
    write(tmp_path, FILES[1], [SAMPLE | {"text": "12", "mm": None}])
    first, second = load_pen_strokes(tmp_path)
    assert (first.text, first.size_mm, second.size_mm) == ("7", 5.5, None)
    assert [stroke.tolist() for stroke in first.strokes] == [[[0, 0], [600, 0], [200, 1000]]]
    assert first.strokes[0].dtype == np.float32
    assert first.writer != second.writer  # "a" of one file is not "a" of the other
    assert [sample.text for sample in load_pen_strokes(tmp_path, "dev")] == ["x"]
    assert with_text([first, second], "0123456789") == [first]


def test_a_split_without_samples_is_named(tmp_path: Path) -> None:
    for name in FILES:
        write(tmp_path, name, [SAMPLE])
    with pytest.raises(tenfold.DataError, match="the split is 'test'"):
        load_pen_strokes(tmp_path, "test")


@pytest.mark.parametrize(
    "line",
    [
        "no JSON",
        "[1]",
        json.dumps(SAMPLE | {"strokes": []}),
        json.dumps(SAMPLE | {"strokes": [[[0, "x"]]]}),
        json.dumps(SAMPLE | {"strokes": [[[0, 1e400]]]}),
        json.dumps(SAMPLE | {"strokes": [[[0, 0]] * 20_001]}),
        json.dumps({"split": "train"}),
    ],
)
def test_a_damaged_line_is_one_error_that_names_the_file(tmp_path: Path, line: str) -> None:
    with gzip.open(tmp_path / FILES[0], "wt", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(tenfold.DataError, match=f"{FILES[0]} cannot be read"):
        load_pen_strokes(tmp_path)


def test_a_missing_or_cut_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(tenfold.DataError, match="does not exist: give the folder that holds"):
        load_pen_strokes(tmp_path)
    write(tmp_path, FILES[0], [SAMPLE] * 50)
    data = (tmp_path / FILES[0]).read_bytes()
    (tmp_path / FILES[0]).write_bytes(data[: len(data) // 2])
    with pytest.raises(tenfold.DataError, match="cannot be read"):
        load_pen_strokes(tmp_path)
