"""Tests are collected without the libraries that are optional: those that need one are skipped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.project import ROOT

OPTIONAL = (
    *("torch", "onnx", "playwright", "axe_playwright_python", "sklearn", "tritonclient", "pandas", "pyarrow", "polars"),
    *("pypdfium2", "ray", "sqlalchemy", "psycopg"),
)
BLOCKER = f"""
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {OPTIONAL!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""


def run_without_them(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the optional libraries blocked by a module in a folder."""
    (folder / "blocker.py").write_text(BLOCKER)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    folder = tmp_path_factory.mktemp("blocker")
    options = ["--collect-only", "-q", "-p", "blocker", "-o", f"cache_dir={folder}"]
    return run_without_them(folder, "-m", "pytest", *options, "tests/unit", "tests/browser")


def test_unit_tests_are_collected_without_optional_libraries(collected: subprocess.CompletedProcess[str]) -> None:
    assert collected.returncode == 0, collected.stdout
    for package in ("io", "networks", "preprocessing", "recognition", "server", "cli"):
        assert f"tests/unit/{package}/" in collected.stdout


@pytest.mark.parametrize(
    ("path", "library"),
    [
        ("tests/browser/test_draw_page.py", "playwright"),
        ("tests/unit/evaluation/test_metrics.py", "scikit-learn"),
        ("tests/unit/server/routes/test_inference_routes.py", "tritonclient"),
        ("tests/unit/training/test_convnet.py", "torch"),
    ],
)
def test_files_that_need_a_missing_library_are_skipped_and_say_so(
    collected: subprocess.CompletedProcess[str], path: str, library: str
) -> None:
    assert f"{path}::" not in collected.stdout
    assert any(path in line and library in line for line in collected.stdout.splitlines() if "SKIPPED" in line)


@pytest.mark.parametrize("library", OPTIONAL)
def test_this_check_would_notice(library: str, tmp_path: Path) -> None:
    done = run_without_them(tmp_path, "-c", f"import blocker, {library}")
    assert f"No module named '{library}'" in done.stderr
