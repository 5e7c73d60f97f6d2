"""Labelled images as every loader returns them, and the checks that they share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import SIDE, checked_pair
from tenfold.errors import DataError

Part = tuple[NDArray[np.uint8], NDArray[np.uint8]]  # images (n, 28, 28), labels (n,); read-only

MAX_IMAGES = 2_000_000  # 1.6 GB; EMNIST digits has 280,000
GZIP_MAGIC = b"\x1f\x8b"


def checked_part(images: NDArray[np.generic], labels: NDArray[np.generic], name: str) -> Part:
    """Validate the images and labels of one part of a set.

    Raises:
        DataError: they are not `(n, 28, 28) uint8` and `(n,)` whole numbers 0..9; the message names the set.
    """
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE):
        raise DataError(f"images in {name!r} are {images.dtype} of shape {images.shape}: give uint8 (n, 28, 28)")
    try:
        pixels, digits = checked_pair(images, labels)
    except DataError as error:
        raise DataError(f"in {name!r} {error}") from error
    return pixels.reshape(-1, SIDE, SIDE), digits


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, unpacked if it is gzipped, whatever its name says.

    Raises:
        DataError: it is a saved web page.
        OSError: it cannot be opened.
    """
    import gzip

    with open(path, "rb") as file:
        beginning = file.read(1024)
        file.seek(0)
        if beginning.lstrip()[:5].lower() in {b"<!doc", b"<html", b"<?xml"}:
            raise DataError(f"{str(path)!r} is a web page, not data: the download failed; download the file again")
        if beginning[:2] == GZIP_MAGIC:
            with gzip.open(file, "rb") as unpacked:
                yield unpacked  # type: ignore[misc]
        else:
            yield file
