from __future__ import annotations

import json

import numpy as np
import pytest

import build_story
from helpers.project import Mnist
from tenfold.evaluation.metrics import Evaluation
from tenfold.lab.ladder import RUNGS, climb

pytestmark = [pytest.mark.slow, pytest.mark.torch]
pytest.importorskip("tenfold.training.convnet", reason="torch and onnx, of the extra [train], are not installed")


@pytest.fixture(scope="module")
def accuracies(mnist: Mnist) -> dict[str, Evaluation]:
    """Every rung, trained as `tenfold ladder` trains it."""
    return {step.rung.name: step.evaluation for step in climb(*mnist)}


@pytest.mark.parametrize(
    ("name", "floor"),
    [
        ("the article", 0.7447),
        ("all images", 0.7607),
        ("step size", 0.835),
        ("bias and scale", 0.855),
        ("softmax", 0.922),
        ("hidden layer", 0.982),
        ("convolution", 0.993),
    ],
)
def test_each_rung_reaches_its_height(accuracies: dict[str, Evaluation], name: str, floor: float) -> None:
    assert accuracies[name].accuracy >= floor


def test_each_rung_is_above_the_one_before(accuracies: dict[str, Evaluation]) -> None:
    heights = [accuracies[rung.name].accuracy for rung in RUNGS]
    assert heights == sorted(heights)


def test_no_linear_map_passes_the_ceiling_of_least_squares(mnist: Mnist, accuracies: dict[str, Evaluation]) -> None:
    (images, labels), (x_test, y_test) = mnist
    pixels = np.hstack([images.reshape(-1, 784) / 255, np.ones((len(images), 1))])
    best = np.linalg.lstsq(pixels.T @ pixels, pixels.T @ np.eye(10)[labels], rcond=None)[0]
    ceiling = ((x_test.reshape(-1, 784) / 255 @ best[:-1] + best[-1]).argmax(axis=1) == y_test).mean()
    assert ceiling == pytest.approx(0.8603, abs=5e-4)
    assert accuracies["bias and scale"].accuracy < ceiling + 0.005


def test_the_figures_that_the_story_and_the_lab_show_are_reached_now(accuracies: dict[str, Evaluation]) -> None:
    """The article's to the last digit; the others within what another processor's rounding changes."""
    rungs = json.loads(build_story.MEASURED.read_text())["rungs"]
    exact = {"the article", "all images", "step size"}
    for rung in rungs:
        slack = 0 if rung["name"] in exact else 0.002
        assert abs(accuracies[rung["name"]].accuracy - rung["accuracy"]) <= slack, rung
