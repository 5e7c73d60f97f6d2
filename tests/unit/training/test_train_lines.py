from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helpers.line_sets import SOURCE
from helpers.one_process import one_process
from helpers.tiny_training import TINY_LINES
from tenfold.networks import serialization
from tenfold.networks.line_network import LineNetwork
from tenfold.synthesis.numbers import line_shards, synthetic_lines

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")
train_lines = pytest.importorskip("tenfold.training.train_lines", reason="onnx, of the extra [train], is not installed")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (line_shards, synthetic_lines):
        monkeypatch.setattr(module, "BLOCK_SIZE", 20)
    monkeypatch.setattr(train_lines, "LINES", TINY_LINES)
    monkeypatch.setattr(train_lines, "VALIDATION_LINES", 20)
    monkeypatch.setattr(train_lines, "LAST_TRAINING_DIGIT", SOURCE.digits[1])


def test_training_end_to_end_gives_a_network_and_its_card(tmp_path: Path) -> None:
    with one_process():
        run = train_lines.train_lines(None, tmp_path / "out")
    serialization.save_model(tmp_path, run.model, run.card)
    network = LineNetwork(tmp_path)
    (probabilities,) = network.probabilities([np.zeros((28, 60), np.uint8)])
    assert probabilities.shape == ((60 - 23) // 2 + 1, len(network.characters) + 1)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert run.card["validation_lines"] == 20


def test_an_interrupted_training_ends_with_the_same_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_lines, "CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(train_lines, "UPDATES", 10)

    class InterruptedRunError(Exception):
        pass

    def interrupt(task: str, done: int, total: int) -> None:
        if task.startswith("loss") and done > total / 2:
            raise InterruptedRunError

    with one_process():
        whole = train_lines.train_lines(None, tmp_path / "whole")
        with pytest.raises(InterruptedRunError):
            train_lines.train_lines(None, tmp_path / "part", callback=interrupt)
        resumed = train_lines.train_lines(None, tmp_path / "part")
    assert resumed.model == whole.model


def test_only_digits_count_where_only_digits_are_told() -> None:
    line = synthetic_lines.SyntheticLine(np.zeros((28, 60), np.uint8), "220", [], True)
    assert train_lines.is_right(line, "2.20")
    assert not train_lines.is_right(line._replace(digits_only=False), "2.20")
