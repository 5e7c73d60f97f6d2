"""A form's records in a database: sheets, readings and corrections, with who and when. Nothing is changed or deleted.

The newest correction of a field counts, and else its newest reading.
"""

from __future__ import annotations

import datetime
import getpass
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import cv2

from tenfold.errors import FormError
from tenfold.forms.database.database_engine import Database
from tenfold.forms.database.form_records import Correction, Page, StoredSheet, Value

if TYPE_CHECKING:
    from pathlib import Path

    from tenfold.forms.field_reading import FieldReading
    from tenfold.forms.sheet_reader import SheetReading
    from tenfold.forms.template import Template

FILE = "form.sqlite"


class FormStore:
    """The database of a form.

    Args:
        url: of the database, such as "postgresql://user@host/survey"; or the file of an SQLite database.
        form: the name of the form: a database holds the records of one.

    Raises:
        FormError: it cannot be opened, is newer than this version of tenfold, or belongs to another form.
    """

    def __init__(self, url: str | Path, form: str) -> None:
        self._database = Database(url)
        self.name = self._database.name
        import sqlalchemy

        from tenfold.forms.database import schema_versions

        self._sql, self._tables = sqlalchemy, schema_versions
        try:
            self._open(form)
        except FormError:
            self.close()
            raise

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def add_sheet(self, reading: SheetReading, template: Template, by: str) -> None:
        """Add a sheet and the readings of its fields, all or nothing."""
        tables = self._tables
        with self._database.writing() as connection:
            self._add_template(connection, template, by)
            sheet = {
                "source": reading.source,
                "page": reading.page or 0,
                "sha256": reading.sha256,
                "template": template.sha256,
                "matrix": None if reading.problem else json.dumps(reading.matrix.tolist()),
                "print_found": reading.print_found,
                "problem": reading.problem,
                "network": reading.network,
                "version": reading.version,
                "read_at": now(),
                "read_by": by,
            }
            (key,) = connection.execute(tables.sheets.insert().values(sheet)).inserted_primary_key
            rows = [_row(key, one) for one in reading.fields]
            if rows:
                connection.execute(tables.readings.insert(), rows)

    def correct(self, page: Page, field: str, value: str, by: str, *, shown: str = "", task: str = "review") -> int:
        """Add a correction, or a confirmation, of a field; returns its id.

        Args:
            page: the page of the sheet.
            field: its name.
            value: what is written there.
            by: who says so.
            shown: the value that this person saw.
            task: "review", or "audit" if the field was drawn at random.
        """
        with self._database.writing() as connection:
            return self._insert(connection, Correction(page, field, value, by, shown, task))

    def correct_once(self, correction: Correction) -> int | None:
        """Add a correction of a field that nobody has corrected yet; None if somebody has."""
        with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7311)")  # one at a time, as in SQLite
            page = correction.page
            if (page.sha256, page.page, correction.field) in self._current_corrections(connection, page):
                return None
            return self._insert(connection, correction)

    def undo(self, correction: int, by: str) -> None:
        """Undo a correction: what was there before counts again.

        Raises:
            FormError: there is no such correction, or it was undone before.
        """
        table = self._tables.corrections
        with self._database.writing() as connection:
            row = connection.execute(table.select().where(table.c.id == correction)).first()
            undone = connection.execute(table.select().where(table.c.undoes == correction)).first()
            if row is None or row.undoes is not None or undone is not None:
                raise FormError(f"there is no correction {correction} to undo: it may be undone already")
            undoing = Correction(Page(row.sha256, row.page), row.field, row.value, by, row.shown, row.task)
            self._insert(connection, undoing, correction)

    def known_pages(self, template: str) -> set[Page]:
        """The pages that were read with a template, also those that were rejected."""
        table = self._tables.sheets
        with self._database.reading() as connection:
            rows = connection.execute(
                self._sql.select(table.c.sha256, table.c.page).where(table.c.template == template)
            )
            return {Page(row.sha256, row.page) for row in rows if row.sha256 is not None}

    def sheets(self) -> list[StoredSheet]:
        """Each page as it was read last, in the order in which pages were read first."""
        tables = self._tables
        with self._database.reading() as connection:
            rows = list(connection.execute(tables.sheets.select().order_by(tables.sheets.c.id)))
            newest: dict[Any, Any] = {}
            for row in rows:
                newest[Page(row.sha256, row.page) if row.sha256 else (row.source, row.page)] = row
            corrections = self._current_corrections(connection)
            values = self._values(connection, corrections, {row.id: row for row in newest.values()})
        return [_sheet(row, values.get(row.id, {})) for row in newest.values()]

    def crop(self, reading: int) -> bytes | None:
        """The picture of a field without print, as PNG; None if there is none."""
        table = self._tables.readings
        with self._database.reading() as connection:
            found = connection.execute(self._sql.select(table.c.crop).where(table.c.id == reading)).scalar()
            return None if found is None else bytes(found)

    def template_text(self, sha256: str) -> str | None:
        """The text of a template with which sheets were read."""
        table = self._tables.templates
        with self._database.reading() as connection:
            found = connection.execute(self._sql.select(table.c.text).where(table.c.sha256 == sha256)).scalar()
            return None if found is None else str(found)

    def _values(
        self, connection: Any, corrections: dict[Any, Any], sheets: dict[int, Any]
    ) -> dict[int, dict[str, Value]]:
        table = self._tables.readings
        columns = [column for column in table.c if column.name not in {"crop", "digits"}]
        found: dict[int, dict[str, Value]] = {}
        for row in connection.execute(self._sql.select(*columns).order_by(table.c.id)):
            if (sheet := sheets.get(row.sheet)) is None:
                continue
            correction = corrections.get((sheet.sha256, sheet.page, row.field))
            value = Value(row.id, row.field, row.value, row.state, row.confidence, row.problem, None)
            if correction is not None:
                state = "filled" if correction.value else "empty"
                about = correction.id, correction.task, correction.shown
                value = Value(row.id, row.field, correction.value, state, 1.0, None, *about)
            found.setdefault(row.sheet, {})[row.field] = value
        return found

    def _current_corrections(self, connection: Any, page: Page | None = None) -> dict[Any, Any]:
        """The newest correction of each field that was not undone; of one page, or of all."""
        table = self._tables.corrections
        query = table.select().order_by(table.c.id)
        if page is not None:
            query = query.where(table.c.sha256 == page.sha256, table.c.page == page.page)
        rows = list(connection.execute(query))
        undone = {row.undoes for row in rows if row.undoes is not None}
        return {(row.sha256, row.page, row.field): row for row in rows if row.undoes is None and row.id not in undone}

    def _insert(self, connection: Any, correction: Correction, undoes: int | None = None) -> int:
        page, field, value, by, shown, task = correction
        row = page._asdict() | {"field": field, "value": value, "shown": shown, "task": task, "undoes": undoes}
        row |= {"corrected_at": now(), "corrected_by": by}
        return int(connection.execute(self._tables.corrections.insert().values(row)).inserted_primary_key[0])

    def _add_template(self, connection: Any, template: Template, by: str) -> None:
        table = self._tables.templates
        if connection.execute(table.select().where(table.c.sha256 == template.sha256)).first() is None:
            row = {"sha256": template.sha256, "text": template.text, "added_at": now(), "added_by": by}
            connection.execute(table.insert().values(row))

    def _open(self, form: str) -> None:
        """Bring the database to the newest version, and check whose it is."""
        with self._database.reading() as connection:
            found = self._tables.version_of(connection)
            self._tables.check_version(found, self.name)
        if found < len(self._tables.MIGRATIONS):
            with self._database.writing() as connection:
                self._tables.migrate(connection, now(), self.name)
        self._check_form(form)

    def _check_form(self, form: str) -> None:
        table = self._tables.forms
        with self._database.reading() as connection:
            found = connection.execute(self._sql.select(table.c.name).order_by(table.c.id)).scalar()
        if found is None:
            with self._database.writing() as connection:
                connection.execute(table.insert().values(name=form, created_at=now()))
        elif found != form:
            raise FormError(
                f"the database {self.name} holds sheets of the form {found!r}, and the template is of {form!r}: give "
                "each form a database of its own, or its name back"
            )


def now() -> str:
    """This moment, in UTC, as ISO 8601."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def user_name() -> str:
    """The name of the user of this process, for the records."""
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "unknown"


def _sheet(row: Any, values: dict[str, Value]) -> StoredSheet:
    matrix = None if row.matrix is None else json.loads(row.matrix)
    return StoredSheet(row.id, row.source, Page(row.sha256 or "", row.page), row.template, row.problem, values, matrix)


def _row(sheet: int, one: FieldReading) -> dict[str, Any]:
    return {
        "sheet": sheet,
        "field": one.name,
        "value": one.value,
        "written": one.written,
        "state": one.state,
        "confidence": one.confidence,
        "problem": one.problem,
        "crop": cv2.imencode(".png", one.crop)[1].tobytes() if one.crop.size else None,
        "digits": one.digits.tobytes(),
    }
