from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import sheets
from tenfold.errors import FormError

pytest.importorskip("sqlalchemy")

from tenfold.forms.database import database_engine
from tenfold.forms.database.form_store import FormStore


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "form.sqlite"
    store = FormStore(path, "log")
    store.add_sheet(sheets.reading(1, a="12"), sheets.template(), "Ada")
    store.close()
    return path


def test_a_newer_database_is_an_error(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO schema_versions VALUES (99, 'later')")
    with pytest.raises(FormError, match="has version 99, and this tenfold knows 1 at most: update tenfold"):
        FormStore(file, "log")


def test_a_locked_database_is_an_error_and_nothing_is_written(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_engine, "SECONDS", 0.1)
    store = FormStore(file, "log")
    other = sqlite3.connect(file)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(FormError, match="cannot be used: another process has held it"):
        store.add_sheet(sheets.reading(2, a="13"), sheets.template(), "Ada")
    other.close()
    assert len(store.sheets()) == 1
    store.close()


def test_a_read_only_database_can_be_read_and_not_written(file: Path) -> None:
    program = (
        "import os, sys\n"
        "from tenfold.forms.database.form_store import FormStore, Page\n"
        "from tenfold.errors import FormError\n"
        "FormStore(sys.argv[1], 'log').close()\n"  # loads all modules, which the other user may not read
        "os.setuid(65534)\n"
        "store = FormStore(sys.argv[1], 'log')\n"
        "print(len(store.sheets()))\n"
        "try:\n    store.correct(Page('0', 0), 'a', '1', 'Ada')\nexcept FormError as error:\n    print(error)\n"
    )
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    for path in (file, *file.parents):
        if path != Path("/tmp") and path != Path("/"):
            path.chmod(0o444 if path == file else 0o755)
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("1\n")
    assert "cannot be used: it is read-only: make the file and its folder writable" in done.stdout


def test_a_full_disk_is_an_error(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FormStore(file, "log")
    with store._database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(FormError, match="the disk is full: make room"):
        for number in range(2, 50):
            store.add_sheet(sheets.reading(number, a="1" * 20), sheets.template(), "Ada")
    assert all(sheet.values["a"].state == "filled" for sheet in store.sheets())
    store.close()


@pytest.mark.parametrize(
    "content", [b"not a database, but a file of some bytes" * 30, b"SQLite format 3\0" + b"x" * 200]
)
def test_a_file_that_is_not_a_database_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "form.sqlite").write_bytes(content)
    with pytest.raises(FormError, match=r"the database .*form.sqlite.* cannot be used: it is"):
        FormStore(tmp_path / "form.sqlite", "log")


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FormError, match="it cannot be opened: check that its folder exists"):
        FormStore(tmp_path / "nothing" / "form.sqlite", "log")


def test_addresses_that_cannot_be_used_are_errors_without_the_password() -> None:
    with pytest.raises(FormError, match="not a URL that SQLAlchemy knows"):
        FormStore("nonsense://x", "log")
    pytest.importorskip("psycopg")
    with pytest.raises(FormError, match=r"postgresql\+psycopg://ada:\*\*\*@127.0.0.1:1/log") as error:
        FormStore("postgresql://ada:secret@127.0.0.1:1/log", "log")
    assert "secret" not in str(error.value)


def test_a_missing_library_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(FormError, match="needs SQLAlchemy: pip install sqlalchemy"):
        FormStore(tmp_path / "form.sqlite", "log")
