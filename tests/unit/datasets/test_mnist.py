from __future__ import annotations

import gzip
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import tenfold
from helpers.project import Mnist
from tenfold.datasets import mnist as module


def idx(images: np.ndarray, labels: np.ndarray) -> tuple[bytes, bytes]:
    count = len(images)
    return (
        struct.pack(">4I", 2051, count, 28, 28) + images.tobytes(),
        struct.pack(">2I", 2049, len(labels)) + labels.tobytes(),
    )


def write_set(folder: Path, stems: tuple[str, str] = ("-", ""), count: int = 3) -> None:
    dot, ending = stems
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("train", "t10k"):
        images = np.arange(count * 784, dtype=np.uint32).astype(np.uint8).reshape(count, 28, 28)
        for what, data in zip(("images", "labels"), idx(images, np.arange(count, dtype=np.uint8)), strict=True):
            dimensions = 3 if what == "images" else 1
            name = f"{part}-{what}{dot}idx{dimensions}-ubyte{ending}"
            (folder / name).write_bytes(gzip.compress(data) if ending else data)


def test_mnist_comes_whole_and_read_only(mnist: Mnist) -> None:
    (x_train, y_train), (x_test, y_test) = mnist
    assert x_train.shape == (60000, 28, 28)
    assert x_test.shape == (10000, 28, 28)
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    for array in (x_train, y_train, x_test, y_test):
        assert array.dtype == np.uint8
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_loading_again_gives_the_same_arrays(mnist: Mnist) -> None:
    again = tenfold.load_data()
    assert again[0][0] is mnist[0][0]


def test_a_changed_packaged_file_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module.SHA256, "t10k-labels-idx1-ubyte.gz", "0" * 64)
    with pytest.raises(tenfold.DataError, match="install tenfold again"):
        module._packaged.__wrapped__("test")


@pytest.mark.parametrize("place", [".", "MNIST/raw", "raw"])
@pytest.mark.parametrize("stems", [("-", ""), ("-", ".gz"), (".", ""), (".", ".gz")])
def test_idx_files_are_found_under_every_usual_name(tmp_path: Path, place: str, stems: tuple[str, str]) -> None:
    write_set(tmp_path / place, stems)
    (x_train, y_train), (x_test, _) = tenfold.load_data(tmp_path)
    assert x_train.shape == x_test.shape == (3, 28, 28)
    assert y_train.tolist() == [0, 1, 2]
    assert not x_train.flags.writeable


@pytest.mark.parametrize("labels", [np.uint8, np.int64])
def test_keras_npz_is_read_as_a_file_or_in_a_folder(tmp_path: Path, labels: type) -> None:
    images = np.arange(2 * 784, dtype=np.uint32).astype(np.uint8).reshape(2, 28, 28)
    digits: NDArray[np.integer] = np.array([7, 3], labels)
    np.savez_compressed(tmp_path / "mnist.npz", x_train=images, y_train=digits, x_test=images, y_test=digits)
    for path in (tmp_path, tmp_path / "mnist.npz"):
        (x_train, y_train), _ = tenfold.load_data(path)
        assert np.array_equal(x_train, images)
        assert y_train.tolist() == [7, 3]
        assert y_train.dtype == np.uint8


Spoil = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("name", "spoil", "message"),
    [
        ("train-images-idx3-ubyte", lambda d: d[:-1], "ends after 2,351 of 2,352 bytes"),
        ("train-images-idx3-ubyte", lambda d: d + b"x", "holds more than the 2,352 bytes"),
        ("train-images-idx3-ubyte", lambda d: d[:10], "within its header of 16 bytes"),
        ("train-images-idx3-ubyte", lambda _: b"", "within its header"),
        ("train-images-idx3-ubyte", lambda d: b"\0\0\x08\x04" + d[4:], "begins with 2051"),
        ("train-labels-idx1-ubyte", lambda d: b"\0\0\x08\x03" + d[4:], "begins with 2049"),
        ("train-images-idx3-ubyte", lambda d: d[:4] + b"\x7f\xff\xff\xff" + d[8:], "2,147,483,647 items: the limit"),
        ("train-images-idx3-ubyte", lambda d: d[:8] + b"\0\0\0\x1d" + d[12:], "29 x 28 pixels"),
        ("train-labels-idx1-ubyte", lambda d: d[:-1] + b"\x0a", "must lie within 0..9"),
        ("train-labels-idx1-ubyte", lambda d: d[:7] + b"\x02" + d[8:-1], "3 images and 2 labels"),
    ],
)
def test_each_damage_to_an_idx_file_is_named(tmp_path: Path, name: str, spoil: Spoil, message: str) -> None:
    write_set(tmp_path)
    (tmp_path / name).write_bytes(spoil((tmp_path / name).read_bytes()))
    with pytest.raises(tenfold.DataError, match=message):
        tenfold.load_data(tmp_path)


def test_a_gzip_bomb_is_refused_after_the_bytes_its_header_promises(tmp_path: Path) -> None:
    write_set(tmp_path, ("-", ".gz"))
    name = tmp_path / "train-images-idx3-ubyte.gz"
    promised = gzip.decompress(name.read_bytes())
    name.write_bytes(gzip.compress(promised + bytes(200_000_000), 1))
    tracemalloc.start()
    with pytest.raises(tenfold.DataError, match="holds more than"):
        tenfold.load_data(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000


@pytest.mark.parametrize("spoil", [lambda d: d[:-9], lambda d: d[:20] + b"\xff" + d[21:], lambda _: b"no gzip"])
def test_damaged_gzip_is_an_error_of_the_data(tmp_path: Path, spoil: Spoil) -> None:
    write_set(tmp_path, ("-", ".gz"))
    name = tmp_path / "train-images-idx3-ubyte.gz"
    name.write_bytes(spoil(name.read_bytes()))
    with pytest.raises(tenfold.DataError):
        tenfold.load_data(tmp_path)


def test_a_missing_file_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(tenfold.DataError, match="no train images were found"):
        tenfold.load_data(tmp_path)
    with pytest.raises(tenfold.DataError, match="nowhere"):
        tenfold.load_data(tmp_path / "nowhere")


def test_an_npz_never_takes_memory_for_a_lie_in_a_header(tmp_path: Path) -> None:
    import io
    import zipfile

    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (2**40, 28, 28)})
    with zipfile.ZipFile(tmp_path / "mnist.npz", "w") as archive:
        archive.writestr("x_train.npy", header.getvalue())
        archive.writestr("x_test.npy", header.getvalue())
    with pytest.raises(tenfold.DataError, match="the limit is"):
        tenfold.load_data(tmp_path)


def test_an_npz_with_pickled_objects_is_refused(tmp_path: Path) -> None:
    objects = np.array([{}, {}], dtype=object)
    np.savez(tmp_path / "mnist.npz", x_train=objects, y_train=objects, x_test=objects, y_test=objects)
    with pytest.raises(tenfold.DataError, match="only plain numbers"):
        tenfold.load_data(tmp_path)


@given(st.binary(max_size=200))
def test_any_bytes_as_a_data_set_end_in_one_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("set")
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz"):
        (folder / name).write_bytes(data)
    (folder / "set.npz").write_bytes(data)
    for path in (folder, folder / "set.npz"):
        with pytest.raises(tenfold.DataError):
            tenfold.load_data(path)
