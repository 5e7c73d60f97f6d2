"""Decode picture files: formats, EXIF, HEIC, limits -> grayscale pixels. Pixel types are the job of `grayscale`."""

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
from tenfold.io.array_layouts import as_array
from tenfold.io.grayscale import LONGEST_SIDE, MAX_PIXELS, check_pixels, grey_of_array, grey_of_image

if TYPE_CHECKING:
    from PIL.Image import Image

    Picture: TypeAlias = (
        str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image | NDArray[np.generic]
    )

MAX_BYTES = 64 * 2**20  # bytes of a picture file
LONGEST_JPEG = 900  # pixels; JPEGs are decoded at 1/2, 1/4 or 1/8 if the longer side stays at least this long

# Formats whose decoders run inside Pillow; others, such as EPS, start external programs.
COMMON_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM")
OTHER_FORMATS = ("TIFF", "WEBP", "AVIF", "JPEG2000", "DIB", "TGA")

_filters = threading.Lock()


def grey_pixels(picture: Picture, side: int = LONGEST_SIDE) -> NDArray[np.uint8]:
    """Decode any picture into grayscale pixels, upright, with the longer side below 2,048 by default.

    Args:
        picture: a path, the bytes of a picture file, an open binary file, a PIL image, or an array: `(h, w)`,
            `(h, w, channels)` or `(channels, h, w)` with 1 (gray), 3 (RGB) or 4 (RGBA) channels, of bool, integers or
            floats; also a tensor of PyTorch, TensorFlow or JAX, or a pandas row of a square image's pixels. Integers
            of 0 and 1, and floats of about 0..1, are multiplied by 255; other values within 0..255 stay as they are;
            uint16 is read as 10, 12 or 16 bits, the fewest that hold its values; any other range is stretched to
            0..255.
        side: pixels of the longer side; a larger picture is reduced by a whole factor to at least this, and less than
            twice as much.

    Returns:
        `(h, w) uint8`, 0 black .. 255 white.

    Raises:
        PictureError: it is not a picture, is damaged, or is over a limit.
    """
    from PIL import Image, UnidentifiedImageError

    if isinstance(picture, Image.Image):
        check_pixels(*picture.size)
        return _decoded(picture, "the PIL image", side)
    if (array := as_array(picture)) is not None:
        return grey_of_array(array, side)
    data, name = read_bytes(picture)
    if not data:
        raise PictureError(f"{name} is empty (0 bytes): give the bytes of a picture file")
    if _is_heic(data):
        return _decoded_heic(data, name, side)
    try:
        with _open(data) as image:
            check_pixels(*image.size)
            _check_single_frame(image, name)
            _reduce_jpeg(image, LONGEST_JPEG if side == LONGEST_SIDE else side)
            return _decoded(image, name, side)
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise _unsupported(data, name) from None
    except Image.DecompressionBombError as error:
        millions = MAX_PIXELS // 10**6
        raise PictureError(f"{name} has more pixels than the limit, {millions} million: save it smaller") from error
    except Exception as error:  # Pillow's decoders raise nearly anything on hostile bytes
        raise _damaged(name, error) from error


def loaded(picture: Picture) -> Picture:
    """The picture as something that another process can be sent: open files are read, and tensors become arrays.

    Raises:
        PictureError: it cannot be read, or is over a limit. It may still be no picture.
    """
    from PIL import Image

    if isinstance(picture, Image.Image):
        check_pixels(*picture.size)
        try:
            picture.load()
        except Exception as error:  # Pillow's decoders raise nearly anything on hostile bytes
            raise _damaged("the PIL image", error) from error
        return picture
    if (array := as_array(picture)) is not None:
        return array
    return picture if isinstance(picture, str | os.PathLike) else read_bytes(picture)[0]


def pixels_to_decode(data: bytes) -> int:
    """The number of pixels to decode in a picture file, by its header: a measure of time and memory.

    Returns:
        the number after reduction, if the file is reduced while it is decoded, as JPEGs are; 0 for a file that
        `grey_pixels` rejects.
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


def read_bytes(picture: object) -> tuple[bytes, str]:
    """The bytes of a file, at most `MAX_BYTES`, and its name in messages.

    Raises:
        PictureError: it is not a path, bytes or an open binary file, cannot be read, or is over the limit.
    """
    if isinstance(picture, bytes | bytearray | memoryview):
        name = "the picture"
        _check_bytes(memoryview(picture).nbytes, name)
        return bytes(picture), name
    if isinstance(picture, str | os.PathLike):
        name = repr(str(picture))
        try:
            with open(picture, "rb") as file:
                return _read_limited(file, name), name
        except IsADirectoryError as error:
            raise PictureError(f"{name} is a folder: give the pictures in it, as with {picture!s}/*.jpg") from error
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            raise PictureError(f"{name} cannot be opened ({_line(error)}): give the path of a picture file") from error
    if hasattr(picture, "read"):
        name = "the open file"
        try:
            return _read_limited(picture, name), name
        except PictureError:
            raise
        except Exception as error:  # a caller's file object may raise anything
            raise PictureError(f"{name} cannot be read ({_line(error)}): open it in binary mode ('rb')") from error
    raise PictureError(
        f"a {type(picture).__name__} is not a picture: give a path, bytes, an open binary file, a PIL image or an array"
    )


def _read_limited(file: Any, name: str) -> bytes:
    """The rest of a binary file, which may come in pieces."""
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


def _check_single_frame(image: Image, name: str) -> None:
    if image.format != "MPO" and getattr(image, "is_animated", False):  # the MPO files of phones also hold a preview
        raise PictureError(
            f"{name} holds several pages or frames: read those of a TIFF with tenfold batch, or save one as a picture"
        )


def _unsupported(data: bytes, name: str) -> PictureError:
    if data.startswith(b"%PDF"):
        return PictureError(f"{name} is a PDF: read its pages with tenfold batch")
    start = data[:8].hex(" ")
    return PictureError(
        f"{name} cannot be read: unknown format (first bytes {start}). Give a JPEG, PNG, GIF, BMP, TIFF, "
        "WebP, AVIF or HEIC file"
    )


def _damaged(name: str, error: Exception) -> PictureError:
    return PictureError(f"{name} is damaged or incomplete ({_line(error)}): save or send the picture again")


def _line(error: Exception) -> str:
    """The message of an error, on one line."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(text.split())


def _open(data: bytes) -> Image:
    """Open the bytes with Pillow, which reads the header and not yet the pixels."""
    from PIL import Image, UnidentifiedImageError

    with _filters, warnings.catch_warnings():  # one thread at a time may change the process's filters
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit on pixels follows
        try:
            return Image.open(io.BytesIO(data), formats=COMMON_FORMATS)
        except UnidentifiedImageError:
            Image.init()  # loads the plugins of the other formats
            known = [name for name in OTHER_FORMATS if name in Image.OPEN]  # some builds lack some
            return Image.open(io.BytesIO(data), formats=known)


def _reduce_jpeg(image: Image, longest: int = LONGEST_JPEG) -> None:
    """Make Pillow decode a JPEG in grayscale and at 1/2, 1/4 or 1/8, which is faster; other formats do not change."""
    width, height = (max(1, side * longest // max(image.size)) for side in image.size)
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


def _decoded_heic(data: bytes, name: str, side: int) -> NDArray[np.uint8]:
    import pi_heif

    try:
        file = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        check_pixels(*file.size)
        return _decoded(file.to_pillow(), name, side)
    except PictureError:
        raise
    except Exception as error:  # libheif's errors come as several classes
        raise _damaged(name, error) from error


def _decoded(image: Image, name: str, side: int) -> NDArray[np.uint8]:
    try:
        return grey_of_image(image, side)
    except PictureError:
        raise
    except Exception as error:  # Pillow's decoders raise nearly anything on hostile bytes
        raise _damaged(name, error) from error
