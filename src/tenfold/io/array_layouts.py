"""Arrays of other libraries, and the order of their axes: anything array-like -> `(h, w)` or `(h, w, channels)`.

Flattened images and batches are errors that say how to reshape them. Does not know the meaning of the values.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import PictureError

CHANNELS = (1, 3, 4)  # gray, RGB, RGBA
MIN_FLATTENED = 64  # pixels; the smallest data sets of digits have 8 x 8
MAX_RATIO = 0.8  # of two differences; noise has 1, and a table of digits clearly less


def as_array(picture: Any) -> NDArray[np.generic] | None:
    """The NumPy array of a tensor of PyTorch, TensorFlow or JAX, or of a pandas row; None for anything else.

    A row of a table of pixels, such as one of Kaggle's, becomes a square image; its column "label" is left out.

    Raises:
        PictureError: the values of the tensor or row cannot be converted.
    """
    if isinstance(picture, np.ndarray):
        return picture
    if not hasattr(picture, "__array__") or isinstance(picture, type):
        return None
    try:
        if hasattr(picture, "detach"):  # a tensor of PyTorch, which may have a gradient or lie on a GPU
            picture = picture.detach().cpu()
        if hasattr(picture, "to_frame"):  # a pandas Series
            return _square(np.asarray(picture.drop("label", errors="ignore"))) if hasattr(picture, "drop") else None
        return np.asarray(picture)
    except PictureError:
        raise
    except Exception as error:  # every library has its own
        raise PictureError(
            f"the {type(picture).__name__} cannot be converted to a NumPy array ({error}): give numbers"
        ) from error


def channels_last(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Check the shape of an array, and move its channels to the last axis.

    Args:
        array: `(h, w)`, `(h, w, channels)` or `(channels, h, w)` with 1, 3 or 4 channels.

    Raises:
        PictureError: any other shape. Flattened images and batches are named as such.
    """
    shape = array.shape
    if array.ndim == 3 and shape[2] in CHANNELS:
        return array
    if array.ndim == 3 and shape[0] in CHANNELS:
        return np.moveaxis(array, 0, 2)
    if array.ndim == 2 and not (min(shape) == 1 and _side(array.size)):
        if _holds_flattened_images(array):
            side = _side(shape[1])
            raise PictureError(
                f"an array of shape {shape} looks like {shape[0]} flattened images: "
                f"give array[i].reshape({side}, {side}), or use read_many"
            )
        return array
    raise PictureError(_advice(array))


def _advice(array: NDArray[np.generic]) -> str:
    shape, side = array.shape, _side(array.size)
    if side and max(shape, default=0) == array.size:
        return f"an array of shape {shape} looks like a flattened image: give array.reshape({side}, {side})"
    if array.ndim == 4 or (array.ndim == 3 and shape[1] > 1 and shape[2] > 1 and shape[0] > 1):
        return f"an array of shape {shape} looks like a batch of {shape[0]}: give one, as array[0], or use read_many"
    return (
        f"an array of shape {shape} is not a picture: give (h, w), (h, w, channels) or (channels, h, w) "
        "with 1, 3 or 4 channels"
    )


def _holds_flattened_images(array: NDArray[np.generic]) -> bool:
    """True if every row is an image: pixels one image row apart are alike, neighbouring rows of the array are not.

    In a picture that only happens to be as wide, most neighbouring rows are alike, and no distance within a row is
    special: rules across the page are alike at every distance.
    """
    side = _side(array.shape[1])
    if not side or len(array) < 2 or array.dtype.kind not in "buif":
        return False
    sample = array[:100].astype(np.float64)
    lag = 3 * side // 2
    image_row = np.abs(sample[:, side:] - sample[:, :-side]).mean()
    elsewhere = np.abs(sample[:, lag:] - sample[:, :-lag]).mean()
    array_row = np.median(np.abs(np.diff(sample, axis=0)).mean(axis=1))
    return bool(image_row < MAX_RATIO * min(elsewhere, array_row))


def _square(row: NDArray[np.generic]) -> NDArray[np.generic]:
    side = _side(row.size)
    if not side:
        raise PictureError(f"the row has {row.size} values: the pixels of a square image, such as 784, are needed")
    return row.reshape(side, side).astype(np.float64) if row.dtype == object else row.reshape(side, side)


def _side(size: int) -> int:
    """The side of a square image of so many pixels; 0 if there is none, or it is too small for a digit."""
    side = math.isqrt(size)
    return side if side * side == size and size >= MIN_FLATTENED else 0
