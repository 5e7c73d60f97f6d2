"""PDF and TIFF files for tests, written byte by byte, so that they can also be wrong."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from helpers.project import SAMPLES

Grey = NDArray[np.uint8]


def scan(digit: int) -> Grey:
    """A sample picture, `(h, w) uint8`."""
    with Image.open(SAMPLES / f"{digit}.jpg") as picture:
        return np.asarray(picture.convert("L"))


def pdf(objects: Sequence[bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF file of objects, the first of which is the catalog."""
    data = io.BytesIO()
    data.write(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(data.tell())
        data.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = data.tell()
    data.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    data.writelines(b"%010d 00000 n \n" % place for place in places)
    data.write(b"trailer << /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start))
    return data.getvalue()


def stream(content: bytes, entries: bytes = b"") -> bytes:
    packed = zlib.compress(content)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), entries, packed)


def image(picture: Grey) -> bytes:
    height, width = picture.shape
    entries = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceGray"
    return stream(picture.tobytes(), entries % (width, height))


def pages(
    size: tuple[float, float], pictures: Sequence[bytes], entries: bytes = b"", count: int | None = None
) -> bytes:
    """A PDF in which each page is one picture.

    Args:
        size: of a page, in points.
        pictures: image objects; an empty one leaves its page out of the file, although the tree names it.
        entries: of every page.
        count: the number of pages that the file claims; None for the truth.
    """
    width, height = size
    kids = b" ".join(b"%d 0 R" % (3 + 3 * i) for i in range(len(pictures)))
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %g %g] /Contents %d 0 R /Resources << /XObject << /I %d 0 R >> >>"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count or len(pictures), kids),
    ]
    for i, picture in enumerate(pictures):
        drawn = page % (width, height, 4 + 3 * i, 5 + 3 * i) + entries + b" >>"
        content = stream(b"q %g 0 0 %g 0 0 cm /I Do Q" % (width, height))
        objects += [drawn, content, picture] if picture else [b"null"] * 3
    return pdf(objects)


def scanned(digits: Sequence[int], dpi: float = 100, entries: bytes = b"") -> bytes:
    """A PDF in which each page is the scan of a sample."""
    height, width = scan(digits[0]).shape
    return pages((width * 72 / dpi, height * 72 / dpi), [image(scan(digit)) for digit in digits], entries)


def with_password() -> bytes:
    encrypt = b"/Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O (%s) /U (%s) >> /ID [(0) (0)]"
    tree = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 0 /Kids [] >>"]
    return pdf(tree, b"/Root 1 0 R " + encrypt % (b"o" * 32, b"u" * 32))


def tiff(path: Path, digits: Sequence[int]) -> None:
    first, *rest = [Image.fromarray(scan(digit)) for digit in digits]
    first.save(path, "TIFF", save_all=True, append_images=rest, compression="tiff_deflate")


def endless_tiff(directories: int) -> bytes:
    """A TIFF with a chain of so many directories, each of one 1 x 1 picture."""
    entries = [(256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1)]
    data = io.BytesIO()
    data.write(b"II*\0" + (9 + 1).to_bytes(4, "little") + b"\x80\x80")
    size = 2 + 12 * len(entries) + 4
    for i in range(directories):
        data.write(len(entries).to_bytes(2, "little"))
        for tag, value in entries:
            data.write(tag.to_bytes(2, "little") + b"\4\0" + b"\1\0\0\0" + value.to_bytes(4, "little"))
        following = 10 + size * (i + 1) if i + 1 < directories else 0
        data.write(following.to_bytes(4, "little"))
    return data.getvalue()
