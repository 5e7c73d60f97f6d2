"""What tests of every kind share: MNIST, the command line, a server. No browser here."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import warnings
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
            timeout=300,
            check=False,
            env=os.environ | environment,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def run_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `tenfold` as `run` does, but in this process, which takes a tenth of the time."""
    from tenfold.__main__ import main

    def call(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
        command = ["tenfold", *map(str, arguments)]
        out, err = io.BytesIO(), io.BytesIO()
        log = logging.getLogger("tenfold")
        handlers, level = log.handlers[:], log.level
        with monkeypatch.context() as patch, warnings.catch_warnings():
            patch.chdir(tmp_path)
            patch.setenv("COLUMNS", "80")
            patch.setattr(sys, "argv", command)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            for name, stream in (("stdout", out), ("stderr", err)):
                patch.setattr(sys, name, io.TextIOWrapper(stream, "utf-8", write_through=True))
            try:
                with pytest.raises(SystemExit) as ended:
                    main()
                printed, told = out.getvalue().decode(), err.getvalue().decode()
            finally:
                log.handlers[:] = handlers
                log.setLevel(level)
        return subprocess.CompletedProcess(command, int(ended.value.code or 0), printed, told)

    return call


@pytest.fixture(scope="session", autouse=True)
def no_certificates() -> Iterator[None]:
    """Keep httpx from loading the certificates of the web, 0.06 s for each request: the servers of tests have none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", "")
        patch.setenv("SSL_CERT_DIR", os.devnull)
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a running `tenfold serve`."""
    from helpers import live_server  # a web server is loaded by the tests that need one

    with live_server.process() as (url, _):
        yield url
