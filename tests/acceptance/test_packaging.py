"""What `make dist` packs: everything that git tracks and a user needs, nothing else, even from a dirty checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from helpers.project import ROOT

pytestmark = pytest.mark.slow

STRAY = [
    "notes.txt",
    "samples/private.jpg",
    "src/tenfold/scratch.py",
    "src/tenfold/networks/pretrained/mine/model.onnx",
]


def git(*arguments: str, folder: Path) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of both distributions, built from a checkout with stray files in it."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout, so the files that git tracks are not known")
    checkout = tmp_path_factory.mktemp("dirty")
    for name in git("ls-files", folder=ROOT).splitlines():
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    git("init", "--quiet", folder=checkout)
    git("add", "--all", folder=checkout)
    git("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", "all", folder=checkout)
    for name in STRAY:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("stray = 1\n")
    command = [sys.executable, "-m", "build", "--no-isolation"]
    subprocess.run(command, cwd=checkout, capture_output=True, check=True, timeout=300)
    return checkout / "dist"


def test_the_source_distribution_holds_what_git_tracks_and_nothing_else(dist: Path) -> None:
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        packed = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    tracked = {name for name in git("ls-files", folder=dist.parent).splitlines() if not name.startswith(".")}
    generated = {name for name in packed if ".egg-info/" in name} | {"PKG-INFO", "setup.cfg"}
    assert packed - generated == tracked - {"MANIFEST.in"}


def test_the_wheel_holds_the_package_in_under_15_megabytes(dist: Path) -> None:
    wheel = next(dist.glob("*.whl"))
    assert wheel.stat().st_size < 15e6
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    tracked = {name.removeprefix("src/") for name in git("ls-files", "src", folder=dist.parent).splitlines()}
    assert packed == tracked
    assert {"tenfold/py.typed", "tenfold/server/static/index.html"} <= packed


def test_the_description_renders_on_the_package_index(dist: Path) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, dist.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout
