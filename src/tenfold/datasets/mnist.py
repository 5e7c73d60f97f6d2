"""MNIST and other sets in its formats -> checked arrays. Knows files; does not know networks or pictures.

MNIST: Y. LeCun, C. Cortes, C. Burges, the four original IDX files, packaged with tenfold (see NOTICE).
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import SIDE, checked_pair
from tenfold.errors import DataError
from tenfold.io import npz

Part = tuple[NDArray[np.uint8], NDArray[np.uint8]]

MAX_IMAGES = 2_000_000  # 1.6 GB; EMNIST digits has 280,000
IMAGES_MAGIC, LABELS_MAGIC = 2051, 2049

SHA256 = {
    "train-images-idx3-ubyte.gz": "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
    "train-labels-idx1-ubyte.gz": "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
    "t10k-images-idx3-ubyte.gz": "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
    "t10k-labels-idx1-ubyte.gz": "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
}


def load_data(path: str | Path | None = None) -> tuple[Part, Part]:
    """Training and test images with their labels.

    Args:
        path: None for the MNIST that tenfold brings; else a folder with the four IDX files, gzipped or not, named
            `train-images-idx3-ubyte` or `train-images.idx3-ubyte` and so on, itself or in its `MNIST/raw` or `raw`;
            or Keras' `mnist.npz`, or a folder that holds it.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images `(n, 28, 28) uint8`, 0 paper .. 255 ink, and labels
        `(n,) uint8`, 0..9; read-only.

    Raises:
        DataError: a file is missing, damaged, over a limit or at odds with another.
    """
    with ThreadPoolExecutor(2) as threads:  # unpacking leaves Python's lock alone
        train = threads.submit(load_part, "train", path)
        test = threads.submit(load_part, "test", path)
        return train.result(), test.result()


def load_part(part: str, path: str | Path | None = None) -> Part:
    """Only the `"train"` or the `"test"` part of what `load_data` gives."""
    if path is None:
        return _packaged(part)
    try:
        folder = Path(path)
        archive = folder / "mnist.npz" if folder.is_dir() else folder
        return _npz_part(archive, part) if archive.suffix == ".npz" and archive.is_file() else _idx_part(folder, part)
    except (OSError, TypeError, ValueError) as error:  # too long a name, no name, a NUL in it
        raise DataError(f"{path!r} cannot be opened ({error}): give a folder with the four IDX files") from error


@functools.cache
def _packaged(part: str) -> Part:
    """MNIST as packaged; its checksum holds, so its headers (16 and 8 bytes) and sizes need no further check."""
    stem, count = {"train": ("train", 60_000), "test": ("t10k", 10_000)}[part]
    pixels = _packaged_bytes(f"{stem}-images-idx3-ubyte.gz", 16 + count * SIDE * SIDE)
    digits = _packaged_bytes(f"{stem}-labels-idx1-ubyte.gz", 8 + count)
    images = np.frombuffer(pixels, np.uint8, offset=16).reshape(count, SIDE, SIDE)
    return images, np.frombuffer(digits, np.uint8, offset=8)


def _packaged_bytes(name: str, size: int) -> bytes:
    data = (files("tenfold.datasets") / "mnist_files" / name).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256[name]:
        raise DataError(f"the packaged {name} has SHA-256 {found}, not {SHA256[name]}: install tenfold again")
    return zlib.decompress(data, wbits=31, bufsize=size)


def _idx_part(folder: Path, part: str) -> Part:
    stem = {"train": "train", "test": "t10k"}[part]
    images, labels = _found(folder, stem, "images", 3), _found(folder, stem, "labels", 1)
    try:
        with closing(_opened(images)) as image_stream, closing(_opened(labels)) as label_stream:
            return _checked(_idx_images(image_stream, str(images)), _idx_labels(label_stream, str(labels)), str(folder))
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"the {part} files in {str(folder)!r} cannot be read ({error}): copy them again") from error


def _found(folder: Path, stem: str, what: str, dimensions: int) -> Path:
    names = [f"{stem}-{what}{dot}idx{dimensions}-ubyte{gz}" for dot in "-." for gz in ("", ".gz")]
    for place in (folder, folder / "MNIST" / "raw", folder / "raw"):
        for name in names:
            if (place / name).is_file():
                return place / name
    raise DataError(f"there is no {names[0]} (.gz or not) in {str(folder)!r}: give a folder with the four IDX files")


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else open(path, "rb")  # type: ignore[return-value]


def _idx_header(stream: IO[bytes], name: str, magic: int, dimensions: int) -> tuple[int, ...]:
    size = 4 * (1 + dimensions)
    data = stream.read(size)
    if len(data) < size:
        raise DataError(f"{name!r} ends within its header of {size} bytes: it is no IDX file, or incomplete")
    found, *lengths = struct.unpack(f">{1 + dimensions}I", data)
    if found != magic:
        raise DataError(f"{name!r} begins with the number {found}: an IDX file of its kind begins with {magic}")
    if lengths[0] > MAX_IMAGES:
        raise DataError(f"{name!r} announces {lengths[0]:,} items: the limit is {MAX_IMAGES:,}")
    return tuple(lengths)


def _idx_images(stream: IO[bytes], name: str) -> NDArray[np.uint8]:
    count, rows, columns = _idx_header(stream, name, IMAGES_MAGIC, 3)
    if (rows, columns) != (SIDE, SIDE):
        raise DataError(f"{name!r} holds images of {rows} x {columns} pixels: tenfold reads 28 x 28")
    return _filled(stream, np.empty((count, SIDE, SIDE), np.uint8), name)


def _idx_labels(stream: IO[bytes], name: str) -> NDArray[np.uint8]:
    (count,) = _idx_header(stream, name, LABELS_MAGIC, 1)
    return _filled(stream, np.empty(count, np.uint8), name)


def _filled(stream: IO[bytes], array: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
    try:
        npz.fill(stream, array, repr(name))
    except ValueError as error:
        raise DataError(f"{error}: copy it again") from error
    return array


def _npz_part(path: Path, part: str) -> Part:
    try:
        arrays = npz.read_arrays(path, MAX_IMAGES * SIDE * SIDE, [f"x_{part}", f"y_{part}"])
    except (OSError, ValueError) as error:
        raise DataError(f"{str(path)!r} cannot be read: {error}. Save it again with np.savez") from error
    return _checked(arrays[f"x_{part}"], arrays[f"y_{part}"], str(path))


def _checked(images: NDArray[np.generic], labels: NDArray[np.generic], name: str) -> Part:
    """Both arrays as `load_data` promises them."""
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE):
        raise DataError(f"images in {name!r} are {images.dtype} of shape {images.shape}: give uint8 (n, 28, 28)")
    try:
        pixels, digits = checked_pair(images, labels)
    except DataError as error:
        raise DataError(f"in {name!r} {error}") from error
    return pixels.reshape(-1, SIDE, SIDE), digits
