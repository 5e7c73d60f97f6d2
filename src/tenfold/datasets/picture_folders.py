"""Sets as folders of pictures, one folder a digit: `train/0/*.png` ... `test/9/*.png`, or `0/` ... `9/`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tenfold.arrays import DIGITS, SIDE
from tenfold.datasets.labelled_images import MAX_IMAGES, Part, checked_part
from tenfold.errors import DataError, PictureError
from tenfold.io.image_files import grey_pixels

NAMES = {"train": ["train", "training"], "test": ["test", "testing"]}
ENDINGS = {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".tif", ".tiff", ".webp"}


def find_picture_folder(folder: Path, part: str) -> Path | None:
    """The folder of a part that holds the folders `0` to `9`; None if there is none."""
    return next((folder / name for name in NAMES[part] if has_digit_folders(folder / name)), None)


def has_digit_folders(folder: Path) -> bool:
    """True if a folder holds a folder named by a digit."""
    return any((folder / str(digit)).is_dir() for digit in range(DIGITS))


def load_picture_folder(folder: Path) -> Part:
    """Load pictures of 28 x 28 pixels, sorted into the folders `0` to `9`.

    MNIST's polarity is light ink on dark paper. If most pixels on the borders of all pictures are light, the ink is
    taken to be dark, and all pictures are inverted.

    Raises:
        DataError: there are no pictures or too many, or one is damaged or has another size.
    """
    paths = [(path, digit) for digit in range(DIGITS) for path in sorted((folder / str(digit)).glob("*"))]
    paths = [(path, digit) for path, digit in paths if path.suffix.lower() in ENDINGS and not path.name.startswith(".")]
    if not paths or len(paths) > MAX_IMAGES:
        raise DataError(f"{str(folder)!r} holds {len(paths):,} pictures: give 1 to {MAX_IMAGES:,} in folders 0 to 9")
    images = np.empty((len(paths), SIDE, SIDE), np.uint8)
    for image, (path, _) in zip(images, paths, strict=True):
        try:
            pixels = grey_pixels(path)
        except PictureError as error:
            raise DataError(f"{str(path)!r} cannot be read: {error}") from error
        if pixels.shape != (SIDE, SIDE):
            height, width = pixels.shape
            raise DataError(f"{str(path)!r} has {width} x {height} pixels: training and evaluation take 28 x 28")
        image[:] = pixels
    border = np.ones((SIDE, SIDE), bool)
    border[1:-1, 1:-1] = False
    if images[:, border].mean() > 127:
        images = 255 - images
    return checked_part(images, np.array([digit for _, digit in paths], np.uint8), str(folder))
