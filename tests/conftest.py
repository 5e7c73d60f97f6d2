"""What tests of every kind share: MNIST, the command line, a server. No browser here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import tenfold
from helpers.project import Mnist, Run

settings.register_profile("quick", max_examples=50, deadline=None, derandomize=True, database=None)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    return tenfold.load_data()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `tenfold` as a person would, in an empty folder."""

    def call(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "tenfold", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            timeout=120,
            check=False,
            env=os.environ | environment,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a running `tenfold serve`."""
    from helpers import live_server  # a web server is loaded by the tests that need one

    with live_server.process() as (url, _):
        yield url
