from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import tenfold
from helpers.project import Mnist
from tenfold.datasets.idx_files import load_idx_part

COUNT = 12


def idx(array: NDArray[np.uint8]) -> bytes:
    """An array in the format of the original files."""
    return struct.pack(f">{1 + array.ndim}I", 2048 + array.ndim, *array.shape) + array.tobytes()


def write(folder: Path, mnist: Mnist, stems: tuple[str, str], ending: str = "", packed: bool = False) -> None:
    for stem, (images, labels) in zip(stems, mnist, strict=True):
        for what, array in (("images-idx3", images[:COUNT]), ("labels-idx1", labels[:COUNT])):
            data = idx(array)
            (folder / f"{stem}-{what}-ubyte{ending}").write_bytes(gzip.compress(data) if packed else data)


def assert_is_the_beginning_of(mnist: Mnist, folder: Path) -> None:
    for found, expected in zip(tenfold.load_data(folder), mnist, strict=True):
        assert np.array_equal(found[0], expected[0][:COUNT])
        assert np.array_equal(found[1], expected[1][:COUNT])


@pytest.mark.parametrize("stems", [("train", "t10k"), ("train", "test")])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_gzip_is_recognized_by_content_whatever_the_name(
    tmp_path: Path, mnist: Mnist, stems: tuple[str, str], packed: bool, ending: str
) -> None:
    write(tmp_path, mnist, stems, ending, packed)
    assert_is_the_beginning_of(mnist, tmp_path)


@pytest.mark.parametrize("split", ["digits", "mnist"])
def test_emnist_is_turned_upright(tmp_path: Path, mnist: Mnist, split: str) -> None:
    (images, labels), (x_test, y_test) = mnist
    transposed: Mnist = ((images[:COUNT].transpose(0, 2, 1), labels), (x_test[:COUNT].transpose(0, 2, 1), y_test))
    write(tmp_path, transposed, (f"emnist-{split}-train", f"emnist-{split}-test"))
    assert_is_the_beginning_of(mnist, tmp_path)
    assert not tenfold.load_data(tmp_path)[0][0].flags.writeable


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><body>403 Forbidden</body></html>",
        b"\n  <html>not found</html>",
        b"<?xml version='1.0'?><Error/>",
    ],
)
def test_a_saved_web_page_is_called_that(tmp_path: Path, mnist: Mnist, page: bytes) -> None:
    write(tmp_path, mnist, ("train", "t10k"))
    (tmp_path / "train-images-idx3-ubyte").write_bytes(page)
    with pytest.raises(tenfold.DataError, match="is a web page, not data: the download failed"):
        tenfold.load_data(tmp_path)


def test_images_without_labels_name_the_missing_file(tmp_path: Path, mnist: Mnist) -> None:
    write(tmp_path, mnist, ("train", "t10k"))
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(tenfold.DataError, match="put train-labels-idx1-ubyte beside it"):
        tenfold.load_data(tmp_path)


@given(data=st.binary(max_size=200))
def test_any_bytes_end_in_a_set_or_in_one_error(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("idx")
    images = folder / "train-images-idx3-ubyte"
    images.write_bytes(struct.pack(">I", 2051) + data)
    (folder / "train-labels-idx1-ubyte").write_bytes(struct.pack(">I", 2049) + data[::-1])
    try:
        pixels, labels = load_idx_part(images)
        assert len(pixels) == len(labels)
    except tenfold.DataError as error:
        assert "\n" not in str(error)
