from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.one_process import one_process
from helpers.project import Mnist
from helpers.tiny_training import TINY_LINES
from tenfold.networks import serialization
from tenfold.networks.line_network import LineNetwork
from tenfold.synthesis.synthetic_lines import SyntheticLine, synthesize_lines
from tenfold.training.recipes import LineRecipe

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")
linenet = pytest.importorskip("tenfold.training.linenet")
to_onnx = pytest.importorskip(
    "tenfold.training.onnx_export", reason="onnx, of the extra [train], is not installed"
).to_onnx


@pytest.fixture(scope="module")
def lines(mnist: Mnist) -> list[SyntheticLine]:
    (images, labels), _ = mnist
    with one_process():
        return synthesize_lines(images[:2000], labels[:2000], TINY_LINES.lines, seed=5)


def training_on(lines: list[SyntheticLine], recipe: LineRecipe = TINY_LINES) -> Any:
    images, texts, centers = (list(part) for part in zip(*lines, strict=True))
    return linenet.LineTraining(recipe, images, texts, centers, 0)


@pytest.mark.parametrize("aligned", [0.0, 1.0])
def test_training_lowers_the_loss_with_and_without_digit_positions(lines: list[SyntheticLine], aligned: float) -> None:
    training = training_on(lines, replace(TINY_LINES, aligned_fraction=aligned))
    first = training.run(5)
    training.run(training.total - 10)
    assert training.run(5) < first


def test_the_target_of_a_frame_is_the_nearest_digit() -> None:
    targets, centers = [torch.tensor([7, 3])], [torch.tensor([14.0, 14 + 4 * 5 + 1.0])]
    (frames,) = linenet._frame_targets(targets, centers, 9).tolist()
    assert frames == [7, 10, 10, 10, 10, 3, linenet.IGNORE_INDEX, 10, 10]


def test_scaled_centers_follow_the_scaled_image() -> None:
    """Torch scales an image with one bright column; its center of mass must be at the computed position."""
    for column in (10, 30, 52):
        image = torch.zeros(1, 1, 28, 60)
        image[..., column] = 1
        x_scale = torch.tensor([1.2])
        zero = torch.zeros(1)
        rows = [x_scale, zero, zero, zero, torch.ones(1), zero]
        grid = torch.nn.functional.affine_grid(torch.stack(rows, 1).view(1, 2, 3), [1, 1, 28, 60], align_corners=False)
        moved = torch.nn.functional.grid_sample(image, grid, align_corners=False)[0, 0, 14]
        expected = float(linenet._scale_columns(torch.tensor([float(column)]), x_scale[0], 60)[0])
        assert abs(float((moved * torch.arange(60)).sum() / moved.sum()) - expected) < 0.6


def test_onnx_gives_the_logits_of_torch_for_lines_of_any_width(lines: list[SyntheticLine], tmp_path: Path) -> None:
    training = training_on(lines)
    training.run(3)
    network = training.network()
    serialization.save_model(tmp_path, to_onnx(network, temperature=2.0), {"kind": "lines"})
    session = LineNetwork(tmp_path)._session
    for line in lines[:5]:
        expected = linenet.logits(network, line.image) / 2
        (found,) = session.run(["logits"], {"strips": line.image[None]})
        np.testing.assert_allclose(found[0], expected, atol=5e-3)
