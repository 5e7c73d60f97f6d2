from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import tenfold
from helpers.project import Mnist
from tenfold.cli.main import app
from tenfold.training import train_digits as training_module
from tenfold.training.recipes import RECIPES, Recipe

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")
pytest.importorskip("onnx", reason="onnx, of the extra [train], is not installed")


def test_training_saves_a_folder_that_loads_with_a_correct_card(
    mnist: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "tiny", Recipe(layers=((8, 5, 2, 0), (16, 3, 2, 0)), epochs=0.5))
    monkeypatch.setattr(training_module, "CHECKPOINT_SECONDS", 0)
    reports: list[tuple[str, int, int]] = []
    data = training_module.examples("tiny")
    run = training_module.train_digits(data, out=tmp_path / "net", callback=lambda *report: reports.append(report))
    assert reports[-1][1] == reports[-1][2] == run.updates
    assert (tmp_path / "net" / "checkpoint.npz").exists()  # until the network is saved
    run.save(tmp_path / "net")
    assert not (tmp_path / "net" / "checkpoint.npz").exists()
    net = tenfold.load_network(tmp_path / "net")
    card = json.loads((tmp_path / "net" / "card.json").read_text())
    _, (images, labels) = mnist
    assert net.score(images, labels) == card["test_accuracy"] > 0.5
    assert net.parameters == card["parameters"]
    assert card["seed"] == 0


def test_a_resumed_run_continues_from_its_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES, "tiny", Recipe(layers=((4, 5, 4, 0), (4, 3, 2, 0)), epochs=0.05))
    monkeypatch.setattr(training_module, "CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(training_module, "UPDATES", 1)
    data, reports = training_module.examples("tiny"), []

    def interrupt(what: str, done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    assert not training_module.train_digits(data, out=tmp_path, callback=interrupt).complete
    run = training_module.train_digits(
        data, out=tmp_path, resume=True, callback=lambda *report: reports.append(report[1])
    )
    assert run.complete
    assert reports == list(range(4, run.updates + 1))


QUICK = Recipe(layers=((4, 5, 4, 0), (4, 3, 2, 0)), epochs=8, augmentation=(0.3, 0))
STOPPED_AT_UPDATE_5 = f"""
import time
from tenfold.__main__ import main
from tenfold.training import train_digits
from tenfold.training.recipes import RECIPES, Recipe

train_digits.CHECKPOINT_SECONDS, train_digits.UPDATES, train_digits.VALIDATION_DIGITS = 0, 1, 200
RECIPES["quick"] = {QUICK!r}
save = train_digits.save_checkpoint

def save_and_stop(path, state, identity):
    save(path, state, identity)
    if int(state["done"]) == 5:
        print("stopped", flush=True)
        time.sleep(3600)

train_digits.save_checkpoint = save_and_stop
main()
"""


def test_the_command_line_resumes_a_killed_run_and_ends_with_the_same_network(
    mnist: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (images, labels), (x_test, y_test) = mnist
    np.savez(
        tmp_path / "mnist.npz", x_train=images[:1200], y_train=labels[:1200], x_test=x_test[:500], y_test=y_test[:500]
    )
    monkeypatch.setitem(RECIPES, "quick", QUICK)
    monkeypatch.setattr(training_module, "VALIDATION_DIGITS", 200)
    command = ["train", "digits", "--budget", "quick", "--data", str(tmp_path), "--out"]
    interrupted, uninterrupted = tmp_path / "interrupted", tmp_path / "uninterrupted"
    killed = [sys.executable, "-c", STOPPED_AT_UPDATE_5, *command, str(interrupted)]
    with subprocess.Popen(killed, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "stopped\n"
        process.kill()
    assert (interrupted / "checkpoint.npz").exists()
    assert not (interrupted / "model.onnx").exists()
    resumed = CliRunner().invoke(app, [*command, str(interrupted), "--resume"], catch_exceptions=False)
    assert "updates" in resumed.stdout
    assert CliRunner().invoke(app, [*command, str(uninterrupted)]).exit_code == 0
    assert (interrupted / "model.onnx").read_bytes() == (uninterrupted / "model.onnx").read_bytes()
    assert not list(interrupted.glob("*.npz"))
