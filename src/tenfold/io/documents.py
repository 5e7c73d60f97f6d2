"""Files of several pages, PDF and TIFF -> grayscale pixels, page by page. Does not know what is on the pages."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import numpy as np

from tenfold.errors import PictureError
from tenfold.io.grayscale import LONGEST_SIDE, check_pixels
from tenfold.io.image_files import grey_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

MAX_BYTES = 2**31 - 1  # bytes of a document; it is not loaded as a whole
MAX_PAGES = 20_000
DPI = 200  # at which a page is rendered that is not a scan
MAX_SIDE = 4095  # pixels of the longer side of a rendered page; reading halves what is over 2,047
SCAN_AREA = 0.5  # fraction of a page that an image covers, for the page to be taken for a scan
MAX_OBJECTS = 1000  # objects of a page among which a scan is searched
SQUARE = 0.95  # least ratio of the resolutions across and down at which pixels count as square
POINTS = 72  # units of a PDF in an inch
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


class Document(Protocol):
    """An open file of several pages.

    Attributes:
        pages: how many.
    """

    pages: int

    def pixels(self, number: int) -> NDArray[np.uint8]:
        """The page of a number from 1 to `pages`, `(h, w) uint8`, 0 black .. 255 white.

        Raises:
            PictureError: the page is damaged, or over a limit.
        """

    def close(self) -> None:
        """Close the file."""


def open_document(file: BinaryIO, side: int = LONGEST_SIDE) -> Document | None:
    """Open a PDF, or a TIFF file of several pages; None for any other file, and for a TIFF of one page.

    Args:
        file: a file that can be sought, open in binary mode; closing the document closes it.
        side: pixels of the longer side of the pages of a TIFF, as in `image_files.grey_pixels`.

    Raises:
        PictureError: the file is damaged, protected by a password, or over a limit; or pypdfium2 is not installed.
    """
    start = file.read(1024)
    is_pdf = b"%PDF-" in start
    if not is_pdf and not start.startswith(TIFF_STARTS):
        return None
    if file.seek(0, os.SEEK_END) > MAX_BYTES:
        raise PictureError(f"The file has over {MAX_BYTES >> 20:,} MiB, the limit: split it.")
    file.seek(0)
    if is_pdf:
        return _Pdf(file)
    document = _Tiff(file, side)
    return document if document.pages > 1 else None


class _Pdf:
    def __init__(self, file: BinaryIO) -> None:
        try:
            import pypdfium2
        except ImportError as error:
            raise PictureError("A PDF needs pypdfium2: pip install pypdfium2.") from error
        self._error: Any = pypdfium2.PdfiumError
        try:
            self._pdf = pypdfium2.PdfDocument(file, autoclose=True)
        except pypdfium2.PdfiumError as error:
            if "assword" in str(error):
                raise PictureError("The PDF is protected by a password: save it without one.") from None
            raise PictureError(f"The PDF is damaged ({_line(error)}): save it again.") from error
        self.pages = _checked(len(self._pdf))

    def pixels(self, number: int) -> NDArray[np.uint8]:
        try:
            with closing(self._pdf[number - 1]) as page:
                return self._rendered(page)
        except self._error as error:
            raise PictureError(f"The page is damaged ({_line(error)}): save the PDF again.") from error

    def close(self) -> None:
        self._pdf.close()

    def _rendered(self, page: Any) -> NDArray[np.uint8]:
        from pypdfium2 import PdfBitmap, raw

        width, height = self._size(page)
        with closing(PdfBitmap.new_native(width, height, raw.FPDFBitmap_Gray)) as bitmap:
            bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
            flags = raw.FPDF_ANNOT | raw.FPDF_GRAYSCALE
            raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags)
            return np.array(bitmap.to_numpy()).reshape(height, width)

    def _size(self, page: Any) -> tuple[int, int]:
        """Width and height in pixels at which a page is rendered."""
        points = page.get_size()
        if not (min(points) > 0 and max(points) < np.inf):
            raise PictureError(f"The page is {points[0]:g} x {points[1]:g} points: save the PDF again.")
        across, down = self._resolution(page, points[0] * points[1])
        if page.get_rotation() in {90, 270}:
            across, down = down, across
        width, height = points[0] * across, points[1] * down
        shrink = min(1.0, MAX_SIDE / max(width, height))
        return max(1, round(width * shrink)), max(1, round(height * shrink))

    def _resolution(self, page: Any, area: float) -> tuple[float, float]:
        """Pixels a point, across and down, of the scan that a page is, so that it is rendered as it is; else `DPI`."""
        from pypdfium2 import PdfImage

        largest, resolution = SCAN_AREA * area, (DPI / POINTS, DPI / POINTS)
        for image in islice(page.get_objects(), MAX_OBJECTS):
            if not isinstance(image, PdfImage):
                continue
            pixels = image.get_px_size()
            check_pixels(*pixels)
            left, bottom, right, top = image.get_bounds()
            if (right - left) * (top - bottom) > largest:
                largest = (right - left) * (top - bottom)
                resolution = _square(pixels[0] / (right - left), pixels[1] / (top - bottom))
        return resolution


def _square(across: float, down: float) -> tuple[float, float]:
    """Two resolutions that are about the same as they are; otherwise the higher twice, as for a fax."""
    higher = max(across, down)
    return (across, down) if min(across, down) > SQUARE * higher else (higher, higher)


class _Tiff:
    def __init__(self, file: BinaryIO, side: int) -> None:
        from PIL import Image

        self._file, self._side = file, side
        with _reported("The TIFF"):
            self._image = Image.open(file, formats=["TIFF"])
            self.pages = _checked(_counted(self._image))

    def pixels(self, number: int) -> NDArray[np.uint8]:
        with _reported("The page"):
            self._image.seek(number - 1)
            return grey_pixels(self._image, self._side)

    def close(self) -> None:
        self._image.close()
        self._file.close()


def _counted(image: Image) -> int:
    """The number of pages, or one over the limit if there are more: a file may claim any number."""
    for number in range(MAX_PAGES + 1):
        try:
            image.seek(number)
        except EOFError:
            return number
    return MAX_PAGES + 1


@contextmanager
def _reported(what: str) -> Iterator[None]:
    """Turn whatever Pillow's decoders raise on hostile bytes, which is nearly anything, into one error."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit on pixels follows
        try:
            yield
        except PictureError:
            raise
        except Image.DecompressionBombError as error:
            raise PictureError(f"{what} has more pixels than the limit: save it smaller.") from error
        except Exception as error:
            raise PictureError(f"{what} is damaged ({_line(error)}): save it again.") from error


def _checked(pages: int) -> int:
    if pages > MAX_PAGES:
        raise PictureError(f"The file claims more than {MAX_PAGES:,} pages, the limit: split it.")
    return pages


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
