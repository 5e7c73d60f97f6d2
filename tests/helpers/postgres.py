"""A PostgreSQL server of Debian's package, started for tests in a temporary folder, reached by a socket alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
USER = "postgres"


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a server with an empty database; the test is skipped where PostgreSQL is not installed."""
    pytest.importorskip("psycopg")
    if not PROGRAMS or not (PROGRAMS[-1] / "initdb").exists():
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    programs, folder = PROGRAMS[-1], Path(tempfile.mkdtemp(prefix="pg"))
    as_root = os.geteuid() == 0  # PostgreSQL refuses to run as root
    if as_root:
        shutil.chown(folder, USER, USER)

    def call(*command: str) -> None:
        done = subprocess.run(
            command, capture_output=True, check=False, cwd=folder, timeout=120, user=USER if as_root else None
        )
        assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()

    data = str(folder / "data")
    try:
        call(str(programs / "initdb"), "-D", data, "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        call(str(programs / "pg_ctl"), "-D", data, "-l", str(folder / "log"), "-w", "-o", options, "start")
        try:
            yield f"postgresql://{USER}@/postgres?host={folder}"
        finally:
            call(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
