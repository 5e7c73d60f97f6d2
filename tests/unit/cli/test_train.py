from __future__ import annotations

from pathlib import Path

from helpers.project import Run
from helpers.terminal import run_in_terminal
from tenfold.training.checkpoint import was_interrupted


def test_train_article_prints_the_figures_of_the_article(run: Run) -> None:
    done = run("train", "article")
    assert done.returncode == 0
    assert "74.47 %" in done.stdout
    assert "5  1.1407872249800253   <- largest" in done.stdout
    assert "image 3, a 1, is read as 1" in done.stdout


def test_resume_continues_an_interrupted_run_and_overwrites_nothing_else(run_here: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "README.md").write_text("my own")
    rejected = run_here("train", "digits", "--budget", "2s", "--out", "mine", "--resume")
    assert rejected.returncode == 1
    assert "exists already" in rejected.stderr
    assert (tmp_path / "mine" / "README.md").read_text() == "my own"
    assert not was_interrupted(tmp_path / "mine")
    (tmp_path / "mine" / "card.json").write_text('{"complete": false}')
    assert was_interrupted(tmp_path / "mine")


def test_a_terminal_sees_a_progress_bar_and_a_pipe_does_not(run_here: Run) -> None:
    assert run_here("train", "article", "--images", "20000", "--epochs", "2").stderr.count("training") == 0
    _, seen = run_in_terminal("train", "article", "--images", "20000", "--epochs", "2")
    assert b"training" in seen
    assert b"/40000" in seen
