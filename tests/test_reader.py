from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

import tenfold
from conftest import SAMPLES


def test_a_reading_holds_what_the_interface_promises() -> None:
    reading = tenfold.read(SAMPLES / "7.jpg")
    assert reading.digit == 7
    assert reading.probabilities.shape == (10,)
    assert reading.probabilities.dtype == np.float32
    assert reading.probabilities.sum() == pytest.approx(1)
    assert reading.confidence == pytest.approx(reading.probabilities[7])
    assert reading.image.shape == (28, 28)
    assert reading.image.dtype == np.uint8
    assert reading.problem is None
    with pytest.raises(FrozenInstanceError):
        reading.digit = 1  # type: ignore[misc]


def test_a_batch_with_a_bad_picture_reads_the_rest() -> None:
    readings = tenfold.Reader().read_many([SAMPLES / "7.jpg", b"no picture", SAMPLES / "3.jpg"])
    assert readings[0].digit == 7
    assert readings[1].digit is None
    assert "no picture" in str(readings[1].problem)
    assert readings[2].image.any()


def test_the_digit_is_the_networks_largest_score() -> None:
    reader = tenfold.Reader("article")
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
