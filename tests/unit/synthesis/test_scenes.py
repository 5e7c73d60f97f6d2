from __future__ import annotations

import numpy as np
import pytest

from helpers.project import Mnist
from tenfold.datasets.pen_strokes import PenSample
from tenfold.synthesis.characters import Characters
from tenfold.synthesis.scenes import CONTENTS, sample_scene


def strokes(*points: list[list[int]]) -> tuple[np.ndarray, ...]:
    return tuple(np.array(stroke, np.float32) for stroke in points)


SAMPLES = [
    PenSample("7", "a", strokes([[0, 0], [600, 0], [200, 1000]]), None),
    PenSample("1", "b", strokes([[0, 0], [0, 1000]]), None),
    PenSample("A", "b", strokes([[0, 1000], [400, 0], [800, 1000]], [[200, 600], [600, 600]]), None),
    PenSample("+", "b", strokes([[0, 500], [1000, 500]], [[500, 0], [500, 1000]]), None),
]


@pytest.fixture(scope="module")
def characters(mnist: Mnist) -> Characters:
    (images, labels), _ = mnist
    return Characters(images[:500], labels[:500], SAMPLES)


@pytest.mark.parametrize("content", CONTENTS)
def test_a_scene_shows_what_it_says_inside_the_picture(characters: Characters, content: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(15):
        scene = sample_scene(characters, rng, content)
        assert scene.picture.dtype == np.uint8
        assert min(scene.picture.shape) >= 8
        left, top, width, height = scene.box
        assert (width > 0) == (content != "nothing")
        assert left >= 0
        assert top >= 0
        assert left + width <= scene.picture.shape[1]
        assert top + height <= scene.picture.shape[0]
        assert (scene.label >= 0) == (content == "digit")


def test_a_scene_depends_on_the_seed_alone(characters: Characters) -> None:
    one, same, other = (sample_scene(characters, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(one.picture, same.picture)
    assert one.picture.shape != other.picture.shape or not np.array_equal(one.picture, other.picture)


def test_what_is_written_differs_from_the_paper_around_it(characters: Characters) -> None:
    rng = np.random.default_rng(2)
    differences = []
    for _ in range(40):
        scene = sample_scene(characters, rng, "digit")
        left, top, width, height = scene.box
        inside = scene.picture[top : top + height, left : left + width]
        differences.append(int(np.ptp(inside)))
    assert min(differences) > 8


def test_without_pen_strokes_scenes_are_made_of_images_and_drawn_forms(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    plain = Characters(images[:500], labels[:500])
    rng = np.random.default_rng(5)
    found = {sample_scene(plain, rng).content for _ in range(60)}
    assert {"digit", "nothing", "other"} <= found
