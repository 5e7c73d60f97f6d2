from __future__ import annotations

import io
import os
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image

import tenfold
from helpers.project import ROOT, SAMPLES, Mnist
from tenfold.io.grayscale import LONGEST_SIDE
from tenfold.io.image_files import MAX_BYTES, grey_pixels
from tenfold.preprocessing.digit_pipeline import preprocess_file
from tenfold.synthesis import degradation
from tenfold.synthesis.degradation import simulate_photo

SEVEN = SAMPLES / "7.jpg"


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def seven() -> Image.Image:
    with Image.open(SEVEN) as image:
        image.load()
        return image


def close(a: NDArray[np.uint8], b: NDArray[np.uint8], most: float = 8) -> bool:
    """Whether two images differ by less than `most` grey levels on average."""
    return float(np.abs(a.astype(int) - b.astype(int)).mean()) < most


def test_an_image_of_mnist_comes_through_nearly_unchanged(mnist: Mnist) -> None:
    _, (images, _) = mnist
    changes = [np.abs(preprocess_file(image).image.astype(int) - image).mean() for image in images[:200]]
    assert np.median(changes) < 3
    assert np.percentile(changes, 95) < 5  # a few lose a stroke that stands apart


def test_the_ink_fits_a_box_of_20_with_its_centre_of_mass_in_the_middle() -> None:
    for path in SAMPLES.glob("*.jpg"):
        image = preprocess_file(path).image
        rows, columns = np.nonzero(image)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in {19, 20}
        weights = image / image.sum()
        assert abs(weights.sum(axis=1) @ np.arange(28) - 14) <= 0.51
        assert abs(weights.sum(axis=0) @ np.arange(28) - 14) <= 0.51


def test_a_photo_of_a_digit_on_plain_paper_gives_nearly_the_image_it_was_made_from(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(degradation, "_print", lambda _, height, width: np.zeros((height, width), np.float32))
    (images, _), _ = mnist
    rng = np.random.default_rng(0)
    changes = [np.abs(preprocess_file(simulate_photo(i, rng)).image.astype(int) - i).mean() for i in images[:60]]
    assert np.median(changes) < 16
    assert np.mean(np.array(changes) > 40) < 0.05  # a wrong side taken for ink changes about 80


def test_light_ink_on_dark_gives_the_same_image_as_dark_ink_on_light() -> None:
    grey = np.asarray(seven().convert("L"))
    assert np.array_equal(preprocess_file(grey).image, preprocess_file(255 - grey).image)


def test_a_digit_in_a_large_picture_is_the_ink_and_not_the_paper_in_its_loops(mnist: Mnist) -> None:
    _, (images, _) = mnist
    for image in images[:100]:
        large = cv2.resize(255 - image, (280, 280), interpolation=cv2.INTER_CUBIC)
        seen = preprocess_file(large.astype(np.uint8)).image.astype(float)
        assert np.corrcoef(seen.ravel(), image.ravel().astype(float))[0, 1] > 0.5


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF", "JPEG2000", "JPEG"])
def test_every_usual_format_gives_the_same_digit(kind: str) -> None:
    from PIL import features

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


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "PA", "CMYK", "YCbCr", "LAB", "I", "F", "I;16", "HSV"])
def test_every_mode_of_a_pil_image_gives_the_same_digit(mode: str) -> None:
    if mode == "PA":
        image = seven().convert("P").convert("PA")
    elif mode == "I;16":
        image = Image.fromarray(np.asarray(seven().convert("L")).astype(np.uint16) * 257)
    elif mode == "LAB":
        from PIL import ImageCms

        to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
        lab = ImageCms.applyTransform(seven(), to_lab)
        assert lab is not None
        image = lab
    elif mode == "1":
        image = seven().convert("L").point(lambda level: 255 if level > 110 else 0).convert("1")
    else:
        image = seven().convert(mode)
    assert image.mode.startswith(mode[:1])
    assert close(preprocess_file(image).image, preprocess_file(seven()).image, most=14)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_upright_as_its_exif_says(orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = seven().transpose(undo[orientation]) if orientation in undo else seven()
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert close(preprocess_file(encoded(image, "JPEG", exif=exif, quality=95)).image, preprocess_file(seven()).image)


@pytest.mark.parametrize(("ink", "mode"), [(0, "RGBA"), (255, "RGBA"), (0, "LA"), (255, "LA")])
def test_ink_on_a_transparent_ground_is_seen_whether_dark_or_light(ink: int, mode: str) -> None:
    alpha = Image.fromarray(255 - np.asarray(seven().convert("L"))).point(lambda v: 255 if v > 150 else 0)
    image = Image.new("RGB" if mode == "RGBA" else "L", alpha.size, (ink,) * 3 if mode == "RGBA" else ink)
    image.putalpha(alpha)
    assert close(preprocess_file(encoded(image, "PNG")).image, preprocess_file(seven()).image, most=16)


def test_paths_bytes_files_images_and_arrays_of_a_picture_agree(tmp_path: Path) -> None:
    file = tmp_path / "seven.png"
    seven().save(file)
    expected = preprocess_file(file).image
    with open(file, "rb") as opened:
        assert np.array_equal(preprocess_file(opened).image, expected)
    for picture in (str(file), file.read_bytes(), bytearray(file.read_bytes()), seven(), np.asarray(seven())):
        assert np.array_equal(preprocess_file(picture).image, expected)


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.int64, np.float32, np.float64, np.float16])
def test_arrays_of_other_numbers_are_scaled_to_grey(dtype: type) -> None:
    grey = np.asarray(seven().convert("L"))
    array = grey.astype(np.uint16) * 257 if dtype == np.uint16 else grey.astype(dtype)
    assert np.array_equal(grey_pixels(array), grey_pixels(grey))
    if np.issubdtype(dtype, np.floating):
        assert close(grey_pixels(grey.astype(dtype) / dtype(255)), grey_pixels(grey), most=1)
        assert np.ptp(grey_pixels((grey.astype(dtype) - 100) / dtype(50))) == 255


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
        (b"%PDF-1.7 ...", "is a PDF: save its pages"),
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


def test_a_bomb_is_refused_by_its_header_before_memory_is_taken() -> None:
    image = Image.new("1", (30_000, 30_000))
    data = encoded(image, "PNG")
    assert len(data) < 1_000_000
    started = time.process_time()
    with pytest.raises(tenfold.PictureError, match="more pixels than the limit, 128 million: save it smaller"):
        tenfold.read(data)
    assert time.process_time() - started < 1  # decoding takes several seconds


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


@given(
    arrays.arrays(
        st.sampled_from([np.uint8, np.bool_, np.int16, np.float64]),
        st.tuples(st.integers(1, 40), st.integers(1, 40)),
        elements=None,
    )
)
def test_any_array_ends_in_a_reading_or_one_error(array: NDArray[np.generic]) -> None:
    try:
        reading = tenfold.read(array)
    except tenfold.PictureError as error:
        assert "NaN or infinite" in str(error)
    else:
        assert (reading.digit is None) == (reading.problem is not None)
        assert reading.image.any() or reading.digit is None


@pytest.mark.parametrize("level", [0, 128, 255])
def test_blank_paper_has_no_digit_and_a_word_of_advice(level: int) -> None:
    reading = tenfold.read(np.full((200, 150), level, np.uint8))
    assert reading.digit is None
    assert reading.confidence == 0
    assert reading.problem is not None
    assert "blank" in reading.problem


def test_large_pictures_are_reduced_on_the_way_in() -> None:
    grey = grey_pixels(encoded(seven().resize((3000, 3600)), "JPEG"))
    assert max(grey.shape) < 2 * LONGEST_SIDE
    changes = []
    for path in SAMPLES.glob("*.jpg"):
        with Image.open(path) as image:
            large, small = preprocess_file(image.resize((3000, 3600))).image, preprocess_file(image).image
        changes.append(np.abs(large.astype(int) - small).mean())
    assert np.mean(changes) < 10


@pytest.mark.parametrize(("side", "longest"), [(1000, 1000), (1100, 1100), (1800, 900), (3000, 1500), (4000, 1000)])
def test_a_jpeg_reduces_itself_to_no_less_than_900_pixels(side: int, longest: int) -> None:
    assert max(grey_pixels(encoded(seven().resize((side * 3 // 4, side)), "JPEG")).shape) == longest


def test_a_private_pillow_limit_is_left_as_it_was() -> None:
    before = Image.MAX_IMAGE_PIXELS
    tenfold.read(SEVEN)
    assert before == Image.MAX_IMAGE_PIXELS
