"""The tables of a form's database, and how an older database becomes a newer one. Records are only added.

Each version is a migration, from the empty database on. A migration that was released never changes.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sql

from tenfold.errors import FormError

metadata = sql.MetaData()

versions = sql.Table(
    "schema_versions",
    metadata,
    sql.Column("version", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("applied_at", sql.String(32), nullable=False),
)
forms = sql.Table(
    "forms",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("name", sql.Text, nullable=False),
    sql.Column("created_at", sql.String(32), nullable=False),
)
templates = sql.Table(
    "templates",
    metadata,
    sql.Column("sha256", sql.String(64), primary_key=True),
    sql.Column("text", sql.Text, nullable=False),
    sql.Column("added_at", sql.String(32), nullable=False),
    sql.Column("added_by", sql.Text, nullable=False),
)
sheets = sql.Table(
    "sheets",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("source", sql.Text, nullable=False),
    sql.Column("page", sql.Integer, nullable=False),  # 0 for a picture
    sql.Column("sha256", sql.String(64)),  # of the file; none if it could not be read
    sql.Column("template", sql.String(64), nullable=False),
    sql.Column("matrix", sql.Text),  # nine numbers as JSON, from the blank form to the picture
    sql.Column("print_found", sql.Float, nullable=False),
    sql.Column("problem", sql.Text),  # why the sheet was rejected
    sql.Column("network", sql.Text, nullable=False),
    sql.Column("version", sql.Text, nullable=False),
    sql.Column("read_at", sql.String(32), nullable=False),
    sql.Column("read_by", sql.Text, nullable=False),
    sql.Index("sheets_of_a_page", "sha256", "page"),
)
readings = sql.Table(
    "readings",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("sheet", sql.ForeignKey("sheets.id"), nullable=False, index=True),
    sql.Column("field", sql.Text, nullable=False),
    sql.Column("value", sql.Text, nullable=False),
    sql.Column("written", sql.Text, nullable=False),
    sql.Column("state", sql.String(8), nullable=False),
    sql.Column("confidence", sql.Float, nullable=False),
    sql.Column("problem", sql.Text),
    sql.Column("crop", sql.LargeBinary),  # PNG, the field without print
    sql.Column("digits", sql.LargeBinary, nullable=False),  # 784 bytes for each digit of `written`
)
# A correction belongs to a page and a field, and not to one reading of it: it stays when a sheet is read again.
corrections = sql.Table(
    "corrections",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("sha256", sql.String(64), nullable=False),
    sql.Column("page", sql.Integer, nullable=False),
    sql.Column("field", sql.Text, nullable=False),
    sql.Column("value", sql.Text, nullable=False),
    sql.Column("shown", sql.Text, nullable=False),  # the value that the person saw
    sql.Column("task", sql.String(16), nullable=False),  # "review", or "audit" of a random sample
    sql.Column("undoes", sql.ForeignKey("corrections.id")),
    sql.Column("corrected_at", sql.String(32), nullable=False),
    sql.Column("corrected_by", sql.Text, nullable=False),
    sql.Index("corrections_of_a_field", "sha256", "page", "field"),
)
RECORDS = ("schema_versions", "forms", "templates", "sheets", "readings", "corrections")


def _first(connection: Any) -> None:
    """Make the tables, and triggers that keep records from being changed or deleted."""
    metadata.create_all(connection, checkfirst=False)
    if connection.dialect.name == "sqlite":
        for table in RECORDS:
            for event in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'records are only added'); END"
                )
        return
    connection.exec_driver_sql(
        "CREATE FUNCTION keep_records() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'records are only added'; END $$"
    )
    for table in RECORDS:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION keep_records()"
        )


MIGRATIONS = (_first,)


def version_of(connection: Any) -> int:
    """The version of a database; 0 if it is empty."""
    if not sql.inspect(connection).has_table(versions.name):
        return 0
    return int(connection.execute(sql.select(sql.func.max(versions.c.version))).scalar() or 0)


def check_version(found: int, name: str) -> None:
    """Raise FormError if a database is newer than this version of tenfold."""
    if found > len(MIGRATIONS):
        raise FormError(
            f"the database {name} has version {found}, and this tenfold knows {len(MIGRATIONS)} at most: update tenfold"
        )


def migrate(connection: Any, now: str, name: str) -> None:
    """Bring a database to the newest version, within the transaction of a connection.

    Raises:
        FormError: the database is newer.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7310)")  # one migration at a time
    found = version_of(connection)
    check_version(found, name)
    for number in range(found + 1, len(MIGRATIONS) + 1):
        MIGRATIONS[number - 1](connection)
        connection.execute(versions.insert().values(version=number, applied_at=now))
