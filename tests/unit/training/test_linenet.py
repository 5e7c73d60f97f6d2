from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.line_sets import lines_of
from helpers.tiny_training import TINY_LINES
from tenfold.networks import serialization
from tenfold.networks.line_network import LineNetwork
from tenfold.synthesis.numbers.synthetic_lines import CHARACTERS, SyntheticLine
from tenfold.training.recipes import LineRecipe

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")
linenet = pytest.importorskip("tenfold.training.linenet")
to_onnx = pytest.importorskip(
    "tenfold.training.onnx_export", reason="onnx, of the extra [train], is not installed"
).to_onnx


@pytest.fixture(scope="module")
def lines() -> list[SyntheticLine]:
    return lines_of(TINY_LINES.lines)


def training_on(lines: list[SyntheticLine], recipe: LineRecipe = TINY_LINES) -> Any:
    return linenet.LineTraining(recipe, lines, 0)


@pytest.mark.parametrize("aligned", [0.0, 1.0])
def test_training_lowers_the_loss_with_and_without_digit_positions(lines: list[SyntheticLine], aligned: float) -> None:
    training = training_on(lines, replace(TINY_LINES, aligned_fraction=aligned))
    first = training.run(5)
    training.run(training.total - 10)
    assert training.run(5) < first


def test_the_target_of_a_step_is_the_nearest_character() -> None:
    first, step = TINY_LINES.first_center, TINY_LINES.step
    targets, centers = [torch.tensor([7, 3])], [torch.tensor([first, first + 5 * step + 0.5])]
    (frames,) = linenet._frame_targets(targets, centers, 9, TINY_LINES).tolist()
    blank = linenet.BLANK
    assert frames == [7, blank, blank, blank, blank, 3, linenet.IGNORE_INDEX, blank, blank]


def test_a_blank_stands_between_two_ones_however_close() -> None:
    first, step = TINY_LINES.first_center, TINY_LINES.step
    centers = [torch.tensor([first + 3.3 * step, first + 5.2 * step])]
    (frames,) = linenet._frame_targets([torch.tensor([1, 1])], centers, 9, TINY_LINES).tolist()
    assert frames[3:6] == [1, linenet.BLANK, 1]


def test_where_only_digits_are_told_signs_cost_nothing(lines: list[SyntheticLine]) -> None:
    """A line read as 1.2 is right for the digits 12, and wrong for the text 12."""
    losses = []
    for digits_only in (True, False):
        line = lines[0]._replace(text="12", centers=[], digits_only=digits_only)
        training = training_on([line] * TINY_LINES.batch)
        logits = torch.full((1, 6, len(CHARACTERS) + 1), -9.0)
        for at, character in enumerate("1", start=1):
            logits[0, at, CHARACTERS.index(character)] = 9
        logits[0, 2, CHARACTERS.index(".")] = 9
        logits[0, 3, CHARACTERS.index("2")] = 9
        logits[0, [0, 4, 5], linenet.BLANK] = 9
        losses.append(float(training._ctc(logits, np.array([0]))))
    assert losses[0] < 0.01
    assert losses[1] > 5


def test_the_step_is_the_product_of_the_strides_along() -> None:
    assert TINY_LINES.step == 2
    assert TINY_LINES.first_center == 11  # 5 + 2 * 2 * 2 + 3 * 2 + 2 * 2 = 23 columns are seen


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
    serialization.save_model(
        tmp_path,
        to_onnx(network, temperature=2.0),
        {"kind": "lines", "characters": CHARACTERS, "step": 2, "first_center": 11.0},
    )
    session = LineNetwork(tmp_path)._session
    for line in lines[:5]:
        expected = linenet.logits(network, line.image) / 2
        (found,) = session.run(["logits"], {"strips": line.image[None]})
        np.testing.assert_allclose(found[0], expected, atol=5e-3)
