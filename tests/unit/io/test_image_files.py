from __future__ import annotations

import io
import os
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile, features

import tenfold
from helpers.pictures import SEVEN, close, encoded, seven
from helpers.project import ROOT
from tenfold.io.image_files import MAX_BYTES, grey_pixels
from tenfold.preprocessing.digit_pipeline import preprocess_file


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF", "JPEG2000", "JPEG"])
def test_every_usual_format_gives_the_same_digit(kind: str) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow was built without AVIF")
    assert close(preprocess_file(encoded(seven(), kind)).image, preprocess_file(seven()).image)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "PNG", "WEBP", "AVIF"])
def test_several_pages_or_frames_are_refused_and_a_page_of_them_is_read(kind: str) -> None:
    buffer = io.BytesIO()
    seven().save(buffer, kind, save_all=True, append_images=[seven().rotate(9), seven().rotate(20)])
    with pytest.raises(tenfold.PictureError, match="several pages or frames"):
        tenfold.read(buffer.getvalue())
    with Image.open(buffer) as pages:
        pages.seek(1)
        assert tenfold.read(pages).digit == 7


def test_a_phones_jpeg_with_a_preview_is_read() -> None:
    buffer = io.BytesIO()
    seven().save(buffer, "MPO", save_all=True, append_images=[seven().resize((40, 48))])
    assert tenfold.read(buffer.getvalue()).digit == 7


def test_heic_is_read() -> None:
    data = (ROOT / "tests" / "data" / "7.heic").read_bytes()
    assert close(preprocess_file(data).image, preprocess_file(seven()).image)
    with pytest.raises(tenfold.PictureError, match="damaged or incomplete"):
        preprocess_file(data[: len(data) // 2])


def test_paths_bytes_files_images_and_arrays_of_a_picture_agree(tmp_path: Path) -> None:
    file = tmp_path / "seven.png"
    seven().save(file)
    expected = preprocess_file(file).image
    with open(file, "rb") as opened:
        assert np.array_equal(preprocess_file(opened).image, expected)
    for picture in (str(file), file.read_bytes(), bytearray(file.read_bytes()), seven(), np.asarray(seven())):
        assert np.array_equal(preprocess_file(picture).image, expected)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (b"", "is empty"),
        (b"plain text, no picture", "unknown format"),
        (b"\x89PNG\r\n\x1a\n", "unknown format|damaged"),
        (np.zeros((0, 5), np.uint8), "5 x 0 pixels: both sides must be at least 1"),
        (np.zeros(5, np.uint8), r"an array of shape \(5,\)"),
        (np.zeros((5, 5, 2), np.uint8), r"an array of shape \(5, 5, 2\)"),
        (np.full((5, 5), np.nan), "NaN or infinite"),
        (np.full((5, 5), np.inf), "NaN or infinite"),
        (np.zeros((5, 5), complex), "an array of complex128"),
        (np.array([["a"]]), "an array of <U1"),
        (np.broadcast_to(np.uint8(0), (20_000, 20_000)), "20000 x 20000 pixels, the limit is 128 million"),
        (42, "a int is not a picture"),
        (io.StringIO("text"), "open it in binary mode"),
        ("nowhere.png", "'nowhere.png' cannot be opened .No such file"),
        ("with\0nul", "cannot be opened"),
        (".", "'.' is a folder: give the pictures in it, as with ./"),
        (b"%PDF-1.7 ...", "is a PDF: read its pages with tenfold batch"),
    ],
)
def test_what_is_no_picture_is_named_with_the_rule_and_the_remedy(picture: object, message: str) -> None:
    with pytest.raises(tenfold.PictureError, match=message):
        tenfold.read(picture)  # type: ignore[arg-type]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret.png").touch(mode=0)
    with pytest.raises(tenfold.PictureError, match="Permission denied"):
        tenfold.read(tmp_path / "secret.png")


def test_a_file_over_the_limit_is_not_read_whole(tmp_path: Path) -> None:
    with open(tmp_path / "large.png", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(tenfold.PictureError, match="over 64 MiB"):
        tenfold.read(tmp_path / "large.png")


def test_a_bomb_is_rejected_by_its_header_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(encoded(Image.new("1", (8, 8)), "PNG"))
    data[16:24] = struct.pack(">2I", 30_000, 30_000)  # width and height, of which the checksum follows
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    decoded: list[object] = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded.append)
    with pytest.raises(tenfold.PictureError, match="more pixels than the limit, 128 million: save it smaller"):
        tenfold.read(data)
    assert decoded == []


@given(cut=st.integers(1, 9000))
def test_a_truncated_picture_is_an_answer_or_one_error(cut: int) -> None:
    data = SEVEN.read_bytes()
    try:
        tenfold.read(data[: len(data) - cut])
    except tenfold.PictureError as error:
        assert "damaged or incomplete" in str(error) or "unknown format" in str(error)


@given(data=st.binary(max_size=300), head=st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0"]))
def test_any_bytes_end_in_a_reading_or_one_error(data: bytes, head: bytes) -> None:
    try:
        tenfold.read(head + data)
    except tenfold.PictureError:
        pass


@pytest.mark.parametrize(("side", "longest"), [(1000, 1000), (1100, 1100), (1800, 900), (3000, 1500), (4000, 1000)])
def test_a_jpeg_reduces_itself_to_no_less_than_900_pixels(side: int, longest: int) -> None:
    assert max(grey_pixels(encoded(seven().resize((side * 3 // 4, side)), "JPEG")).shape) == longest


def test_a_pil_image_is_left_as_it_was() -> None:
    with Image.open(SEVEN) as image:
        before = image.size, image.mode
        tenfold.read(image)
        assert (image.size, image.mode) == before


def test_a_picture_of_108_megapixels_is_read_without_a_warning() -> None:
    buffer = io.BytesIO()
    Image.new("1", (12_000, 9_000), 1).save(buffer, "PNG")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tenfold.read(buffer.getvalue()).problem is not None


def test_pillows_own_limit_is_never_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    opened = Image.open

    def watch(*arguments: object, **options: object) -> Image.Image:
        seen.append(Image.MAX_IMAGE_PIXELS)
        return opened(*arguments, **options)  # type: ignore[arg-type]

    before = Image.MAX_IMAGE_PIXELS
    monkeypatch.setattr(Image, "open", watch)
    tenfold.read(SEVEN)
    assert [*seen, Image.MAX_IMAGE_PIXELS] == [before, before]
