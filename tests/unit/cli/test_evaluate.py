from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tenfold
from helpers.project import SAMPLES, Mnist, Run
from tenfold.lab import ladder
from tenfold.networks import onelayer, sparse_pixels


@pytest.fixture
def climb(run_here: Run, mnist: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`tenfold ladder --json` without some libraries; no rung is trained, because only the choice matters."""
    (images, labels), (x_test, y_test) = mnist
    np.savez(
        tmp_path / "mnist.npz", x_train=images[:10_001], y_train=labels[:10_001], x_test=x_test[:9], y_test=y_test[:9]
    )
    rungs = [replace(rung, train=lambda *_: tenfold.OneLayerNet()) for rung in ladder.RUNGS]
    monkeypatch.setattr(ladder, "RUNGS", tuple(rungs))

    def call(*hidden: str) -> subprocess.CompletedProcess[str]:
        for library in hidden:
            monkeypatch.setitem(sys.modules, library, None)
        if "numba" in hidden:
            for module in (onelayer, sparse_pixels):
                monkeypatch.setattr(module, "numba_is_installed", lambda: False)
        return run_here("ladder", "--json", "--data", "mnist.npz")

    return call


@pytest.mark.parametrize(
    ("hidden", "rungs", "missing"),
    [
        ([], 7, ""),
        (["torch"], 6, "The rung 'convolution' is left out, because it needs torch: pip install torch\n"),
        (["onnx"], 6, "The rung 'convolution' is left out, because it needs onnx: pip install onnx\n"),
        (
            ["torch", "onnx"],
            6,
            "The rung 'convolution' is left out, because it needs torch and onnx: pip install torch onnx\n",
        ),
    ],
)
def test_without_torch_or_onnx_the_ladder_says_so_and_has_six_rungs(
    climb: Run, hidden: list[str], rungs: int, missing: str
) -> None:
    done = climb(*hidden)
    assert done.returncode == 0
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == rungs
    assert done.stderr == missing


def test_without_numba_too_the_ladder_keeps_the_rungs_of_the_article(climb: Run) -> None:
    done = climb("torch", "numba")
    assert done.returncode == 0
    assert [json.loads(line)["rung"] for line in done.stdout.splitlines()] == ["the article", "all images", "step size"]
    assert done.stderr.count("because it needs numba") == 3


def test_the_ladder_prints_every_rung_as_a_line_of_json(
    run_here: Run, mnist: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ladder, "RUNGS", ladder.RUNGS[:2])  # the others take long
    (images, labels), _ = mnist
    np.savez(
        tmp_path / "mnist.npz", x_train=images[:11000], y_train=labels[:11000], x_test=images[:90], y_test=labels[:90]
    )
    done = run_here("ladder", "--json", "--data", "mnist.npz")
    assert [json.loads(line)["rung"] for line in done.stdout.splitlines()] == ["the article", "all images"]


def test_a_saved_network_can_be_evaluated_and_can_read(run_here: Run, tmp_path: Path) -> None:
    assert run_here("train", "article", "--images", "60000", "--epochs", "1", "--out", "net").returncode == 0
    assert json.loads((tmp_path / "net" / "card.json").read_text())["images"] == 60000
    assert run_here("train", "article", "--out", "net").returncode == 1
    evaluated = run_here("evaluate", "net", "--mistakes", "mistakes.png", "--report", "report.html")
    assert evaluated.returncode == 0
    assert "75.92 %" in evaluated.stdout
    assert "Errors by rejection rate" in (tmp_path / "report.html").read_text()
    assert "data:image/png;base64," in (tmp_path / "report.html").read_text()
    assert run_here("evaluate", "net", "--mistakes", "mistakes.txt").returncode == 2
    assert run_here("evaluate", "net", "--mistakes", "mistakes.jpg").returncode == 0
    with Image.open(tmp_path / "mistakes.jpg") as picture:
        assert picture.format == "JPEG"
    with Image.open(tmp_path / "mistakes.png") as picture:
        assert picture.width > 800
    assert run_here("read", SAMPLES / "7.jpg", "--network", "net").returncode == 0
