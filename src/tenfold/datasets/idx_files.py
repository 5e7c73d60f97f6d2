"""Sets in IDX files, the format of MNIST (LeCun et al., 1998): one file of images and one of labels for each part."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import SIDE
from tenfold.datasets.labelled_images import MAX_IMAGES, Part, checked_part, opened
from tenfold.errors import DataError
from tenfold.io import npz

IMAGES_MAGIC, LABELS_MAGIC = 2051, 2049
STEMS = {
    "train": ["train", "emnist-digits-train", "emnist-mnist-train"],
    "test": ["t10k", "test", "emnist-digits-test", "emnist-mnist-test"],
}


def find_idx_part(folder: Path, part: str) -> Path | None:
    """The images file of a part, in a folder, its `MNIST/raw` or its `raw`; None if there is none."""
    for place in (folder, folder / "MNIST" / "raw", folder / "raw"):
        for stem in STEMS[part]:
            if found := _find(place, stem, "images", 3):
                return found
    return None


def load_idx_part(images: Path) -> Part:
    """Load the images in a file, and the labels in the file beside it. EMNIST's transposed images are turned upright.

    Raises:
        DataError: a file is missing, damaged, over a limit or at odds with the other.
    """
    stem, _, _ = images.name.partition("-images")
    labels = _find(images.parent, stem, "labels", 1)
    if labels is None:
        raise DataError(f"{str(images)!r} has no labels: put {stem}-labels-idx1-ubyte beside it")
    try:
        with opened(images) as image_stream, opened(labels) as label_stream:
            pixels = _read_images(image_stream, str(images))
            part = checked_part(pixels, _read_labels(label_stream, str(labels)), str(images.parent))
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{str(images)!r} or its labels cannot be read ({error}): copy them again") from error
    return turned_upright(part) if stem.startswith("emnist-") else part


def turned_upright(part: Part) -> Part:
    """EMNIST (Cohen et al., 2017) stores each image with its rows and columns exchanged; exchange them back."""
    images = np.ascontiguousarray(part[0].transpose(0, 2, 1))
    images.flags.writeable = False
    return images, part[1]


def _find(place: Path, stem: str, what: str, dimensions: int) -> Path | None:
    names = [f"{stem}-{what}{dot}idx{dimensions}-ubyte{ending}" for dot in "-." for ending in ("", ".gz")]
    return next((place / name for name in names if (place / name).is_file()), None)


def _read_header(stream: IO[bytes], name: str, magic: int, dimensions: int) -> tuple[int, ...]:
    size = 4 * (1 + dimensions)
    data = stream.read(size)
    if len(data) < size:
        raise DataError(f"{name!r} ends within its header of {size} bytes: it is not an IDX file, or incomplete")
    found, *lengths = struct.unpack(f">{1 + dimensions}I", data)
    if found != magic:
        raise DataError(f"{name!r} begins with the number {found}: an IDX file of its kind begins with {magic}")
    if lengths[0] > MAX_IMAGES:
        raise DataError(f"{name!r} announces {lengths[0]:,} items: the limit is {MAX_IMAGES:,}")
    return tuple(lengths)


def _read_images(stream: IO[bytes], name: str) -> NDArray[np.uint8]:
    count, rows, columns = _read_header(stream, name, IMAGES_MAGIC, 3)
    if (rows, columns) != (SIDE, SIDE):
        raise DataError(f"{name!r} holds images of {rows} x {columns} pixels: tenfold reads 28 x 28")
    return _fill(stream, np.empty((count, SIDE, SIDE), np.uint8), name)


def _read_labels(stream: IO[bytes], name: str) -> NDArray[np.uint8]:
    (count,) = _read_header(stream, name, LABELS_MAGIC, 1)
    return _fill(stream, np.empty(count, np.uint8), name)


def _fill(stream: IO[bytes], array: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
    try:
        npz.fill(stream, array, repr(name))
    except ValueError as error:
        raise DataError(f"{error}: copy it again") from error
    return array
