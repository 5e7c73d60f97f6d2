"""Bytes, files, PIL images and arrays -> grey pixels.

Knows picture formats and their limits. Does not know what a digit is, nor which side of grey is ink.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
import warnings
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import PictureError

if TYPE_CHECKING:
    from PIL.Image import Image

    Picture: TypeAlias = (
        str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image | NDArray[np.generic]
    )

MAX_BYTES = 64 * 2**20
MAX_PIXELS = 128_000_000  # a 12,000 x 9,000 scan fits
LONGEST_SIDE = 1024  # larger pictures are reduced to about this, JPEGs while they are decoded
LONGEST_JPEG = 900  # they reduce themselves by 2, 4 or 8, to no longer side less than this: 4,000 pixels to 1,000

# Formats whose decoders run inside Pillow; others (EPS, say) start foreign programs.
COMMON_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM")
OTHER_FORMATS = ("TIFF", "WEBP", "AVIF", "JPEG2000", "DIB", "TGA")

_filters = threading.Lock()


def grey_pixels(picture: Picture) -> NDArray[np.uint8]:
    """Decode any picture into grey pixels, upright, its longest side less than twice `LONGEST_SIDE`.

    Args:
        picture: a path, the bytes of a picture file, an open binary file, a PIL image, or an array:
            `(h, w)`, `(h, w, 1)` grey, `(h, w, 3)` RGB or `(h, w, 4)` RGBA; bool, integers or floats. Values
            within 0..255 are taken as they are (bool and floats within 0..1 are multiplied by 255); uint16 is taken as
            10, 12 or 16 bits, the fewest that hold it; any other range is stretched to 0..255.

    Returns:
        `(h, w) uint8`, 0 black .. 255 white.

    Raises:
        PictureError: it is no picture, is damaged, or is over a limit.
    """
    from PIL import Image, UnidentifiedImageError

    if isinstance(picture, np.ndarray):
        return _grey_array(picture)
    if isinstance(picture, Image.Image):
        _check_pixels(*picture.size)
        return _decoded(picture, "the PIL image")
    data, name = _bytes_of(picture)
    if not data:
        raise PictureError(f"{name} is empty (0 bytes): give the bytes of a picture file")
    if _is_heic(data):
        return _decoded_heic(data, name)
    try:
        with _open(data) as image:
            _check_pixels(*image.size)
            _check_alone(image, name)
            _reduce_jpeg(image)
            return _decoded(image, name)
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise _unknown(data, name) from None
    except Image.DecompressionBombError as error:
        millions = MAX_PIXELS // 10**6
        raise PictureError(f"{name} has more pixels than the limit, {millions} million: save it smaller") from error
    except Exception as error:  # Pillow's decoders raise nearly anything on hostile bytes
        raise _damaged(name, error) from error


def pixels_to_decode(data: bytes) -> int:
    """How many pixels decoding the bytes of a picture file takes, by its header: a measure of time and memory.

    Returns:
        Where the file is reduced while it is decoded, as JPEGs are, the pixels that are left; 0 where it is no picture
        that `grey_pixels` reads: that says why.
    """
    from PIL import Image

    with contextlib.suppress(Exception):  # Pillow's decoders raise nearly anything on hostile bytes
        try:
            if _is_heic(data):
                import pi_heif

                width, height = pi_heif.open_heif(io.BytesIO(data)).size
                return int(width * height)
            with _open(data) as image:
                _reduce_jpeg(image)
                return image.width * image.height
        except Image.DecompressionBombError:
            return MAX_PIXELS
    return 0


def _bytes_of(picture: object) -> tuple[bytes, str]:
    """The bytes of a file, at most `MAX_BYTES`, and what to call it in a message."""
    if isinstance(picture, bytes | bytearray | memoryview):
        name = "the picture"
        _check_bytes(memoryview(picture).nbytes, name)
        return bytes(picture), name
    if isinstance(picture, str | os.PathLike):
        name = repr(str(picture))
        try:
            with open(picture, "rb") as file:
                return _all_of(file, name), name
        except IsADirectoryError as error:
            raise PictureError(f"{name} is a folder: give the pictures in it, as with {picture!s}/*.jpg") from error
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            raise PictureError(f"{name} cannot be opened ({_line(error)}): give the path of a picture file") from error
    if hasattr(picture, "read"):
        name = "the open file"
        try:
            return _all_of(picture, name), name
        except PictureError:
            raise
        except Exception as error:  # whatever somebody's file raises
            raise PictureError(f"{name} cannot be read ({_line(error)}): open it in binary mode ('rb')") from error
    raise PictureError(
        f"a {type(picture).__name__} is no picture: give a path, bytes, an open binary file, a PIL image or an array"
    )


def _all_of(file: Any, name: str) -> bytes:
    """What a binary file still holds; it may hand it out in pieces."""
    pieces: list[bytes] = []
    count = 0
    while piece := file.read(MAX_BYTES + 1 - count):
        if not isinstance(piece, bytes):
            raise PictureError(f"{name} gave {type(piece).__name__}, not bytes: open it in binary mode ('rb')")
        pieces.append(piece)
        count += len(piece)
        _check_bytes(count, name)
    return b"".join(pieces)


def _check_bytes(count: int, name: str) -> None:
    if count > MAX_BYTES:
        raise PictureError(f"{name} has over {MAX_BYTES >> 20} MiB, the limit: save the picture smaller")


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PictureError(
            f"the picture has {width} x {height} pixels, the limit is {MAX_PIXELS // 10**6} million: save it smaller"
        )
    if width * height == 0:
        raise PictureError(f"the picture has {width} x {height} pixels: both sides must be at least 1")


def _check_alone(image: Image, name: str) -> None:
    if image.format != "MPO" and getattr(image, "is_animated", False):  # a phone's MPO holds a preview too
        raise PictureError(f"{name} holds several pages or frames: save the one to be read as a picture of its own")


def _unknown(data: bytes, name: str) -> PictureError:
    if data.startswith(b"%PDF"):
        return PictureError(f"{name} is a PDF: save its pages as pictures (pdftoppm -png does)")
    start = data[:8].hex(" ")
    return PictureError(
        f"{name} is no picture that can be read (it starts with {start}): give a JPEG, PNG, GIF, BMP, TIFF, "
        "WebP, AVIF or HEIC file"
    )


def _damaged(name: str, error: Exception) -> PictureError:
    return PictureError(f"{name} is damaged or incomplete ({_line(error)}): save or send the picture again")


def _line(error: Exception) -> str:
    """What an error says, on one line."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(text.split())


def _open(data: bytes) -> Image:
    """Pillow's image of the bytes: the header read, the pixels not yet."""
    from PIL import Image, UnidentifiedImageError

    with _filters, warnings.catch_warnings():  # one thread at a time may change the process's filters
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit on pixels comes next
        try:
            return Image.open(io.BytesIO(data), formats=COMMON_FORMATS)
        except UnidentifiedImageError:
            Image.init()  # loads the plugins of the other formats
            known = [name for name in OTHER_FORMATS if name in Image.OPEN]  # some builds lack some
            return Image.open(io.BytesIO(data), formats=known)


def _reduce_jpeg(image: Image) -> None:
    """Have a JPEG decode itself in grey and at 1/2, 1/4 or 1/8, which is faster; other formats stay as they are."""
    width, height = (max(1, side * LONGEST_JPEG // max(image.size)) for side in image.size)
    image.draft("L", (width, height))


def _is_heic(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in {
        b"heic",
        b"heix",
        b"heim",
        b"heis",
        b"hevc",
        b"hevx",
        b"mif1",
        b"msf1",
    }


def _decoded_heic(data: bytes, name: str) -> NDArray[np.uint8]:
    import pi_heif

    try:
        file = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        _check_pixels(*file.size)
        return _decoded(file.to_pillow(), name)
    except PictureError:
        raise
    except Exception as error:  # libheif's errors come as several classes
        raise _damaged(name, error) from error


def _decoded(image: Image, name: str) -> NDArray[np.uint8]:
    """Grey pixels of a PIL image: upright as its EXIF orientation says, laid on paper where it is transparent."""
    from PIL import ImageOps

    try:
        if image.mode in {"La", "RGBa"}:
            image = image.convert(image.mode.upper())
        if image.mode not in {"1", "P", "PA"}:  # the others can be shrunk before they are converted, which saves memory
            image = _shrunk(image)
        image = ImageOps.exif_transpose(image)
        if image.mode.startswith(("I", "F")):
            return _grey_array(np.asarray(image))
        if image.mode == "LAB":
            image = image.getchannel("L")
        if image.has_transparency_data:
            return _on_paper(_shrunk(image.convert("RGBA")))
        return np.asarray(_shrunk(image.convert("L")))
    except PictureError:
        raise
    except Exception as error:  # Pillow's decoders raise nearly anything on hostile bytes
        raise _damaged(name, error) from error


def _shrunk(image: Image) -> Image:
    factor = max(image.size) // LONGEST_SIDE
    if factor < 2 or image.mode.startswith("I;16"):  # which Pillow cannot reduce: `_grey_array` does
        return image
    return image.reduce(factor)


def _on_paper(image: Image) -> NDArray[np.uint8]:
    """Grey pixels of an RGBA image laid on white, or on black where what is drawn is itself light."""
    grey = np.asarray(image.convert("L"), dtype=np.float32)
    alpha = np.asarray(image.getchannel("A"), dtype=np.float32) / 255
    visible = float(alpha.sum())
    paper = 0 if visible and float((grey * alpha).sum()) / visible > 127 else 255
    return np.rint(grey * alpha + paper * (1 - alpha)).astype(np.uint8)


def _grey_array(array: NDArray[np.generic]) -> NDArray[np.uint8]:
    from PIL import Image

    if array.ndim not in {2, 3} or (array.ndim == 3 and array.shape[2] not in {1, 3, 4}):
        raise PictureError(f"an array of shape {array.shape} is no picture: give (h, w), (h, w, 3) or (h, w, 4)")
    if array.dtype.kind not in "buif":
        raise PictureError(f"an array of {array.dtype} is no picture: give bool, integers or floats")
    _check_pixels(array.shape[1], array.shape[0])
    if array.dtype != np.uint8:
        array = _as_bytes(_shrunk_array(array), array.dtype)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    image = _shrunk(Image.fromarray(np.ascontiguousarray(array)))
    return _on_paper(image) if image.mode == "RGBA" else np.asarray(image.convert("L"))


def _shrunk_array(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Means over squares, as `_shrunk` takes them, a band of rows at a time; the same array where it is small."""
    factor = max(array.shape[:2]) // LONGEST_SIDE
    if factor < 2:
        return array
    height, width = array.shape[:2]
    bands = [array[top : top + factor].astype(np.float64).mean(axis=0) for top in range(0, height, factor)]
    starts = np.arange(0, width, factor)
    sums = np.add.reduceat(np.stack(bands), starts, axis=1)
    widths = np.diff(np.append(starts, width)).reshape(-1, *[1] * (array.ndim - 2))
    return sums / widths


def _as_bytes(array: NDArray[np.generic], dtype: np.dtype[Any]) -> NDArray[np.uint8]:
    """The values of an array, originally of `dtype`, as uint8, by the rule that `grey_pixels` states."""
    values = array.astype(np.float64)
    if not np.isfinite(values).all():
        raise PictureError("the array holds NaN or infinite pixels: give finite values")
    low, high = float(values.min()), float(values.max())
    if dtype == np.bool_ or (dtype.kind == "f" and low >= 0 and high <= 1):
        values *= 255
    elif dtype.kind == "u" and dtype.itemsize == 2 and high > 255:
        values *= 255 / next(most for most in (1023, 4095, 65535) if high <= most)
    elif low < 0 or high > 255:
        span = high / 2 - low / 2  # halved: high - low may not be finite
        values = (values / 2 - low / 2) / (span or 1.0) * 255
    return np.rint(values).astype(np.uint8)
