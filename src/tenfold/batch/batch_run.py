"""A batch run: inputs -> a file of results. Rows go to the journal as they arrive, and in the end to the results."""

from __future__ import annotations

import hashlib
import os
import re
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

import tenfold
from tenfold.batch.inputs import Source, sources
from tenfold.batch.journal import Journal
from tenfold.batch.local_engine import Plan, read_pages, worker_pool
from tenfold.batch.page_reader import Outcome, Page, Settings, default_min_confidence
from tenfold.batch.records import Record
from tenfold.batch.remote_files import is_address
from tenfold.batch.results import check_format, write_results
from tenfold.errors import DataError, OutputError
from tenfold.io.atomic_write import check_output
from tenfold.networks.registry import network_folder, packaged_folder
from tenfold.recognition.numbers.expected import expected

NUMBERS = re.compile(r"(?:\b[0-9a-f]{2} ){3,}[0-9a-f]{2}\b|\d+(?:[.,]\d+)*")  # bytes in hexadecimal, or decimal
MAX_REASONS = 1000  # different reasons that a summary tells apart


@dataclass
class Summary:
    """What a run found.

    Attributes:
        out: the file of results, or the folder of its parts.
        rows: how many it has.
        read: rows that were read with confidence.
        to_review: rows that a person should check.
        failed: rows of pages that could not be read.
        reasons: why rows are to be reviewed or failed, numbers left out, each with its count.
        seconds: how long the run took.
    """

    out: str
    rows: int = 0
    read: int = 0
    to_review: int = 0
    failed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def status(self) -> int:
        """The exit status: 0 everything was read with confidence, 3 some rows are to be reviewed, 1 some failed."""
        return 1 if self.failed else 3 if self.to_review else 0

    def add(self, record: Record) -> None:
        """Count a row."""
        self.rows += 1
        self.failed += record.failed
        self.to_review += record.needs_review and not record.failed
        self.read += not record.needs_review
        if record.needs_review:
            reason = NUMBERS.sub("#", record.problem or "Its confidence is below the least.")
            if reason in self.reasons or len(self.reasons) < MAX_REASONS:
                self.reasons[reason] += 1


def run(
    inputs: Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    files_from: str | os.PathLike[str] | None = None,
    number: bool = False,
    network: str | Path = "digits",
    min_confidence: float | None = None,
    jobs: int | None = None,
    resume: bool = False,
    force: bool = False,
    engine: Literal["local", "ray"] = "local",
    address: str | None = None,
    callback: Callable[[str, int, int], None] | None = None,
    **conditions: Any,
) -> Summary:
    """Read every page of files, folders, PDFs and TIFFs, and write a table: a row a digit, or a row a line of numbers.

    Args:
        inputs: files, folders, which are searched with all below, globs, and addresses such as s3://bucket/scans.
        out: the file of results: .csv, .jsonl or .parquet; on Ray also a folder, with a slash at its end, or an address
            of one, for Parquet files in parts. Runs in parts cannot be resumed.
        files_from: a file with one more file or folder a line; "-" is standard input.
        number: read numbers instead of single digits.
        network: the name or folder of the network that reads.
        min_confidence: 0..1; rows below need review. By default, the confidence above which 99.5 % of the readings of
            validation pictures are right.
        jobs: how many processes read; by default, one a processor.
        resume: continue an interrupted run; its results are those of a run that was not interrupted.
        force: overwrite results, and what is left of an interrupted run.
        engine: "local" for the processors of this machine, "ray" for those of a cluster.
        address: of the Ray cluster; None for the one of the environment, or a new one on this machine.
        callback: called with what is done, how many pages are read, and how many are known.
        conditions: what is expected of each number, as in `tenfold.read_number`.

    Returns:
        what was found. A page that cannot be read is a row with a problem, and no error.

    Raises:
        OutputError: the results cannot be written, or exist already, or another run writes them.
        DataError: the list of files cannot be opened, or an argument is out of range.
        NetworkError: the network does not exist, or its files are damaged.
    """
    started = time.monotonic()
    least = default_min_confidence(number) if min_confidence is None else min_confidence
    if not 0 <= least <= 1:
        raise DataError(f"min_confidence is {least}: it must lie within 0..1")
    settings = Settings(str(network), number, least, expected(**conditions))
    if jobs is not None and jobs < 1:
        raise DataError(f"jobs is {jobs}: it must be 1 or more")
    if engine not in {"local", "ray"}:
        raise DataError(f"engine is {engine!r}: it must be local or ray")
    summary = Summary(os.fspath(out))
    if engine == "ray" and (is_address(summary.out) or summary.out.endswith(("/", os.sep))):
        from tenfold.batch.ray_engine import write_parts

        listed = sources(inputs, files_from)
        for record in write_parts(listed, summary.out, settings, address, jobs, force):
            summary.add(record)
    else:
        target = Path(out)
        with _opened_journal(target, settings, resume, force) as journal:
            total = sum(1 for _ in sources(inputs, files_from)) if callback and str(files_from) != "-" else None
            pages = _Pages(journal, _without_results(sources(inputs, files_from), target), callback, total)
            on_ray = engine == "ray"
            read = (
                _read_on_ray(pages.plan, settings, address, jobs) if on_ray else _read_here(pages.plan, settings, jobs)
            )
            for page, outcome in read:
                pages.add(page, journal.add(page, outcome), outcome)
            write_results(target, _counted(journal.records(pages.places()), summary))
    summary.seconds = time.monotonic() - started
    return summary


class _Pages:
    """The pages of a run, and where the rows of those that are read are in the journal: 24 bytes each."""

    def __init__(
        self,
        journal: Journal,
        listed: Iterator[Source],
        callback: Callable[[str, int, int], None] | None,
        total: int | None,
    ) -> None:
        self.plan = Plan(listed, self._is_done)
        self._journal, self._callback = journal, callback
        self._total, self._done = total, 0
        self._numbers, self._sources, self._places = array("q"), array("q"), array("q")

    def add(self, page: Page, place: int, outcome: Outcome) -> None:
        """Take note of a page that is read, and of its place in the journal."""
        if outcome.pages is not None:
            if self._total is not None:
                self._total += outcome.pages - 1  # it was counted as one
            return
        self._numbers.append(page.number or 0)
        self._sources.append(page.place)
        self._places.append(place)
        self._done += 1
        if self._callback is not None:
            self._callback("reading", self._done, self._total or self._done)

    def places(self) -> Iterator[int]:
        """The places in the journal, in the order of the inputs."""
        if not self._places:
            return iter(())
        keys = np.frombuffer(self._numbers, np.int64), np.frombuffer(self._sources, np.int64)
        return (self._places[i] for i in np.lexsort(keys))

    def _is_done(self, page: Page) -> bool:
        """Whether an earlier run, or this one, has read a page; if so, its rows are taken over."""
        if (outcome := self._journal.find(page)) is None:
            return False
        if outcome.pages is not None:
            self.plan.add_pages(page, outcome)
        self.add(page, self._journal.place(page), outcome)
        return True


@contextmanager
def _opened_journal(target: Path, settings: Settings, resume: bool, force: bool) -> Iterator[Journal]:
    """The journal of a run, which is removed at the end of the `with` block, but not if that raises."""
    check_format(target)
    check_output(target)
    path = target.with_name(f"{target.name}.journal")
    exists, interrupted = os.path.lexists(target), os.path.lexists(path)
    if interrupted and not (resume or force):
        raise OutputError(
            f"an interrupted run left {str(path)!r}: continue it with --resume, or start again with --force"
        )
    if exists and not force and not (resume and interrupted):
        state = "exists already and is complete" if resume else "exists already"
        raise OutputError(f"{str(target)!r} {state}: choose another name, or overwrite it with --force")
    identity = settings.identity() | {"tenfold": tenfold.__version__, "networks": _sha256_of_networks(settings)}
    journal = Journal(path, identity, resume)
    complete = False
    try:
        yield journal
        complete = True
    finally:
        journal.close(remove=complete)


def _sha256_of_networks(settings: Settings) -> str:
    """The hash of the files of all networks that read."""
    digest = hashlib.sha256()
    for folder in (network_folder(settings.network), packaged_folder("lines")):
        for path in sorted(folder.glob("*.[no]*")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _without_results(listed: Iterator[Source], target: Path) -> Iterator[Source]:
    """The sources; the results themselves become a problem if they are among them."""
    real = os.path.realpath(target)
    for source in listed:
        if os.path.basename(source.path) == target.name and os.path.realpath(source.path) == real:
            yield Source(source.path, "This is the file of the results: leave it out.")
        else:
            yield source


def _read_here(plan: Plan, settings: Settings, jobs: int | None) -> Iterator[tuple[Page, Outcome]]:
    with worker_pool(settings, jobs) as pool:
        yield from read_pages(plan, pool, settings)


def _read_on_ray(
    plan: Plan, settings: Settings, address: str | None, jobs: int | None
) -> Iterator[tuple[Page, Outcome]]:
    from tenfold.batch.ray_engine import read_on_ray

    return read_on_ray(plan, settings, address, jobs)


def _counted(records: Iterator[Record], summary: Summary) -> Iterator[Record]:
    for record in records:
        summary.add(record)
        yield record
