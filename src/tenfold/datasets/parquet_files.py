"""Sets in Parquet files as on Hugging Face: a column `image` of encoded pictures and a column `label`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tenfold.arrays import SIDE
from tenfold.datasets.labelled_images import MAX_IMAGES, Part, checked_part
from tenfold.errors import DataError, PictureError
from tenfold.io.image_files import grey_pixels

ROWS = 1_000  # rows in memory at a time, besides the images


def find_parquet_part(folder: Path, part: str) -> list[Path]:
    """The Parquet files of a part, in a folder, its `data` or its `mnist`, in order; empty if there are none."""
    for place in (folder, folder / "data", folder / "mnist"):
        if found := sorted(place.glob(f"{part}*.parquet")):
            return found
    return []


def load_parquet(paths: list[Path]) -> Part:
    """Load the pictures, 28 x 28 pixels each, and labels of Parquet files, one after the other.

    Raises:
        DataError: pyarrow is not installed, a file is damaged or over a limit, or a column or a picture does not fit.
    """
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise DataError(f"{str(paths[0])!r} is a Parquet file, which needs pyarrow: pip install pyarrow") from error
    name = str(paths[0])
    try:
        files = [parquet.ParquetFile(path) for path in paths]
        count = sum(file.metadata.num_rows for file in files)
        if count > MAX_IMAGES:
            raise DataError(f"{name!r} and its siblings announce {count:,} rows: the limit is {MAX_IMAGES:,}")
        images, labels = np.empty((count, SIDE, SIDE), np.uint8), np.empty(count, np.int64)
        i = 0
        for file in files:
            for batch in file.iter_batches(ROWS, columns=["image", "label"]):
                for row in batch.to_pylist():
                    images[i], labels[i] = _image(row["image"], name, i), row["label"]
                    i += 1
    except (ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{name!r} cannot be read ({' '.join(str(error).split())}): download it again") from error
    return checked_part(images[:i], labels[:i], name)


def _image(cell: Any, name: str, row: int) -> Any:
    data = cell.get("bytes") if isinstance(cell, dict) else cell
    if not isinstance(data, bytes):
        raise DataError(f"row {row} of {name!r} holds no picture in 'image': give encoded pictures")
    try:
        pixels = grey_pixels(data)
    except PictureError as error:
        raise DataError(f"row {row} of {name!r} cannot be read: {error}") from error
    if pixels.shape != (SIDE, SIDE):
        raise DataError(
            f"row {row} of {name!r} has {pixels.shape[1]} x {pixels.shape[0]} pixels: tenfold reads 28 x 28"
        )
    return pixels
