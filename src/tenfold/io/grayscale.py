"""PIL images and arrays -> grayscale uint8, upright and not too large: modes, pixel types, transparency.

Does not read files, and does not decide which side of gray is ink.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import PictureError
from tenfold.io.array_layouts import channels_last

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 128_000_000  # a 12,000 x 9,000 scan fits
LONGEST_SIDE = (
    1024  # pixels; larger pictures are reduced by a whole factor to at least this, and less than twice as much
)
MAX_FRACTION = 2.0  # floats up to this level are fractions of white; sharpening and resampling make some exceed 1
OVERSHOOT = 0.25  # fraction of the highest level by which such floats may be negative; others have another origin


def check_pixels(width: int, height: int) -> None:
    """Raise PictureError if a picture has no pixels, or more than `MAX_PIXELS`."""
    if width * height > MAX_PIXELS:
        raise PictureError(
            f"the picture has {width} x {height} pixels, the limit is {MAX_PIXELS // 10**6} million: save it smaller"
        )
    if width * height == 0:
        raise PictureError(f"the picture has {width} x {height} pixels: both sides must be at least 1")


def grey_of_image(image: Image, side: int = LONGEST_SIDE) -> NDArray[np.uint8]:
    """The grayscale pixels of a PIL image: rotated as its EXIF data say, and laid on paper where it is transparent.

    Args:
        image: the image.
        side: pixels of the longer side; a larger picture is reduced by a whole factor to at least this.

    Raises:
        PictureError: as in `grey_of_array`. Decoding a damaged file may raise anything else.
    """
    from PIL import ImageOps

    if image.mode in {"La", "RGBa"}:
        image = image.convert(image.mode.upper())
    if image.mode not in {"1", "P", "PA"}:  # other modes can be reduced before they are converted, which saves memory
        image = _reduced(image, side)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):
        return grey_of_array(np.asarray(image), side)
    if image.mode == "LAB":
        image = image.getchannel("L")
    if image.has_transparency_data:
        return _on_paper(_reduced(image.convert("RGBA"), side))
    return np.asarray(_reduced(image.convert("L"), side))


def grey_of_array(array: NDArray[np.generic], side: int = LONGEST_SIDE) -> NDArray[np.uint8]:
    """The grayscale pixels, `(h, w) uint8`, of an array, by the rules of `image_files.grey_pixels`.

    Args:
        array: the array.
        side: as in `grey_of_image`.

    Raises:
        PictureError: another shape or type, over the limit on pixels, or not finite.
    """
    from PIL import Image

    if array.dtype.kind not in "buif":
        raise PictureError(f"an array of {array.dtype} is not a picture: give bool, integers or floats")
    array = channels_last(array)
    check_pixels(array.shape[1], array.shape[0])
    if array.dtype != np.uint8 or array.max() <= 1:
        array = _as_bytes(_reduced_array(array, side), array.dtype)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    image = _reduced(Image.fromarray(np.ascontiguousarray(array)), side)
    return _on_paper(image) if image.mode == "RGBA" else np.asarray(image.convert("L"))


def _reduced(image: Image, side: int) -> Image:
    factor = max(image.size) // side
    if factor < 2 or image.mode.startswith("I;16"):  # Pillow cannot reduce these; `grey_of_array` does
        return image
    return image.reduce(factor)


def _on_paper(image: Image) -> NDArray[np.uint8]:
    """The grayscale pixels of an RGBA image, laid on white, or on black if the drawing itself is light."""
    grey = np.asarray(image.convert("L"), dtype=np.float32)
    alpha = np.asarray(image.getchannel("A"), dtype=np.float32) / 255
    visible = float(alpha.sum())
    paper = 0 if visible and float((grey * alpha).sum()) / visible > 127 else 255
    return np.rint(grey * alpha + paper * (1 - alpha)).astype(np.uint8)


def _reduced_array(array: NDArray[np.generic], side: int) -> NDArray[np.generic]:
    """Means over squares, as in `_reduced`, one band of rows at a time; a small array stays as it is."""
    factor = max(array.shape[:2]) // side
    if factor < 2:
        return array
    height, width = array.shape[:2]
    bands = [array[top : top + factor].astype(np.float64).mean(axis=0) for top in range(0, height, factor)]
    starts = np.arange(0, width, factor)
    sums = np.add.reduceat(np.stack(bands), starts, axis=1)
    widths = np.diff(np.append(starts, width)).reshape(-1, *[1] * (array.ndim - 2))
    return sums / widths


def _as_bytes(array: NDArray[np.generic], dtype: np.dtype[Any]) -> NDArray[np.uint8]:
    """The values of an array, originally of `dtype`, as uint8, by the rule of `image_files.grey_pixels`."""
    values = array.astype(np.float64)
    if not np.isfinite(values).all():
        raise PictureError("the array holds NaN or infinite pixels: give finite values")
    low, high = float(values.min()), float(values.max())
    if dtype.kind in "bui" and low >= 0 and high <= 1:  # a mask
        values *= 255
    elif dtype.kind == "f" and low >= -OVERSHOOT * high and high <= MAX_FRACTION:
        values = values.clip(0, 1) * 255
    elif dtype.kind == "u" and dtype.itemsize == 2 and high > 255:
        values *= 255 / next(most for most in (1023, 4095, 65535) if high <= most)
    elif low < 0 or high > 255:
        span = high / 2 - low / 2  # halved: high - low may not be finite
        values = (values / 2 - low / 2) / (span or 1.0) * 255
    return np.rint(values).astype(np.uint8)
