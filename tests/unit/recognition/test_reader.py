from __future__ import annotations

import json
import threading
from dataclasses import FrozenInstanceError, asdict

import cv2
import numpy as np
import pytest

import tenfold
from helpers.project import SAMPLES
from tenfold.networks.registry import packaged_folder
from tenfold.networks.serialization import card
from tenfold.training.recipes import LINES, RECIPES, LineRecipe, Recipe


def test_a_reading_holds_what_the_interface_promises() -> None:
    reading = tenfold.read(SAMPLES / "7.jpg")
    assert reading.digit == 7
    assert reading.probabilities.shape == (10,)
    assert reading.probabilities.dtype == np.float32
    assert 0.99 < reading.probabilities.sum() <= 1 + 1e-6  # the rest: that it is no digit
    assert reading.confidence == pytest.approx(reading.probabilities[7])
    assert reading.image.shape == (28, 28)
    assert reading.image.dtype == np.uint8
    assert reading.problem is None
    with pytest.raises(FrozenInstanceError):
        reading.digit = 1  # type: ignore[misc]


def test_every_sample_is_read_right() -> None:
    for digit in range(10):
        assert tenfold.read(SAMPLES / f"{digit}.jpg").digit == digit


@pytest.mark.parametrize(("wide", "high"), [(10, 40), (10, 50), (10, 70), (22, 80)])
def test_the_inside_of_a_light_0_at_the_rim_is_no_1(wide: int, high: int) -> None:
    board = np.full((200, 200), 45, np.uint8)
    cv2.ellipse(board, (100, 210 - high), (wide, high), 0, 0, 360, 225, 10)
    assert tenfold.read(board).digit in {0, None}


@pytest.mark.parametrize("side", [8, 12, 15])
def test_the_grain_of_tiny_blank_paper_is_no_digit(side: int) -> None:
    rng = np.random.default_rng(0)
    blank = [np.rint(rng.normal(220, 3, (side, side))).astype(np.uint8) for _ in range(50)]
    assert [reading.digit for reading in tenfold.Reader().read_many(blank)] == [None] * 50


@pytest.mark.parametrize(("name", "recipe"), [("digits", RECIPES["best"]), ("lines", LINES)])
def test_a_packaged_network_was_trained_by_the_recipe_in_the_table(name: str, recipe: Recipe | LineRecipe) -> None:
    assert card(packaged_folder(name))["recipe"] == json.loads(json.dumps(asdict(recipe)))


def test_a_batch_with_a_bad_picture_reads_the_rest() -> None:
    readings = list(tenfold.Reader().read_many([SAMPLES / "7.jpg", b"no picture", SAMPLES / "3.jpg"]))
    assert readings[0].digit == 7
    assert readings[1].digit is None
    assert "unknown format" in str(readings[1].problem)
    assert readings[2].image.any()


@pytest.mark.parametrize("name", ["article", "digits"])
def test_the_digit_is_the_networks_largest_score(name: str) -> None:
    reader = tenfold.Reader(name)
    for path in SAMPLES.glob("*.jpg"):
        reading = reader.read(path)
        assert reading.digit == reader.network.predict(reading.image[None])[0]


def test_a_network_is_taken_by_name_folder_or_itself(tmp_path: object) -> None:
    net = tenfold.OneLayerNet(weights=np.eye(10, 784))
    net.save(f"{tmp_path}/net")
    for network in (net, f"{tmp_path}/net"):
        reader = tenfold.Reader(network)
        assert isinstance(reader.network, tenfold.OneLayerNet)
        assert np.array_equal(reader.network.weights, np.eye(10, 784))


def test_readers_in_many_threads_agree() -> None:
    reader = tenfold.Reader()
    expected = reader.read(SAMPLES / "7.jpg").probabilities
    results: list[bool] = []

    def work() -> None:
        results.extend(bool(np.array_equal(reader.read(SAMPLES / "7.jpg").probabilities, expected)) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 40
