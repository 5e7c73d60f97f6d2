from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import tenfold
from helpers import documents
from helpers.documents import scan
from tenfold.io.documents import MAX_SIDE, open_document
from tenfold.io.grayscale import MAX_PIXELS

pytest.importorskip("pypdfium2", reason="needs pypdfium2")


def document(data: bytes):  # type: ignore[no-untyped-def]
    found = open_document(io.BytesIO(data))
    assert found is not None
    return found


def test_a_scanned_page_is_rendered_pixel_for_pixel() -> None:
    for dpi in (72, 100, 203.7, 600):
        opened = document(documents.scanned([7, 3], dpi))
        assert opened.pages == 2
        assert np.array_equal(opened.pixels(1), scan(7))
        assert np.array_equal(opened.pixels(2), scan(3))
        opened.close()


def test_a_page_that_is_turned_is_turned() -> None:
    assert np.array_equal(document(documents.scanned([7], entries=b"/Rotate 90")).pixels(1), np.rot90(scan(7), -1))


def test_a_fax_keeps_its_shape() -> None:
    coarse = scan(7)[::2]
    height, width = coarse.shape
    rendered = document(documents.pages((width, 2 * height), [documents.image(coarse)])).pixels(1)
    assert rendered.shape == (2 * height, width)


def test_a_file_that_claims_2_to_the_31_pages_is_not_believed() -> None:
    assert document(documents.pages((72, 72), [documents.stream(b"")], count=2**31 - 1)).pages == 1


def test_a_page_without_a_scan_has_200_pixels_an_inch() -> None:
    assert document(documents.pages((72, 144), [documents.stream(b"")])).pixels(1).shape == (400, 200)


def test_a_page_of_five_meters_is_rendered_within_the_limit() -> None:
    rendered = document(documents.pages((14173, 14173), [documents.image(scan(7))])).pixels(1)
    assert max(rendered.shape) <= MAX_SIDE


def test_the_pages_of_a_tiff_are_those_that_pillow_wrote(tmp_path: Path) -> None:
    documents.tiff(tmp_path / "scan.tif", [4, 2, 9])
    opened = document((tmp_path / "scan.tif").read_bytes())
    assert opened.pages == 3
    assert [np.array_equal(opened.pixels(n), scan(d)) for n, d in ((3, 9), (1, 4), (2, 2))] == [True] * 3


@pytest.mark.parametrize("data", [b"", b"no document", b"\x89PNG\r\n", documents.endless_tiff(1)])
def test_other_files_are_no_documents(data: bytes) -> None:
    assert open_document(io.BytesIO(data)) is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (documents.with_password(), "protected by a password: save it without one"),
        (b"%PDF-1.7\nnothing", "The PDF is damaged"),
        (documents.pages((72, 72), [documents.stream(b"")], count=30_000), "claims more than 20,000 pages"),
        (b"II*\0" + b"\xff" * 40, "The TIFF is damaged"),
    ],
    ids=["password", "damaged", "claims", "tiff"],
)
def test_a_document_that_cannot_be_read_is_one_clear_error(data: bytes, message: str) -> None:
    with pytest.raises(tenfold.PictureError, match=message):
        open_document(io.BytesIO(data))


def test_a_tiff_of_too_many_pages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.io.documents.MAX_PAGES", 100)
    assert document(documents.endless_tiff(100)).pages == 100
    with pytest.raises(tenfold.PictureError, match="claims more than 100 pages, the limit: split it"):
        open_document(io.BytesIO(documents.endless_tiff(2000)))


def test_a_tiff_whose_directories_run_in_a_circle_ends() -> None:
    data = bytearray(documents.endless_tiff(2))
    data[-4:] = (10).to_bytes(4, "little")
    opened = open_document(io.BytesIO(bytes(data)))
    assert opened is None or opened.pages <= 3


def test_a_broken_page_is_an_error_and_the_next_is_read() -> None:
    good = documents.image(scan(7))
    opened = document(documents.pages((153, 184), [good, b"", good]))
    assert opened.pages == 3
    with pytest.raises(tenfold.PictureError, match="The page is damaged"):
        opened.pixels(2)
    assert opened.pixels(3).min() < 100


def test_a_picture_over_the_limit_in_a_page_is_refused_before_it_is_decoded() -> None:
    entries = b"/Type /XObject /Subtype /Image /Width 20000 /Height 20000 /BitsPerComponent 8 /ColorSpace /DeviceGray"
    huge = documents.stream(b"", entries)
    assert MAX_PIXELS < 20_000**2
    with pytest.raises(tenfold.PictureError, match="20000 x 20000 pixels, the limit"):
        document(documents.pages((72, 72), [huge])).pixels(1)


def test_ten_thousand_pages_open_at_once() -> None:
    opened = document(documents.pages((20, 20), [documents.image(scan(7)[:2, :2])] * 10_000))
    assert opened.pages == 10_000
    assert opened.pixels(10_000).shape == (2, 2)


def test_without_pypdfium2_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(tenfold.PictureError, match="pip install pypdfium2"):
        open_document(io.BytesIO(documents.scanned([1])))


@given(st.integers(0, 10_000), st.binary(max_size=20), st.booleans())
def test_damaged_documents_end_in_pixels_or_one_error(place: int, piece: bytes, as_tiff: bool) -> None:
    buffer = io.BytesIO()
    if as_tiff:
        page = Image.fromarray(scan(7)[:40, :40])
        page.save(buffer, "TIFF", save_all=True, append_images=[page])
        data = buffer.getvalue()
    else:
        data = documents.pages((30, 30), [documents.image(scan(7)[:40, :40])] * 2)
    place %= len(data)
    data = data[:place] + piece + data[place + len(piece) :]
    try:
        opened = open_document(io.BytesIO(data))
        if opened is not None:
            assert opened.pixels(1).dtype == np.uint8
            opened.close()
    except tenfold.PictureError as error:
        assert "\n" not in str(error)
