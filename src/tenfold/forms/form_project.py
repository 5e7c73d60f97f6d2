"""`Form`: a form's folder with its template, blank page and database. What Python and the command line call."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.batch.inputs import sources
from tenfold.batch.results import check_format
from tenfold.errors import DataError, FormError, OutputError
from tenfold.forms import form_export
from tenfold.forms.database.form_records import Page, StoredSheet
from tenfold.forms.database.form_store import FILE as DATABASE
from tenfold.forms.database.form_store import FormStore, user_name
from tenfold.forms.printed_boxes import printed_boxes
from tenfold.forms.sheet_reader import SheetReader, SheetReading, SheetTask, blank_pixels, sheet_reader, tasks_of
from tenfold.forms.template import FILE, Template, load_template, parse_template, template_text
from tenfold.io.atomic_write import check_output, write_whole
from tenfold.parallel import Lost, WorkerPool

if TYPE_CHECKING:
    from tenfold.arrays import Grey
    from tenfold.io.image_files import Picture

SECONDS = 120  # for one page; an A4 page takes less than one


@dataclass
class FormSummary:
    """What a run of `Form.read` found.

    Attributes:
        sheets: how many were read.
        fields: how many fields of them are "empty", "filled" and "doubtful".
        to_review: how many fields need review: those that are doubtful, and those that are required and empty.
        rejected: pages that were not read, each with the reason.
        known: pages that were read with this template before, and were skipped.
        seconds: how long it took.
    """

    sheets: int = 0
    fields: dict[str, int] = field(default_factory=lambda: {"filled": 0, "empty": 0, "doubtful": 0})
    to_review: int = 0
    rejected: list[tuple[str, str]] = field(default_factory=list)
    known: int = 0
    seconds: float = 0.0

    @property
    def status(self) -> int:
        """The exit status: 0 nothing to review, 3 some fields are to be reviewed, 1 some pages were rejected."""
        return 1 if self.rejected else 3 if self.to_review else 0

    def add(self, reading: SheetReading) -> None:
        """Count a page."""
        if reading.problem is not None:
            self.rejected.append((page_name(reading), reading.problem))
            return
        self.sheets += 1
        for one in reading.fields:
            self.fields[one.state] += 1
            self.to_review += one.needs_review


class Form:
    """A form: its template, and the sheets that were read.

    Args:
        folder: with `form.toml`, the blank form, and the database unless there is a URL.
        database: the URL of a PostgreSQL database, such as "postgresql://user@host/survey"; by default, `form.sqlite`
            in the folder.
        network: the name or folder of the network that reads single digits.

    Raises:
        FormError: the template breaks a rule, or the blank form cannot be read.
    """

    def __init__(self, folder: str | os.PathLike[str], *, database: str | None = None, network: str = "digits") -> None:
        self.folder = Path(folder)
        self.template: Template = load_template(self.folder / FILE)
        self._database, self._network = database, network

    @classmethod
    def create(
        cls,
        folder: str | os.PathLike[str],
        blank: str | os.PathLike[str],
        *,
        name: str | None = None,
        page: int | None = None,
        force: bool = False,
    ) -> Form:
        """Make the folder of a form from its blank page. Printed boxes and combs become its first fields.

        Args:
            folder: that is made.
            blank: a picture, or a PDF.
            name: of the form; by default, that of the folder.
            page: the page of a PDF, from 1; only needed if it has several.
            force: overwrite the template of a form that exists; its records stay.

        Raises:
            OutputError: the folder cannot be made, or holds a form.
            FormError: the blank form cannot be read.
        """
        target, source = Path(folder), Path(blank)
        if (target / FILE).exists() and not force:
            raise OutputError(
                f"{str(target / FILE)!r} exists already: choose another folder, or overwrite it with --force"
            )
        file = f"blank{source.suffix.lower()}"
        shown_file = file if page is None else f"{file}#{page}"
        title = name or target.absolute().name
        pixels = blank_pixels(Template(title, source.name, page, ()), source.absolute().parent)
        try:
            target.mkdir(parents=True, exist_ok=True)
            if source.absolute() != (target / file).absolute():
                shutil.copyfile(source, target / file)
        except OSError as error:
            raise OutputError(f"{str(target)!r} cannot be written ({error.strerror}): choose another folder") from error
        text = template_text(title, shown_file, printed_boxes(pixels))
        parse_template(text)
        write_whole(target / FILE, text.encode())
        return cls(target)

    def read_sheet(self, picture: Picture) -> SheetReading:
        """Read a picture of one sheet, in whatever orientation, without storing it.

        Raises:
            PictureError: it is not a picture, is damaged, or is over a limit.
            FormError: the template does not fit the blank form.
        """
        self._check_fields()
        return self._reader.read(picture)

    def read(
        self,
        inputs: Iterable[str | os.PathLike[str]],
        *,
        again: bool = False,
        jobs: int | None = None,
        by: str | None = None,
        callback: Callable[[str, int, int], None] | None = None,
    ) -> FormSummary:
        """Read every page of files, folders, PDFs and TIFFs, and store what is on them.

        Args:
            inputs: as in `tenfold.batch.run`.
            again: also read pages that were read with this template before; corrections stay.
            jobs: how many processes read; by default, one a processor.
            by: who reads; by default, the name of the user.
            callback: called with what is done, how many pages are read, and how many are known.

        Returns:
            what was found. A page that is not a sheet of the form is rejected with the reason, and no error.

        Raises:
            FormError: the template does not fit the blank form, or the database cannot be used.
            DataError: `jobs` is less than 1.
        """
        if jobs is not None and jobs < 1:
            raise DataError(f"jobs is {jobs}: it must be 1 or more")
        started, summary, reader_name = time.monotonic(), FormSummary(), by or user_name()
        self._check_fields()
        known = set() if again else self.store.known_pages(self.template.sha256)
        tasks = list(self._new_tasks(tasks_of(sources(inputs)), known, summary))
        for done, reading in enumerate(self._readings(tasks, jobs), start=1):
            self.store.add_sheet(reading, self.template, reader_name)
            summary.add(reading)
            if callback is not None:
                callback("reading", done, len(tasks))
        summary.seconds = time.monotonic() - started
        return summary

    def sheets(self) -> list[StoredSheet]:
        """Each page as it was read last, with its corrections, in the order in which pages were read first.

        Raises:
            FormError: the database cannot be used.
        """
        return self.store.sheets()

    def correct(self, sheet: StoredSheet, name: str, value: str, by: str | None = None) -> int:
        """Correct or confirm the value of a field; returns the number of the correction, for `undo`.

        The correction stays when the sheet is read again.

        Args:
            sheet: one of `sheets()`.
            name: of the field.
            value: what is written there; "" for nothing.
            by: who corrects; by default, the name of the user.

        Raises:
            FormError: the form has no such field, or the database cannot be used.
        """
        if name not in {one.name for one in self.template.fields}:
            names = ", ".join(repr(one.name) for one in self.template.fields)
            raise FormError(f"the form has no field {name!r}: it has {names}")
        known = sheet.values.get(name)
        return self.store.correct(sheet.page, name, value, by or user_name(), shown=known.value if known else "")

    def undo(self, correction: int, by: str | None = None) -> None:
        """Undo a correction: what was there before counts again. The record of both stays.

        Raises:
            FormError: there is no such correction, it was undone before, or the database cannot be used.
        """
        self.store.undo(correction, by or user_name())

    def export(self, path: str | os.PathLike[str], *, force: bool = False) -> int:
        """Write the results, a row a sheet; returns how many rows there are.

        Columns are `sheet`, then for each field its value, `<field>_confidence` and `<field>_state`.

        Args:
            path: ends in .csv, .jsonl or .parquet.
            force: overwrite the file.

        Raises:
            OutputError: the file cannot be written, or exists.
            FormError: the database cannot be used.
        """
        target = Path(path)
        check_format(target)
        check_output(target)
        if os.path.lexists(target) and not force:
            raise OutputError(f"{str(target)!r} exists already: choose another name, or overwrite it with --force")
        rows = form_export.rows_of(self.template, self.sheets())
        form_export.write_rows(target, self.template, rows)
        return len(rows)

    def close(self) -> None:
        """Close the database."""
        if "store" in self.__dict__:
            self.store.close()
            del self.__dict__["store"]

    def __enter__(self) -> Form:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def blank(self) -> Grey:
        """The blank form, `(h, w) uint8`, 0 black .. 255 white."""
        return blank_pixels(self.template, self.folder)

    @cached_property
    def _reader(self) -> SheetReader:
        return SheetReader(self.template, self.blank, self._network)

    @cached_property
    def store(self) -> FormStore:
        """The database, opened at first use."""
        return FormStore(self._database or self.folder / DATABASE, self.template.name)

    def _check_fields(self) -> None:
        if not self.template.fields:
            raise FormError(
                f"{str(self.folder / FILE)!r} has no fields: add a [[field]] with a name and a box for each"
            )
        self.template.check_boxes(self.blank.shape[1], self.blank.shape[0])

    def _readings(self, tasks: list[SheetTask], jobs: int | None) -> Iterator[SheetReading]:
        """The sheets, in order; in this process if there is one job."""
        if jobs == 1 or len(tasks) < 2:
            yield from (self._reader(task) for task in tasks)
            return
        setup = sheet_reader(self.template, self.blank, self._network)
        with WorkerPool(setup, jobs, SECONDS) as pool:
            for task, result in zip(tasks, pool.in_order(iter(tasks)), strict=True):
                if isinstance(result, Lost):
                    lost = task._replace(problem=f"Reading it {result.reason}.")
                    yield self._reader(lost)
                else:
                    yield result

    def _new_tasks(self, tasks: Iterator[SheetTask], known: set[Page], summary: FormSummary) -> Iterator[SheetTask]:
        """The pages that are not known yet, each once."""
        for task in tasks:
            page = Page(task.sha256 or "", task.page or 0)
            if task.sha256 is not None and page in known:
                summary.known += 1
                continue
            known.add(page)
            yield task


def page_name(reading: SheetReading) -> str:
    """The file of a page, and its number in a document."""
    return f"{reading.source}#{reading.page}" if reading.page else reading.source
