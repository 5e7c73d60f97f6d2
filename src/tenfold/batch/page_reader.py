"""Read one file or one page of it -> rows. Any file ends in rows; documents first tell how many pages they have.

Runs in worker processes. Does not know processes, journals or files of results.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

import tenfold
from tenfold.batch.inputs import Source
from tenfold.batch.records import Origin, Record, shown
from tenfold.batch.remote_files import Stamp, copied, is_address, stamp_at
from tenfold.errors import DataError, PictureError
from tenfold.io.documents import open_document
from tenfold.io.image_files import read_bytes
from tenfold.networks import serialization
from tenfold.networks.registry import packaged_folder

if TYPE_CHECKING:
    from tenfold.io.documents import Document
    from tenfold.io.image_files import Picture
    from tenfold.recognition.numbers.expected import Expected
    from tenfold.recognition.reader import Reader

MEMORY = 2 << 30  # bytes of a worker process on Linux: a hostile file cannot take the machine's memory
PIECE = 1 << 20  # bytes that are hashed at a time
CHANGED = "The file changed while it was read: read it again."


@dataclass(frozen=True)
class Settings:
    """How pages are read; all runs that share a journal have the same.

    Attributes:
        network: the name or folder of the network.
        number: read numbers instead of single digits.
        min_confidence: 0..1; readings below need review.
        expected: what each number must be; None for anything.
    """

    network: str
    number: bool
    min_confidence: float
    expected: Expected | None = None

    def __post_init__(self) -> None:
        if self.expected and not self.number:
            raise DataError(f"{self.expected} can be expected of numbers only: read numbers")

    def identity(self) -> dict[str, Any]:
        """The settings as JSON."""
        conditions = self.expected.as_dict() if self.expected else None
        return {"network": self.network, "number": self.number, "min_confidence": self.min_confidence} | {
            "expected": conditions
        }


class Page(NamedTuple):
    """What is to be read.

    Attributes:
        place: of the file among all, from 0.
        source: the file.
        number: a page of a document, from 1; None for the whole file.
        stamp, sha256: of the document, as they were when its pages were counted.
    """

    place: int
    source: Source
    number: int | None = None
    stamp: Stamp | None = None
    sha256: str | None = None


class Outcome(NamedTuple):
    """What became of a page.

    Attributes:
        records: its rows; none for a document as a whole.
        stamp: of its file; None if there is none.
        sha256: of its file, if it could be read.
        pages: the number of pages that are to be read instead, for a document.
    """

    records: list[Record]
    stamp: Stamp | None = None
    sha256: str | None = None
    pages: int | None = None


def default_min_confidence(number: bool) -> float:
    """The confidence above which 99.5 % of readings of validation pictures are right; 1 if it was never measured."""
    card = serialization.card(packaged_folder("lines" if number else "digits"))
    return float(card.get("review", {}).get("min_confidence", 1.0))


def stamp_of(source: Source) -> Stamp | None:
    """The stamp of a file; None if it cannot be found."""
    if source.stamp is not None:
        return source.stamp
    if source.content is not None:
        return _stamp_of_content(source.content)
    with contextlib.suppress(PictureError, OSError, ValueError):
        return stamp_at(source.path) if is_address(source.path) else _stamp(os.stat(source.path))
    return None


def origin_of(page: Page, settings: Settings, sha256: str | None = None) -> Origin:
    """What the rows of a page have in common."""
    network, least = os.path.basename(settings.network.rstrip("/\\")), settings.min_confidence
    return Origin(shown(page.source.path), page.number, sha256 or page.sha256, network, tenfold.__version__, least)


class PageReader:
    """Reads pages with networks that are loaded once.

    Args:
        settings: how they are read.

    Raises:
        NetworkError: the network does not exist, or its files are damaged.
    """

    def __init__(self, settings: Settings) -> None:
        from tenfold.recognition.reader import Reader

        self._settings = settings
        self._reader: Reader = Reader(settings.network)
        self._records(Page(0, Source("")), np.full((28, 28), 255, np.uint8), None)  # loads what is loaded at first use
        self._last: tuple[str, Stamp, Document] | None = None  # the document whose page was read last

    def __call__(self, page: Page) -> Outcome:
        """Read a page, a picture, or the number of pages of a document; every failure is a row."""
        try:
            return self._document_page(page, page.number) if page.number else self._file(page)
        except PictureError as error:
            problem = str(error)
        except MemoryError:
            problem = "It needs more memory than a worker may take: save it smaller."
        except OSError as error:
            problem = f"The file cannot be read ({error.strerror or error})."
        except Exception as error:  # noqa: BLE001 (libraries that decode raise nearly anything on hostile bytes)
            problem = f"It cannot be read ({type(error).__name__}: {' '.join(str(error).split())})."
        return Outcome([origin_of(page, self._settings).failure(problem)], stamp_of(page.source))

    def close(self) -> None:
        """Close the document whose page was read last."""
        if self._last is not None:
            self._last[2].close()
            self._last = None

    def _file(self, page: Page) -> Outcome:
        if page.source.problem is not None:
            raise PictureError(page.source.problem)
        file, stamp = opened(page.source)
        with file:
            document = open_document(file)
            file.seek(0)
            if document is not None:
                with contextlib.closing(document):
                    return Outcome([], stamp, sha256_of(file), document.pages)
            data, _ = read_bytes(file)
        sha256 = hashlib.sha256(data).hexdigest()
        return Outcome(self._records(page, data, sha256), stamp, sha256)

    def _document_page(self, page: Page, number: int) -> Outcome:
        records = self._records(page, self._document(page).pixels(number), page.sha256)
        if stamp_of(page.source) != page.stamp:
            raise PictureError(CHANGED)
        return Outcome(records, page.stamp, page.sha256)

    def _document(self, page: Page) -> Document:
        """The document of a page, which stays open for the next page."""
        if self._last is not None and self._last[:2] == (page.source.path, page.stamp):
            return self._last[2]
        self.close()
        with contextlib.ExitStack() as stack:
            file, stamp = opened(page.source)
            stack.enter_context(file)
            document = open_document(file) if stamp == page.stamp else None
            if document is None:
                raise PictureError(CHANGED)
            stack.pop_all()  # the document closes it
        self._last = (page.source.path, stamp, document)
        return document

    def _records(self, page: Page, picture: Picture, sha256: str | None) -> list[Record]:
        origin = origin_of(page, self._settings, sha256)
        try:
            if self._settings.number:
                return origin.of_number(self._reader.read_expected(picture, self._settings.expected))
            return [origin.of_digit(self._reader.read(picture))]
        except PictureError as error:
            return [origin.failure(str(error))]


def page_reader(settings: Settings) -> PageReader:
    """A `PageReader` in a process of its own, whose memory is limited."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # only Unix knows limits, and a lower one may be set
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    return PageReader(settings)


def setup_of(settings: Settings) -> functools.partial[PageReader]:
    """What `tenfold.parallel.WorkerPool` calls in each process."""
    return functools.partial(page_reader, settings)


def opened(source: Source) -> tuple[BinaryIO, Stamp]:
    """A file, open and with its stamp. Devices and pipes are refused: they may never end."""
    if source.content is not None:
        return io.BytesIO(source.content), _stamp_of_content(source.content)
    if is_address(source.path):
        return copied(source.path)
    if not stat.S_ISREG(os.stat(source.path).st_mode):
        raise PictureError("It is not an ordinary file: give a picture or a document.")
    file = open(source.path, "rb")  # noqa: SIM115 (the caller closes it)
    return file, _stamp(os.fstat(file.fileno()))


def _stamp_of_content(content: bytes) -> Stamp:
    return Stamp(len(content), 0, 0)


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def sha256_of(file: BinaryIO) -> str:
    """The hash of an open file, in hexadecimal, read piece by piece."""
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()
