from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from helpers.project import SAMPLES, Run

SMALL_LADDER = """
import sys
for library in {hidden}:
    sys.modules[library] = None
from dataclasses import replace
import numpy as np
from tenfold.lab import ladder
from tenfold.networks.onelayer import OneLayerNet
quick = lambda images, labels, tell: OneLayerNet()
ladder.RUNGS = tuple(replace(rung, train=quick) for rung in ladder.RUNGS)
from tenfold.__main__ import main
main()
"""


def climb(*hidden: str) -> subprocess.CompletedProcess[str]:
    """`tenfold ladder --json` without some libraries; no rung is trained, because only the choice matters."""
    program = SMALL_LADDER.format(hidden=list(hidden))
    command = [sys.executable, "-c", program, "ladder", "--json"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


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
    hidden: list[str], rungs: int, missing: str
) -> None:
    done = climb(*hidden)
    assert done.returncode == 0
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == rungs
    assert done.stderr == missing


def test_without_numba_too_the_ladder_keeps_the_rungs_of_the_article() -> None:
    done = climb("torch", "numba")
    assert done.returncode == 0
    assert [json.loads(line)["rung"] for line in done.stdout.splitlines()] == ["the article", "all images", "step size"]
    assert done.stderr.count("because it needs numba") == 3


def test_a_saved_network_can_be_evaluated_and_can_read(run: Run, tmp_path: Path) -> None:
    assert run("train", "article", "--images", "60000", "--epochs", "1", "--out", "net").returncode == 0
    assert json.loads((tmp_path / "net" / "card.json").read_text())["images"] == 60000
    assert run("train", "article", "--out", "net").returncode == 1
    evaluated = run("evaluate", "net", "--mistakes", "mistakes.png", "--report", "report.html")
    assert evaluated.returncode == 0
    assert "75.92 %" in evaluated.stdout
    assert "Errors by rejection rate" in (tmp_path / "report.html").read_text()
    assert "data:image/png;base64," in (tmp_path / "report.html").read_text()
    assert run("evaluate", "net", "--mistakes", "mistakes.txt").returncode == 2
    assert run("evaluate", "net", "--mistakes", "mistakes.jpg").returncode == 0
    with Image.open(tmp_path / "mistakes.jpg") as picture:
        assert picture.format == "JPEG"
    with Image.open(tmp_path / "mistakes.png") as picture:
        assert picture.width > 800
    assert run("read", SAMPLES / "7.jpg", "--network", "net").returncode == 0
