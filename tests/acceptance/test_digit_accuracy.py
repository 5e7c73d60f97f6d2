"""Accuracy and rejection of the packaged digit network on pictures that it was not trained on."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import tenfold
from helpers.project import Mnist
from tenfold.networks.registry import packaged_folder
from tenfold.networks.serialization import card
from tenfold.recognition.rejection import REJECT_BELOW
from tenfold.synthesis.degradation import render_on_paper, simulate_photo
from tenfold.writing.negatives import negative

pytestmark = pytest.mark.slow


def test_nineteen_of_twenty_simulated_photos_are_read_right_by_the_packaged_network(mnist: Mnist) -> None:
    _, (images, labels) = mnist
    rng = np.random.default_rng(0)
    photos = [simulate_photo(image, rng) for image in images[:200]]
    right = [r.digit == label for r, label in zip(tenfold.Reader().read_many(photos), labels, strict=False)]
    assert np.mean(right) > 0.95


@pytest.mark.parametrize("levels", [16, 255])
def test_nineteen_of_twenty_digits_of_8_by_8_pixels_are_read_right(levels: int) -> None:
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    images, labels = datasets.load_digits(return_X_y=True)  # 0 paper .. 16 ink; from E. Alpaydin and C. Kaynak, 1998
    tiny = images[:400].reshape(-1, 8, 8) * (levels / 16)
    right = [r.digit == label for r, label in zip(tenfold.Reader().read_many(tiny), labels, strict=False)]
    assert np.mean(right) > 0.95


@pytest.mark.parametrize("tilt", [0, 7])
@pytest.mark.parametrize("table", [False, True])
def test_nine_of_ten_digits_in_a_box_or_a_cell_of_a_table_are_read_right(mnist: Mnist, tilt: int, table: bool) -> None:
    _, (images, labels) = mnist
    rng = np.random.default_rng(0)
    photos = [render_on_paper(_boxed(image, table, tilt), rng) for image in images[:60]]
    right = [r.digit == label for r, label in zip(tenfold.Reader().read_many(photos), labels, strict=False)]
    assert np.mean(right) > 0.9


@pytest.mark.parametrize("reaching_in", ["hand", "table", "shadow", "dark shadow"])
def test_nineteen_of_twenty_digits_are_read_right_beside_what_reaches_in(mnist: Mnist, reaching_in: str) -> None:
    _, (images, labels) = mnist
    photos = [_with(reaching_in, image, i) for i, image in enumerate(images[:60])]
    right = [r.digit == label for r, label in zip(tenfold.Reader().read_many(photos), labels, strict=False)]
    assert np.mean(right) >= 0.95


def test_two_digits_in_two_boxes_are_not_read_as_one(mnist: Mnist) -> None:
    _, (images, _) = mnist
    pairs = [np.hstack([_boxed(images[i + k], False, 0)[60:240, 60:240] for k in (0, 1)]) for i in range(0, 40, 2)]
    photos = [np.pad(np.rint(255 * (1 - pair)).astype(np.uint8), 60, constant_values=255) for pair in pairs]
    refused = [reading.digit is None for reading in tenfold.Reader().read_many(photos)]
    assert np.mean(refused) >= 0.9


@pytest.mark.parametrize("light", [False, True])
def test_a_dash_beside_a_digit_that_is_cut_by_the_frame_is_hardly_ever_read_instead(mnist: Mnist, light: bool) -> None:
    _, (images, labels) = mnist
    photos = []
    for image in images[:40]:
        photo = np.full((200, 200), 235, np.uint8)
        photo[60:] -= np.where(cv2.resize(image, (200, 200))[20:160] > 128, 200, 0).astype(np.uint8)
        photo[30:54, 20:24] = 35
        photos.append(255 - photo if light else photo)
    reader, dashed = tenfold.Reader(), [photo.copy() for photo in photos]
    for photo in photos:
        photo[30:54, 20:24] = photo[0, 0]
    alone = [r.digit == label for r, label in zip(reader.read_many(photos), labels, strict=False)]
    wrong = [r.digit not in {label, None} for r, label in zip(reader.read_many(dashed), labels, strict=False)]
    assert np.mean(alone) > 0.7
    assert np.mean(np.array(wrong)[alone]) < 0.15


def _with(reaching_in: str, image: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """A digit in the middle of a photo of 300 x 300, and a hand or a table at its edge, or half of it in a shadow."""
    rng = np.random.default_rng(seed)
    side = 60 if reaching_in == "table" else 140
    digit = np.clip((cv2.resize(image / np.float32(255), (side, side), interpolation=cv2.INTER_CUBIC) - 0.4) * 5, 0, 1)
    photo = np.full((300, 300), 230, np.float32)
    first = 150 - side // 2
    photo[first : first + side, first : first + side] -= 180 * digit
    if reaching_in == "hand":
        cv2.ellipse(photo, (300, int(rng.integers(150, 300))), (70, 110), 30, 0, 360, 70, -1)
    elif reaching_in == "table":
        edge = rng.integers(10, 40, 4)
        inside = np.zeros((300, 300), bool)
        inside[edge[0] : -edge[1], edge[2] : -edge[3]] = True
        photo[~inside] = 60
    else:
        rows, columns = np.mgrid[-150:150, -150:150]
        angle = rng.uniform(0, 2 * np.pi)
        light = 0.5 if reaching_in == "shadow" else 0.3
        photo[rows * np.sin(angle) + columns * np.cos(angle) > rng.uniform(-60, 60)] *= light
    return np.clip(photo + rng.normal(0, 2, photo.shape), 0, 255).astype(np.uint8)


def _boxed(image: NDArray[np.uint8], table: bool, tilt: int) -> NDArray[np.float32]:
    """A digit 100 pixels high in a box of 160, on a sheet of 300 x 300, 0 paper .. 1 ink."""
    sheet = np.zeros((300, 300), np.float32)
    digit = cv2.resize(image / np.float32(255), (140, 140), interpolation=cv2.INTER_CUBIC)
    sheet[80:220, 80:220] = np.clip((digit - 0.45) / 0.15 + 0.5, 0, 1)
    first, last = (0, 299) if table else (70, 230)
    for at in (70, 230):
        cv2.line(sheet, (at, first), (at, last), 1.0, 2)
        cv2.line(sheet, (first, at), (last, at), 1.0, 2)
    turned = cv2.warpAffine(sheet, cv2.getRotationMatrix2D((150, 150), tilt, 1), (300, 300))
    return np.asarray(turned, np.float32) * np.float32(0.9)


def test_the_packaged_convolutional_network_is_what_its_card_says(mnist: Mnist) -> None:
    _, (images, labels) = mnist
    said = card(packaged_folder("digits"))
    net = tenfold.load_network("digits")
    assert net.score(images, labels) == said["test_accuracy"] >= 0.996
    assert net.parameters == said["parameters"]


def test_nine_of_ten_non_digits_are_rejected(mnist: Mnist) -> None:
    """Non-digits from test digits, with a seed that training does not use."""
    _, (images, labels) = mnist
    rng = np.random.default_rng(2024)
    pictures = [np.rint(negative(images, labels, rng) * 255).astype(np.uint8) for _ in range(100)]
    readings = [tenfold.read(np.pad(picture, 8)) for picture in pictures]
    rejected = [reading for reading in readings if reading.digit is None]
    assert len(rejected) >= 90
    assert all(reading.problem for reading in rejected)


def test_hardly_any_test_digit_is_rejected(mnist: Mnist) -> None:
    _, (images, _) = mnist
    rejected = tenfold.load_network("digits").probabilities(images).sum(axis=1) < REJECT_BELOW
    assert rejected.mean() < 0.003
