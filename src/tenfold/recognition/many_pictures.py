"""Read many pictures in order, in this process or on several. Does not know files of several pages, or tables."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from tenfold.errors import DataError, PictureError
from tenfold.io.image_files import loaded
from tenfold.parallel import Lost, WorkerPool, available_processors
from tenfold.recognition.results import NumberReading, Reading, failed_number_reading, failed_reading

if TYPE_CHECKING:
    from tenfold.io.image_files import Picture
    from tenfold.networks.classifier import Classifier
    from tenfold.recognition.numbers.expected import Expected
    from tenfold.recognition.reader import Reader

Answer: TypeAlias = Reading | NumberReading

FEW = 16  # pictures that are read before processes are started: they would take longer to start
SECONDS = 120  # for one picture, in a process of its own; the largest take about ten


class Way(NamedTuple):
    """How pictures are read.

    Attributes:
        reader: who reads them.
        number: True to read numbers instead of single digits.
        expected: what each number must be; None for anything.
    """

    reader: Reader
    number: bool
    expected: Expected | None = None


def read_in_order(way: Way, pictures: Iterable[Picture], jobs: int | None) -> Iterator[Answer]:
    """The readings of pictures, in order; see `Reader.read_many`."""
    if jobs is not None and jobs < 1:
        raise DataError(f"jobs is {jobs}: it must be 1 or more")
    if way.expected and not way.number:
        raise DataError(f"{way.expected} can be expected of numbers only: read with number=True")
    return _readings(way, iter(pictures), jobs)


def read_or_report(way: Way, picture: Picture) -> Answer:
    """The reading of one picture; if it cannot be decoded, its `problem` says why."""
    try:
        return way.reader.read_expected(picture, way.expected) if way.number else way.reader.read(picture)
    except PictureError as error:
        return _failed(way.number, str(error))


def _readings(way: Way, pictures: Iterator[Picture], jobs: int | None) -> Iterator[Answer]:
    here = partial(read_or_report, way)
    if jobs is None:
        yield from map(here, islice(pictures, FEW))
        jobs = available_processors()
    if jobs == 1:
        yield from map(here, pictures)
        return
    first = list(islice(pictures, 1))
    if not first:
        return
    with WorkerPool(partial(_set_up, way), jobs, SECONDS) as pool:
        for result in pool.in_order(map(_portable, chain(first, pictures))):
            if isinstance(result, Lost):
                yield _failed(way.number, f"The picture {result.reason}.")
            else:
                yield _unpacked(result, way.reader.network)


def _failed(number: bool, problem: str) -> Answer:
    return failed_number_reading(problem) if number else failed_reading(problem)


def _portable(picture: Picture) -> Any:
    """A picture that can be sent to another process, or the error that says why it is not a picture."""
    try:
        return loaded(picture)
    except PictureError as error:
        return error


def _set_up(way: Way) -> Callable[[Any], bytes]:
    return partial(_read_portable, way)


def _read_portable(way: Way, picture: Any) -> bytes:
    if isinstance(picture, PictureError):
        return _packed(_failed(way.number, str(picture)), way.reader.network)
    return _packed(read_or_report(way, picture), way.reader.network)


class _Packer(pickle.Pickler):
    """Leaves out the network, which both processes have: it would take longer to send than the picture to read."""

    def __init__(self, file: io.BytesIO, network: Classifier) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._network = network

    def persistent_id(self, value: Any) -> str | None:
        return "network" if value is self._network else None


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, network: Classifier) -> None:
        super().__init__(file)
        self._network = network

    def persistent_load(self, _: str) -> Classifier:
        return self._network


def _packed(answer: Answer, network: Classifier) -> bytes:
    file = io.BytesIO()
    _Packer(file, network).dump(answer)
    return file.getvalue()


def _unpacked(data: bytes, network: Classifier) -> Answer:
    answer: Answer = _Unpacker(io.BytesIO(data), network).load()
    return answer
