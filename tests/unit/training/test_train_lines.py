from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helpers.one_process import one_process
from helpers.tiny_training import TINY_LINES
from tenfold.networks import serialization
from tenfold.networks.line_network import LineNetwork

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")
train_lines = pytest.importorskip("tenfold.training.train_lines", reason="onnx, of the extra [train], is not installed")


def test_training_end_to_end_gives_a_network_and_its_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_lines, "LINES", TINY_LINES)
    monkeypatch.setattr(train_lines, "VALIDATION_LINES", 20)
    with one_process():
        run = train_lines.train_lines()
    serialization.save_model(tmp_path, run.model, run.card)
    probabilities = LineNetwork(tmp_path).probabilities(np.zeros((28, 60), np.uint8))
    assert probabilities.shape == ((60 - 28) // 4 + 1, 11)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert run.card["validation_lines"] == 20
