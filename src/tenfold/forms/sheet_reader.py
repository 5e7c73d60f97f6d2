"""A picture of a sheet -> where the form lies in it, and what is written in each field. Does not know databases."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import tenfold
from tenfold.arrays import Grey
from tenfold.batch.page_reader import opened, sha256_of
from tenfold.batch.records import shown
from tenfold.errors import FormError, PictureError
from tenfold.forms.field_crops import cut_field
from tenfold.forms.field_reading import FieldReading, is_faded, read_field
from tenfold.forms.registration.alignment import BlankForm
from tenfold.forms.registration.features import Matrix
from tenfold.forms.template import Template
from tenfold.io.documents import open_document
from tenfold.io.image_files import grey_pixels, read_bytes

if TYPE_CHECKING:
    from tenfold.batch.inputs import Source
    from tenfold.io.image_files import Picture

SIDE = 2200  # pixels of the longer side to which a scan may be reduced, by a whole factor: 188 dpi on A4
BLANK_SIDE = 12_000  # pixels of a blank form, which is not reduced: boxes are in its pixels


@dataclass(frozen=True, eq=False)
class SheetReading:
    """A sheet.

    Attributes:
        fields: what is written in each field, in the order of the template; empty for a rejected sheet.
        problem: None, or one sentence: why the sheet is rejected.
        print_found: 0..1, how much of the print of the form was found.
        matrix: `(3, 3) float64`, from pixels of the blank form to pixels of the picture.
        source: the file; "" for a picture that was not read from a file.
        page: the page of a document, from 1; None for a picture.
        sha256: of the file, in hexadecimal; None if it could not be read.
        network: the network that read it.
        version: the version of tenfold.
    """

    fields: tuple[FieldReading, ...]
    problem: str | None
    print_found: float = 0.0
    matrix: Matrix = field(repr=False, default_factory=lambda: np.eye(3))
    source: str = ""
    page: int | None = None
    sha256: str | None = None
    network: str = ""
    version: str = tenfold.__version__

    @property
    def values(self) -> dict[str, str]:
        """The value of each field."""
        return {one.name: one.value for one in self.fields}


class SheetTask(NamedTuple):
    """A page that may be a sheet.

    Attributes:
        source: its file.
        page: in a document, from 1; None for a picture.
        sha256: of the file; None if it cannot be read.
        problem: None, or why the file cannot be read.
    """

    source: Source
    page: int | None = None
    sha256: str | None = None
    problem: str | None = None


class SheetReader:
    """Reads sheets of one form, with networks that are loaded once.

    Args:
        template: of the form.
        blank: `(h, w) uint8`, its blank page.
        network: the name or folder of the network that reads single digits.

    Raises:
        FormError: a box reaches beyond the blank form, or the form has too little print.
        NetworkError: the network does not exist, or its files are damaged.
    """

    def __init__(self, template: Template, blank: Grey, network: str = "digits") -> None:
        from tenfold.recognition.reader import Reader

        template.check_boxes(blank.shape[1], blank.shape[0])
        self._template, self._network = template, network
        self._blank = BlankForm(template.name, blank)
        self._reader = Reader(network)

    def __call__(self, task: SheetTask) -> SheetReading:
        """Read a page; every failure is a rejected sheet."""
        known: dict[str, Any] = {"source": shown(task.source.path), "page": task.page, "sha256": task.sha256}
        known["network"] = os.path.basename(self._network.rstrip("/\\"))
        if task.problem is not None:
            return SheetReading((), task.problem, **known)
        try:
            return replace(self.read(page_pixels(task)), **known)
        except (PictureError, OSError) as error:
            return SheetReading((), f"The page cannot be read: {error}", **known)
        except MemoryError:
            return SheetReading((), "The page needs more memory than there is: save it smaller.", **known)

    def read(self, picture: Picture) -> SheetReading:
        """Read a picture of a sheet, in whatever orientation.

        Raises:
            PictureError: it is not a picture, is damaged, or is over a limit.
        """
        grey = grey_pixels(picture, SIDE)
        found = self._blank.align(grey)
        if found.problem is not None:
            return SheetReading((), found.problem, found.found)
        crops = [cut_field(one.box, self._blank.page, grey, found.matrix) for one in self._template.fields]
        faded = is_faded(crops)
        fields = [
            read_field(one, crop, self._reader, faded) for one, crop in zip(self._template.fields, crops, strict=True)
        ]
        return SheetReading(tuple(fields), None, found.found, found.matrix)


def sheet_reader(template: Template, blank: Grey, network: str) -> functools.partial[SheetReader]:
    """What `tenfold.parallel.WorkerPool` calls in each process."""
    return functools.partial(SheetReader, template, blank, network)


def tasks_of(sources: Iterable[Source]) -> Iterator[SheetTask]:
    """The pages of files, each document page by page."""
    for source in sources:
        try:
            if source.problem is not None:
                raise PictureError(source.problem)
            file, _ = opened(source)
            with file:
                sha256 = sha256_of(file)
                file.seek(0)
                document = open_document(file)
                if document is None:
                    yield SheetTask(source, None, sha256)
                    continue
                with contextlib.closing(document):
                    pages = document.pages
            yield from (SheetTask(source, number, sha256) for number in range(1, pages + 1))
        except (PictureError, OSError) as error:
            yield SheetTask(source, problem=f"The file cannot be read: {getattr(error, 'strerror', None) or error}")


def page_pixels(task: SheetTask, side: int = SIDE) -> Grey:
    """The pixels of a page, `(h, w) uint8`, reduced by a whole factor if its longer side has twice `side` pixels.

    Raises:
        PictureError: the page is damaged, or over a limit; or the file changed.
        OSError: the file cannot be opened.
    """
    file, _ = opened(task.source)
    with file:
        if task.page is None:
            data, _ = read_bytes(file)
            if task.sha256 is not None and hashlib.sha256(data).hexdigest() != task.sha256:
                raise PictureError("the file changed while it was read: read it again")
            return grey_pixels(data, side)
        document = open_document(file, side)
        if document is None or document.pages < task.page:
            raise PictureError(f"the file has no page {task.page}")
        with contextlib.closing(document):
            return document.pixels(task.page)


def blank_pixels(template: Template, folder: Path) -> Grey:
    """The pixels of the blank form of a template, `(h, w) uint8`, as many as its file has.

    Raises:
        FormError: it cannot be read.
    """
    from tenfold.batch.inputs import Source

    path = folder / template.blank
    try:
        if template.page is not None:
            return page_pixels(SheetTask(Source(str(path)), template.page), BLANK_SIDE)
        (task, *more) = tasks_of([Source(str(path))])
        if task.problem is not None:
            raise PictureError(task.problem)
        if more:
            raise PictureError(f"it has {len(more) + 1} pages: say which, as in {template.blank}#2")
        return page_pixels(task, BLANK_SIDE)
    except (PictureError, OSError) as error:
        raise FormError(f"the blank form {str(path)!r} cannot be read ({error}): put the picture there") from error
