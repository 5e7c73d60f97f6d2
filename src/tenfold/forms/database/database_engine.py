"""Connections to a form's database, SQLite or PostgreSQL. Every failure of a database is one `FormError`.

The only module besides `schema_versions` that imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenfold.errors import FormError

SECONDS = 10  # that a locked database is waited for

# Parts of the messages of databases, and what they mean.
REASONS = {
    "locked": f"another process has held it for over {SECONDS} s: wait, or end that process",
    "readonly": "it is read-only: make the file and its folder writable",
    "read-only": "it is read-only: make it writable",
    "permission denied": "it may not be used: give this user the rights",
    "full": "the disk is full: make room",
    "no space left": "the disk is full: make room",
    "disk i/o": "the disk is full or damaged: make room, or check it",
    "not a database": "it is not a database of SQLite: restore it, or move it away",
    "malformed": "it is damaged: restore it from a copy",
    "unable to open": "it cannot be opened: check that its folder exists and is writable",
    "only added": "records are only added, and never changed",
}


class Database:
    """A database.

    Args:
        url: of the database, such as "postgresql://user@host/survey"; or the file of an SQLite database.

    Raises:
        FormError: SQLAlchemy or a driver is not installed, or the URL is not one.
    """

    def __init__(self, url: str | Path) -> None:
        self._sql = _sqlalchemy()
        self._engine = _engine(url)
        self.name = repr(self._engine.url.render_as_string(hide_password=True).removeprefix("sqlite:///"))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """A connection that sees the database as it is at one moment."""
        with self._reported(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """A connection in a transaction: all that is written counts, or nothing if the `with` block raises."""
        with self._reported(), self._engine.execution_options(writes=True).begin() as connection:
            yield connection

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Turn whatever a database raises into one error."""
        try:
            yield
        except self._sql.exc.SQLAlchemyError as error:
            text = " ".join(str(getattr(error, "orig", None) or error).split())
            reason = next((reason for part, reason in REASONS.items() if part in text.lower()), text)
            raise FormError(f"the database {self.name} cannot be used: {reason}") from error


def _sqlalchemy() -> Any:
    try:
        import sqlalchemy
    except ImportError as error:
        raise FormError("the database of a form needs SQLAlchemy: pip install sqlalchemy") from error
    return sqlalchemy


def _engine(url: str | Path) -> Any:
    """The engine of a database. SQLite waits for other processes, and checks references."""
    import sqlalchemy as sql

    try:
        is_file = "://" not in str(url)
        address = sql.URL.create("sqlite", database=str(url)) if is_file else sql.make_url(str(url))
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        engine = sql.create_engine(address, **({"connect_args": {"timeout": SECONDS}} if _is_sqlite(address) else {}))
    except ImportError as error:
        raise FormError(f"PostgreSQL needs psycopg: pip install 'psycopg[binary]' ({error})") from error
    except sql.exc.SQLAlchemyError as error:
        raise FormError(
            "the address of the database is not a URL that SQLAlchemy knows: give one such as "
            "postgresql://user@host/survey"
        ) from error
    if _is_sqlite(address):
        _prepare_sqlite(engine)
    return engine


def _is_sqlite(address: Any) -> bool:
    return bool(address.get_backend_name() == "sqlite")


def _prepare_sqlite(engine: Any) -> None:
    """Begin transactions ourselves: Python's driver begins them late, when another process may have written."""
    from sqlalchemy import event

    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")

    def begun(connection: Any) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
