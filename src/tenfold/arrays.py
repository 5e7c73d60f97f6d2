"""What images and labels are, and the check that arrays are that. Knows nothing of files, pictures or networks."""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.errors import DataError

SIDE = 28  # pixels of an image, across and down
PIXELS = SIDE * SIDE
DIGITS = 10

Images = NDArray[np.uint8]  # (n, 784), 0 paper .. 255 ink
Labels = NDArray[np.uint8]  # (n,), 0..9
Grey = NDArray[np.uint8]  # (h, w), 0 black .. 255 white
Mask = NDArray[np.bool_]  # (h, w)
Box = tuple[int, int, int, int]  # left, top, width, height, in pixels


def checked_images(images: ArrayLike) -> Images:
    """Images as networks compute with them.

    Args:
        images: `(n, 28, 28)` or `(n, 784)` whole numbers 0 paper .. 255 ink.

    Returns:
        `(n, 784) uint8`, contiguous and read-only; no copy where the argument is already so.

    Raises:
        DataError: another shape, another kind of number, or a value outside 0..255.
    """
    array = _whole_numbers(images, "images", 255)
    if array.shape[1:] not in {(SIDE, SIDE), (PIXELS,)}:
        raise DataError(f"images have shape {array.shape}: it must be (n, 28, 28) or (n, 784)")
    return _read_only(array.reshape(len(array), PIXELS))


def checked_labels(labels: ArrayLike) -> Labels:
    """Labels as networks compute with them.

    Args:
        labels: `(n,)` whole numbers 0..9.

    Returns:
        `(n,) uint8`, contiguous and read-only; no copy where the argument is already so.

    Raises:
        DataError: another shape, another kind of number, or a value outside 0..9.
    """
    array = _whole_numbers(labels, "labels", DIGITS - 1)
    if array.ndim != 1:
        raise DataError(f"labels have shape {array.shape}: it must be (n,)")
    return _read_only(array)


def checked_pair(images: ArrayLike, labels: ArrayLike) -> tuple[Images, Labels]:
    """Images and as many labels, each checked.

    Raises:
        DataError: a rule of `checked_images` or `checked_labels` is broken, or their numbers differ.
    """
    pixels, digits = checked_images(images), checked_labels(labels)
    if len(pixels) != len(digits):
        raise DataError(f"there are {len(pixels)} images and {len(digits)} labels: give one label an image")
    return pixels, digits


def checked_epochs(epochs: int) -> int:
    """How often images are gone through: a whole number, 0 or more."""
    try:
        count = operator.index(epochs)
    except TypeError:
        raise DataError(f"epochs is {epochs!r}: it must be a whole number, 0 or more") from None
    if count < 0:
        raise DataError(f"epochs is {count}: it must be 0 or more")
    return count


def _whole_numbers(values: ArrayLike, name: str, largest: int) -> NDArray[np.uint8]:
    try:
        array = np.asarray(values)
    except ValueError as error:  # lists of unequal lengths
        raise DataError(f"{name} are no array ({error}): give whole numbers 0..{largest}") from error
    if array.size == 0:
        return array.astype(np.uint8)
    if array.dtype.kind not in "iu":
        raise DataError(f"{name} are {array.dtype}: give whole numbers 0..{largest}, as uint8")
    low, high = array.min(), array.max()
    if low < 0 or high > largest:
        raise DataError(f"{name} run from {low} to {high}: they must lie within 0..{largest}")
    return array.astype(np.uint8, copy=False)


def _read_only(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A view that cannot be written, so that compiled loops meet one type of array whatever the caller holds."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
