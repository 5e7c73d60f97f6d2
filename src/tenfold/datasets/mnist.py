"""Load MNIST, which is packaged, or any set of digits in a format that people have.

MNIST: Y. LeCun, C. Cortes, C. Burges, the four original IDX files (see NOTICE).
"""

from __future__ import annotations

import functools
import hashlib
import zlib
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from itertools import islice
from pathlib import Path

import numpy as np

from tenfold.arrays import PIXELS, SIDE
from tenfold.datasets.csv_files import find_csv_part, load_csv
from tenfold.datasets.idx_files import find_idx_part, load_idx_part
from tenfold.datasets.labelled_images import MAX_IMAGES, Part, checked_part
from tenfold.datasets.parquet_files import find_parquet_part, load_parquet
from tenfold.datasets.picture_folders import find_picture_folder, has_digit_folders, load_picture_folder
from tenfold.errors import DataError
from tenfold.io import npz

FORMATS = "IDX files, mnist.npz, train.csv and test.csv, Parquet files, or train/0 ... test/9 with pictures"

SHA256 = {
    "train-images-idx3-ubyte.gz": "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
    "train-labels-idx1-ubyte.gz": "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
    "t10k-images-idx3-ubyte.gz": "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
    "t10k-labels-idx1-ubyte.gz": "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
}


def load_data(path: str | Path | None = None) -> tuple[Part, Part]:
    """Load the training and the test images of a set, with their labels.

    Args:
        path: None for the packaged MNIST. Otherwise Keras' `mnist.npz`, or a folder that holds one of these:

            - IDX files, gzipped or not, named as MNIST's (`train-images-idx3-ubyte`, `t10k-...` or `test-...`) or
              EMNIST's (`emnist-digits-train-images-idx3-ubyte`), directly, in `MNIST/raw` or in `raw`;
            - `mnist.npz`;
            - `train.csv` and `test.csv`, or `mnist_train.csv` and `mnist_test.csv`, gzipped or not;
            - Hugging Face's `train-*.parquet` and `test-*.parquet` (needs pyarrow);
            - `train/0` to `train/9` and `test/0` to `test/9` with pictures of 28 x 28 pixels.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images `(n, 28, 28) uint8`, 0 paper .. 255 ink, and labels
        `(n,) uint8`, 0..9; read-only.

    Raises:
        DataError: a file is missing, damaged, over a limit or at odds with another.
    """
    if path is not None and _is_one_part(path):
        raise DataError(f"{str(path)!r} is not split into a training and a test part: give a folder with both")
    with ThreadPoolExecutor(2) as threads:  # decompression releases Python's lock
        train = threads.submit(load_part, "train", path)
        test = threads.submit(load_part, "test", path)
        return train.result(), test.result()


def load_part(part: str, path: str | Path | None = None) -> Part:
    """Load only the `"train"` or the `"test"` part of a set.

    A CSV or Parquet file, or a folder with the folders `0` to `9`, is one part of a set, whichever is asked for.

    Raises:
        DataError: as in `load_data`.
    """
    if path is None:
        return _packaged(part)
    try:
        return _load_file(Path(path), part) if Path(path).is_file() else _load_folder(Path(path), part)
    except (OSError, TypeError, ValueError) as error:  # too long, not a path, or with a NUL in it
        raise DataError(f"{path!r} cannot be opened ({error}): give a folder with {FORMATS}") from error


def _is_one_part(path: str | Path) -> bool:
    try:
        whole = Path(path)
        unsplit = whole.is_dir() and has_digit_folders(whole)
    except (OSError, TypeError, ValueError):
        return False
    return unsplit or (whole.is_file() and whole.suffix != ".npz")


def _load_file(path: Path, part: str) -> Part:
    if path.suffix == ".npz":
        return _load_npz(path, part)
    if path.name.endswith((".csv", ".csv.gz")):
        return load_csv(path)
    if path.suffix == ".parquet":
        return load_parquet([path])
    raise DataError(f"{str(path)!r} is not a set of digits: give mnist.npz, a .csv or .parquet file, or a folder")


def _load_folder(folder: Path, part: str) -> Part:
    if (folder / "mnist.npz").is_file():
        return _load_npz(folder / "mnist.npz", part)
    if images := find_idx_part(folder, part):
        return load_idx_part(images)
    if table := find_csv_part(folder, part):
        return load_csv(table)
    if tables := find_parquet_part(folder, part):
        return load_parquet(tables)
    if pictures := find_picture_folder(folder, part):
        return load_picture_folder(pictures)
    if has_digit_folders(folder):
        return load_picture_folder(folder)
    if not folder.is_dir():
        raise DataError(f"there is no folder {str(folder)!r}: give a folder with {FORMATS}")
    names = ", ".join(sorted(path.name for path in islice(folder.iterdir(), 5))) or "nothing"
    raise DataError(
        f"no {part} images were found in {str(folder)!r}, which holds {names}: give a folder with {FORMATS}"
    )


@functools.cache
def _packaged(part: str) -> Part:
    """MNIST as packaged; its checksum holds, so its headers (16 and 8 bytes) and sizes need no further check."""
    stem, count = {"train": ("train", 60_000), "test": ("t10k", 10_000)}[part]
    pixels = _packaged_bytes(f"{stem}-images-idx3-ubyte.gz", 16 + count * PIXELS)
    digits = _packaged_bytes(f"{stem}-labels-idx1-ubyte.gz", 8 + count)
    images = np.frombuffer(pixels, np.uint8, offset=16).reshape(count, SIDE, SIDE)
    return images, np.frombuffer(digits, np.uint8, offset=8)


def _packaged_bytes(name: str, size: int) -> bytes:
    data = (files("tenfold.datasets") / "mnist_files" / name).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256[name]:
        raise DataError(f"the packaged {name} has SHA-256 {found}, not {SHA256[name]}: install tenfold again")
    return zlib.decompress(data, wbits=31, bufsize=size)


def _load_npz(path: Path, part: str) -> Part:
    try:
        arrays = npz.read_arrays(path, MAX_IMAGES * PIXELS, [f"x_{part}", f"y_{part}"])
    except (OSError, ValueError) as error:
        raise DataError(f"{str(path)!r} cannot be read: {error}. Save it again with np.savez") from error
    return checked_part(arrays[f"x_{part}"], arrays[f"y_{part}"], str(path))
