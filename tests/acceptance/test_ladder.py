from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import build_story
import tenfold
from helpers.project import Mnist
from tenfold.cli.main import app
from tenfold.cli.output import rung_as_json, rung_text
from tenfold.evaluation.metrics import Evaluation
from tenfold.lab import ladder
from tenfold.lab.ladder import RUNGS, climb
from tenfold.networks.mlp import MLP

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


def test_a_rung_is_told_in_three_lines_or_as_json(mnist: Mnist) -> None:
    (images, labels), test = mnist
    step = next(iter(climb((images, labels), test)))
    assert "74.47 %" in rung_text(step)
    assert "7,840 parameters" in rung_text(step)
    assert rung_text(step).count("\n") == 3
    assert rung_as_json(step)["accuracy"] == 0.7447


def test_the_command_prints_every_rung_as_a_line_of_json(
    tmp_path: Path, mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ladder, "RUNGS", RUNGS[:2])  # the others take long
    (images, labels), _ = mnist
    np.savez(
        tmp_path / "mnist.npz", x_train=images[:11000], y_train=labels[:11000], x_test=images[:90], y_test=labels[:90]
    )
    done = CliRunner().invoke(app, ["ladder", "--json", "--data", str(tmp_path / "mnist.npz")])
    assert [json.loads(line)["rung"] for line in done.stdout.splitlines()] == ["the article", "all images"]


def test_too_few_training_images_are_one_error(mnist: Mnist) -> None:
    (images, labels), test = mnist
    with pytest.raises(tenfold.DataError, match="there are 100 training images"):
        next(iter(climb((images[:100], labels[:100]), test)))


def test_progress_counts_each_rung_to_its_end(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    heard: list[tuple[int, int]] = []
    MLP().fit(images[:1500], labels[:1500], 2, lambda done, total: heard.append((done, total)))
    assert heard == [(1000, 3000), (1500, 3000), (2500, 3000), (3000, 3000)]
