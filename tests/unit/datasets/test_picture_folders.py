from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tenfold
from helpers.project import Mnist, Run
from tenfold.datasets.picture_folders import load_picture_folder

COUNT = 30


def write(folder: Path, mnist: Mnist, part: int, invert: bool = False) -> None:
    for i, (image, label) in enumerate(zip(*mnist[part], strict=True)):
        if i == COUNT:
            break
        place = folder / str(label)
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - image if invert else image).save(place / f"{i:05}.png")
        (place / ".DS_Store").write_bytes(b"not a picture")
        (place / "notes.txt").write_text("not a picture")


@pytest.mark.parametrize("invert", [False, True], ids=["light ink", "dark ink"])
@pytest.mark.parametrize("names", [("train", "test"), ("training", "testing")])
def test_pictures_in_folders_named_by_digit_load_sorted_by_digit(
    tmp_path: Path, mnist: Mnist, names: tuple[str, str], invert: bool
) -> None:
    for part, name in enumerate(names):
        write(tmp_path / name, mnist, part, invert)
    for (images, labels), (all_images, all_labels) in zip(tenfold.load_data(tmp_path), mnist, strict=True):
        order = np.argsort(all_labels[:COUNT], kind="stable")
        assert np.array_equal(labels, all_labels[:COUNT][order])
        assert np.array_equal(images, all_images[:COUNT][order])


def test_folders_of_digits_alone_can_be_evaluated_but_not_trained_on(
    tmp_path: Path, mnist: Mnist, run_here: Run
) -> None:
    write(tmp_path / "set", mnist, 1)
    done = run_here("evaluate", "digits", "--data", "set")
    assert done.returncode == 0
    assert f"of {COUNT} right" in done.stdout
    done = run_here("train", "article", "--data", "set")
    assert done.returncode == 1
    assert "not split into a training and a test part" in done.stderr


def test_a_picture_of_another_size_or_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "3").mkdir()
    with pytest.raises(tenfold.DataError, match="holds 0 pictures"):
        load_picture_folder(tmp_path)
    Image.new("L", (32, 28)).save(tmp_path / "3" / "a.png")
    with pytest.raises(tenfold.DataError, match=r"a.png' has 32 x 28 pixels"):
        load_picture_folder(tmp_path)
    (tmp_path / "3" / "a.png").write_bytes(b"damaged")
    with pytest.raises(tenfold.DataError, match=r"a.png' cannot be read"):
        load_picture_folder(tmp_path)
