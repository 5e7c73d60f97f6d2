"""Image and label arrays: their types, shapes and validation. No files, pictures or networks here."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.errors import DataError

SIDE = 28  # pixels of an image, across and down
PIXELS = SIDE * SIDE
DIGITS = 10
VIEW_SIDE = 40  # pixels of a view, which shows a digit with its surroundings

Images = NDArray[np.uint8]  # (n, 784), 0 paper .. 255 ink
Labels = NDArray[np.uint8]  # (n,), 0..9
Grey = NDArray[np.uint8]  # (h, w), 0 black .. 255 white
Mask = NDArray[np.bool_]  # (h, w)
View = NDArray[np.uint8]  # (2, 40, 40), the ink of a region and around it, and where the region is
Box = tuple[int, int, int, int]  # left, top, width, height, in pixels


def checked_images(images: ArrayLike) -> Images:
    """Validate images and bring them into the form that networks compute with.

    Args:
        images: `(n, 28, 28)` or `(n, 784)` numbers: whole numbers 0 paper .. 255 ink, of any dtype, or floats
            0 paper .. 1 ink, which are scaled to 0..255 and rounded.

    Returns:
        `(n, 784) uint8`, contiguous and read-only; not a copy if the argument has this form already.

    Raises:
        DataError: another shape, another dtype, or a value out of range.
    """
    array = _array(images, "images", "whole numbers 0..255, or floats 0..1")
    if array.dtype.kind == "f" and array.size and np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1:
        array = np.rint(array * 255)
    array = _whole_numbers(array, "images", 255, "whole numbers 0..255, or floats 0..1")
    if array.shape[1:] not in {(SIDE, SIDE), (PIXELS,)}:
        raise DataError(f"images have shape {array.shape}: it must be (n, 28, 28) or (n, 784)")
    return _read_only(array.reshape(len(array), PIXELS))


def checked_labels(labels: ArrayLike) -> Labels:
    """Validate labels and bring them into the form that networks compute with.

    Args:
        labels: `(n,)` whole numbers 0..9, of any dtype.

    Returns:
        `(n,) uint8`, contiguous and read-only; not a copy if the argument has this form already.

    Raises:
        DataError: another shape, another dtype, or a value out of range.
    """
    wanted = f"whole numbers 0..{DIGITS - 1}"
    array = _whole_numbers(_array(labels, "labels", wanted), "labels", DIGITS - 1, wanted)
    if array.ndim != 1:
        raise DataError(f"labels have shape {array.shape}: it must be (n,)")
    return _read_only(array)


def checked_pair(images: ArrayLike, labels: ArrayLike) -> tuple[Images, Labels]:
    """Validate images and their labels.

    Raises:
        DataError: a rule of `checked_images` or `checked_labels` is broken, or there are more of one than of the other.
    """
    pixels, digits = checked_images(images), checked_labels(labels)
    if len(pixels) != len(digits):
        raise DataError(f"there are {len(pixels)} images and {len(digits)} labels: give one label an image")
    return pixels, digits


def checked_epochs(epochs: int) -> int:
    """Validate a number of epochs: a whole number, 0 or more.

    Raises:
        DataError: it is another number, or not a number.
    """
    try:
        count = operator.index(epochs)
    except TypeError:
        raise DataError(f"epochs is {epochs!r}: it must be a whole number, 0 or more") from None
    if count < 0:
        raise DataError(f"epochs is {count}: it must be 0 or more")
    return count


def _array(values: ArrayLike, name: str, wanted: str) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except ValueError as error:  # lists of unequal lengths
        raise DataError(f"{name} are not an array ({error}): give {wanted}") from error


def _whole_numbers(array: NDArray[Any], name: str, largest: int, wanted: str) -> NDArray[np.uint8]:
    if array.size == 0:
        return array.astype(np.uint8)
    if array.dtype.kind not in "iuf":
        raise DataError(f"{name} are {array.dtype}: give {wanted}")
    low, high = array.min(), array.max()
    if not (low >= 0 and high <= largest):  # also true of NaN
        raise DataError(f"{name} run from {low} to {high}: they must lie within 0..{largest}")
    if array.dtype.kind == "f" and not (array == np.rint(array)).all():
        raise DataError(f"{name} run from {low} to {high} with fractions: give {wanted}")
    return array.astype(np.uint8, copy=False)


def _read_only(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A view that cannot be written, so that compiled loops meet one type of array whatever the caller holds."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
