"""Sets in CSV files, one image a row: as on Kaggle (with a header), or the label first and then 784 pixels."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np

from tenfold.arrays import PIXELS, SIDE
from tenfold.datasets.idx_files import turned_upright
from tenfold.datasets.labelled_images import MAX_IMAGES, Part, checked_part, opened
from tenfold.errors import DataError

MAX_BYTES = 4 * 2**30  # of the unpacked text; a million rows of 784 pixels have about two
MAX_LINE = 16 * PIXELS  # bytes of one row
STEMS = {"train": ["train", "mnist_train", "emnist-digits-train"], "test": ["test", "mnist_test", "emnist-digits-test"]}


def find_csv_part(folder: Path, part: str) -> Path | None:
    """The CSV file of a part in a folder; None if there is none."""
    paths = (folder / f"{stem}{ending}" for stem in STEMS[part] for ending in (".csv", ".csv.gz"))
    return next((path for path in paths if path.is_file()), None)


def load_csv(path: Path) -> Part:
    """Load the images and labels of a CSV file.

    The label is in the column named `label`, or first if there is no header. The other 784 columns are the pixels, row
    by row, 0 paper .. 255 ink. EMNIST's transposed images, in files named `emnist-*`, are turned upright.

    Raises:
        DataError: the file is not such a table, has no labels, is damaged or is over a limit.
    """
    name = str(path)
    try:
        with opened(path) as stream:
            lines = _lines(stream, name)
            first = next(lines, "")
            label, header = _label_column(first, name)
            rows = np.loadtxt(
                lines if header else chain([first], lines), np.uint8, delimiter=",", ndmin=2, max_rows=MAX_IMAGES
            )
    except (OSError, EOFError, ValueError, OverflowError, zlib.error) as error:
        raise DataError(
            f"{name!r} cannot be read ({' '.join(str(error).split())}): give rows of a label 0..9 and {PIXELS} whole "
            "numbers 0..255"
        ) from error
    if rows.shape[1] != PIXELS + 1:
        raise DataError(f"{name!r} has {rows.shape[1]} columns: give a label and {PIXELS} pixels")
    images = np.delete(rows, label, axis=1).reshape(-1, SIDE, SIDE)
    part = checked_part(images, rows[:, label], name)
    return turned_upright(part) if path.name.startswith("emnist-") else part


def _label_column(first: str, name: str) -> tuple[int, bool]:
    """The number of the label's column, and True if the first row is a header."""
    columns = [column.strip().strip('"').lower() for column in first.split(",")]
    header = not all(column.isdigit() for column in columns)
    if header and "label" in columns:
        return columns.index("label"), True
    if len(columns) == PIXELS:
        raise DataError(f"{name!r} has {PIXELS} columns and no labels: give the file with labels (Kaggle's train.csv)")
    if header:
        raise DataError(
            f"{name!r} begins with {first[:60]!r}: give a header with a column 'label', or only whole numbers"
        )
    return 0, False


def _lines(stream: IO[bytes], name: str) -> Iterator[str]:
    left = MAX_BYTES
    while line := stream.readline(MAX_LINE + 1):
        left -= len(line)
        if len(line) > MAX_LINE:
            raise DataError(f"{name!r} has a row of over {MAX_LINE:,} bytes: it is not a table of 28 x 28 images")
        if left < 0:
            raise DataError(f"{name!r} holds more than {MAX_BYTES >> 30} GiB, the limit")
        yield line.decode("ascii", "replace")
