from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

import tenfold
from tenfold.datasets.register_lines import FILE, load_register_lines


def write(folder: Path, rows: list[str], image: bytes | None = None) -> None:
    data = cv2.imencode(".png", np.full((20, 40), 77, np.uint8))[1].tobytes() if image is None else image
    with zipfile.ZipFile(folder / FILE, "w") as archive:
        archive.writestr("a.png", data)
        archive.writestr("labels.csv", "\n".join(["file,text,digits,split", *rows]))


def test_lines_of_one_split_are_loaded_with_their_digits(tmp_path: Path) -> None:
    write(tmp_path, ["a.png,2.20,220,train", "a.png,7,7,dev"])
    (line,) = load_register_lines(tmp_path)
    assert line.digits == "220"
    assert line.image.tolist() == np.full((20, 40), 77).tolist()
    assert [line.digits for line in load_register_lines(tmp_path, "dev")] == ["7"]


@pytest.mark.parametrize(
    ("rows", "image", "message"),
    [
        (["a.png,7,seven,train"], None, "the digits of a.png"),
        (["b.png,7,7,train"], None, "b.png"),
        (["a.png,7,7,train"], b"junk", "not a picture"),
        (["a.png,7,7,dev"], None, "the split is 'train'"),
    ],
)
def test_what_is_wrong_with_the_file_is_named(
    tmp_path: Path, rows: list[str], image: bytes | None, message: str
) -> None:
    write(tmp_path, rows, image)
    with pytest.raises(tenfold.DataError, match=message):
        load_register_lines(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(tenfold.DataError, match="does not exist"):
        load_register_lines(tmp_path)
