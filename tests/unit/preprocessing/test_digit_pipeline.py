from __future__ import annotations

import cv2
import numpy as np
import pytest

import tenfold
from helpers.pictures import seven
from helpers.project import Mnist
from tenfold.preprocessing.digit_pipeline import preprocess_file
from tenfold.synthesis import degradation
from tenfold.synthesis.degradation import simulate_photo


def test_an_image_of_mnist_comes_through_nearly_unchanged(mnist: Mnist) -> None:
    _, (images, _) = mnist
    changes = [np.abs(preprocess_file(image).image.astype(int) - image).mean() for image in images[:200]]
    assert np.median(changes) < 3
    assert np.percentile(changes, 95) < 5  # a few lose a stroke that stands apart


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


@pytest.mark.parametrize("level", [0, 128, 255])
def test_blank_paper_has_no_digit_and_a_word_of_advice(level: int) -> None:
    reading = tenfold.read(np.full((200, 150), level, np.uint8))
    assert reading.digit is None
    assert reading.confidence == 0
    assert reading.problem is not None
    assert "blank" in reading.problem
