from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image

import tenfold
from helpers.pictures import SEVEN, close, encoded, seven
from helpers.project import SAMPLES
from tenfold.io.grayscale import LONGEST_SIDE
from tenfold.io.image_files import grey_pixels
from tenfold.preprocessing.digit_pipeline import preprocess_file


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


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.int64, np.float32, np.float64, np.float16])
def test_arrays_of_other_numbers_are_scaled_to_grey(dtype: type) -> None:
    grey = np.asarray(seven().convert("L"))
    array = grey.astype(np.uint16) * 257 if dtype == np.uint16 else grey.astype(dtype)
    assert np.array_equal(grey_pixels(array), grey_pixels(grey))
    if np.issubdtype(dtype, np.floating):
        assert close(grey_pixels(grey.astype(dtype) / dtype(255)), grey_pixels(grey), most=1)
        assert np.ptp(grey_pixels((grey.astype(dtype) - 100) / dtype(50))) == 255


def test_large_pictures_are_reduced_on_the_way_in() -> None:
    grey = grey_pixels(encoded(seven().resize((2100, 2520)), "PNG"))
    assert LONGEST_SIDE <= max(grey.shape) < 2 * LONGEST_SIDE
    changes = []
    for path in SAMPLES.glob("*.jpg"):
        with Image.open(path) as image:
            large, small = preprocess_file(image.resize((2100, 2520))).image, preprocess_file(image).image
        changes.append(np.abs(large.astype(int) - small).mean())
    assert np.mean(changes) < 10


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


def test_a_large_array_of_floats_takes_little_memory() -> None:
    array = np.broadcast_to(np.int8(2), (4_000, 4_000, 4))
    tracemalloc.start()
    assert max(grey_pixels(array).shape) < 2 * LONGEST_SIDE
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * array.size  # bytes of the array as float64


@pytest.mark.parametrize("most", [255, 1023, 4095, 65535])
def test_uint16_of_any_depth_is_read(most: int) -> None:
    with Image.open(SEVEN) as image:
        grey = np.asarray(image.convert("L"))
    deep = (grey.astype(np.float64) * most / 255).astype(np.uint16)
    deep[0, 0] = most
    for order in ("<u2", ">u2"):
        assert np.abs(grey_pixels(deep.astype(order)).astype(int) - grey)[1:].max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_large_scan_of_16_bits_is_read(kind: str) -> None:
    with Image.open(SEVEN) as image:
        large = np.asarray(image.convert("L").resize((2100, 2310))).astype(np.uint16) * 257
    buffer = io.BytesIO()
    Image.fromarray(large).save(buffer, kind)
    assert tenfold.read(buffer.getvalue()).digit == tenfold.read(large).digit == 7
