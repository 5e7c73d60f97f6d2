"""Lines of digits from French notaries' registers (LECTAUREP), read from a zip file. It is not part of the package."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from tenfold.arrays import Grey
from tenfold.errors import DataError

FILE = "lectaurep_lines.zip"
MAX_IMAGE_BYTES = 2**22
MAX_SIDE = 4000  # pixels


@dataclass(frozen=True, eq=False)
class RegisterLine:
    """A line of a register.

    Attributes:
        digits: its digits; signs between them are not told.
        image: `(h, w) uint8`, 0 black .. 255 white.
    """

    digits: str
    image: Grey


def load_register_lines(folder: str | Path, split: str = "train") -> list[RegisterLine]:
    """Load the lines of one split; no hand is in two of them.

    Args:
        folder: the folder that holds `lectaurep_lines.zip`.
        split: "train" or "dev".

    Raises:
        DataError: the file is missing or damaged, or the split has no lines.
    """
    path = Path(folder) / FILE
    try:
        with zipfile.ZipFile(path) as archive:
            rows = list(csv.DictReader(io.TextIOWrapper(archive.open("labels.csv"), "utf-8")))
            lines = [_line(archive, row) for row in rows if row["split"] == split]
    except FileNotFoundError:
        raise DataError(f"{path} does not exist: give the folder that holds {FILE}") from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} cannot be read ({error}): copy it again") from error
    if not lines:
        raise DataError(f"the split is {split!r}: {path} holds no such lines; choose 'train' or 'dev'")
    return lines


def _line(archive: zipfile.ZipFile, row: dict[str, str]) -> RegisterLine:
    name, digits = row["file"], row["digits"]
    if not digits.isascii() or not digits.isdigit():
        raise ValueError(f"the digits of {name} are {digits!r}")
    if archive.getinfo(name).file_size > MAX_IMAGE_BYTES:
        raise ValueError(f"{name} has more than {MAX_IMAGE_BYTES:,} bytes")
    image = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None or max(image.shape) > MAX_SIDE:
        raise ValueError(f"{name} is not a picture of at most {MAX_SIDE} pixels a side")
    return RegisterLine(digits, image.astype(np.uint8))
