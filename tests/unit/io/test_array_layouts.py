from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import tenfold
from helpers.project import Mnist
from tenfold.io.image_files import grey_pixels

TYPES = [np.bool_, np.uint8, np.int32, np.int64, np.float32, np.float64]


@pytest.mark.parametrize("dtype", TYPES)
def test_masks_of_zeros_and_ones_are_images(mnist: Mnist, dtype: type) -> None:
    for image in mnist[1][0][:20]:
        mask = image > 100
        assert np.array_equal(grey_pixels(mask.astype(dtype)), mask * np.uint8(255))


@given(high=st.floats(0.5, 2), low=st.floats(0, 0.1))
def test_fractions_that_exceed_0_and_1_a_little_are_clipped(high: float, low: float) -> None:
    plane = np.linspace(-low * high, high, 30 * 30).reshape(30, 30)
    assert np.array_equal(grey_pixels(plane), np.rint(plane.clip(0, 1) * 255))


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
@pytest.mark.parametrize("side", [8, 16, 28, 32])
def test_flattened_images_are_errors_that_say_how_to_reshape_them(dtype: type, side: int) -> None:
    image: NDArray[Any] = np.random.default_rng(side).integers(0, 255, (side, side)).astype(dtype)
    for flat in (image.ravel(), image.reshape(1, -1), image.reshape(-1, 1)):
        with pytest.raises(tenfold.PictureError, match=rf"flattened image: give array.reshape\({side}, {side}\)"):
            grey_pixels(flat)
        assert np.array_equal(grey_pixels(flat.reshape(side, side)), image)


@pytest.mark.parametrize("count", [2, 5, 300])
@pytest.mark.parametrize(
    "arranged",
    [
        lambda images: images,
        lambda images: images[:, None],
        lambda images: images[..., None],
        lambda images: images.reshape(len(images), -1),
    ],
)
def test_batches_are_errors_that_name_their_size(
    mnist: Mnist, count: int, arranged: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
) -> None:
    batch = arranged(mnist[1][0][:count])
    with pytest.raises(tenfold.PictureError, match=rf"looks like (a batch of )?{count}.*read_many"):
        tenfold.read(batch)


def test_pictures_as_wide_as_a_flattened_image_are_pictures() -> None:
    rows, columns = np.mgrid[:400, :784]
    page = (200 + 20 * np.sin(rows / 40) + 20 * np.sin(columns / 90)).astype(np.uint8)
    page[100:300, 300:330] = 20
    assert grey_pixels(page).shape == page.shape
    for width in (64, 256, 400, 784, 900, 1024):
        ruled = np.full((300, width), 240, np.uint8)
        ruled[::20] = ruled[1::20] = 150
        assert grey_pixels(ruled).shape == ruled.shape
        striped = np.repeat(np.arange(300) % 2 * np.uint8(200), width).reshape(300, width)
        assert grey_pixels(striped).shape == striped.shape
        squared = ruled.copy()
        squared[:, :: round(width**0.5)] = 150
        assert grey_pixels(squared).shape == squared.shape
    noise = np.random.default_rng(0).integers(0, 255, (400, 784)).astype(np.uint8)
    assert grey_pixels(noise).shape == noise.shape


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_channels_may_come_first_or_last(channels: int) -> None:
    colours = np.random.default_rng(channels).integers(0, 255, (20, 30, channels)).astype(np.uint8)
    assert np.array_equal(grey_pixels(np.moveaxis(colours, 2, 0)), grey_pixels(colours))


def test_tensors_with_a_gradient_are_images(mnist: Mnist) -> None:
    torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")
    image = mnist[1][0][0]
    tensor = torch.from_numpy(image.copy())[None].float().div(255).requires_grad_()
    assert np.array_equal(grey_pixels(tensor), image)


class Tensor:
    """What tensors of TensorFlow and JAX have in common: a NumPy array on request."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        return self.values.astype(dtype or self.values.dtype)


def test_anything_that_gives_a_numpy_array_is_an_image(mnist: Mnist) -> None:
    image = mnist[1][0][0]
    assert np.array_equal(grey_pixels(Tensor(image[..., None])), image)  # type: ignore[arg-type]


def test_a_row_of_a_table_is_an_image_with_or_without_its_label(mnist: Mnist) -> None:
    pandas = pytest.importorskip("pandas")
    images, labels = mnist[1]
    table = pandas.DataFrame(images[:3].reshape(3, -1), columns=[f"pixel{i}" for i in range(784)])
    assert np.array_equal(grey_pixels(table.iloc[1]), images[1])
    table.insert(0, "label", labels[:3])
    assert np.array_equal(grey_pixels(table.iloc[2]), images[2])
    with pytest.raises(tenfold.PictureError, match="the row has 783 values"):
        grey_pixels(table.iloc[0].drop("pixel5"))
