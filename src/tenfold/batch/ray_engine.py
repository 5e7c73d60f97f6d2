"""Pages read on a Ray cluster. Scheduling, retries and progress are Ray's; `BatchReader` is what it maps."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tenfold.batch.batch_reader import BatchReader
from tenfold.batch.inputs import Source
from tenfold.batch.local_engine import Plan
from tenfold.batch.page_reader import Outcome, Page, Settings, origin_of, stamp_of
from tenfold.batch.records import Record
from tenfold.batch.remote_files import file_system, is_address
from tenfold.batch.results import record_of, schema, table_of
from tenfold.errors import OutputError, TenfoldError

if TYPE_CHECKING:
    import ray.data

FILES = 16  # that one call reads
PLACE = "place"  # the column that tells which file a row is of


def read_on_ray(
    plan: Plan, settings: Settings, address: str | None, jobs: int | None
) -> Iterator[tuple[Page, Outcome]]:
    """Read the files of a plan; each with all its rows, documents included, in order.

    Args:
        plan: what is to be read. It is listed before the first file is read.
        settings: how it is read.
        address: of the cluster; None for that of the environment, or a new one on this machine.
        jobs: how many processes read; None for as many as the cluster has processors.

    Raises:
        TenfoldError: Ray is not installed, or the cluster cannot be reached, or has failed.
    """
    pages = {page.place: page._replace(stamp=stamp_of(page.source)) for page in plan}
    with _reported(address):
        rows = _dataset(list(pages.values()), settings, address, jobs).iter_rows()
        for place, of_file in groupby(rows, key=lambda row: int(row[PLACE])):
            page = pages.pop(place)
            yield page, Outcome([record_of(row) for row in of_file], page.stamp)
    for page in pages.values():
        problem = page.source.problem or "The cluster gave no answer."
        yield page, Outcome([origin_of(page, settings).failure(problem)])


def write_parts(
    listed: Iterable[Source], out: str, settings: Settings, address: str | None, jobs: int | None, force: bool
) -> Iterator[Record]:
    """Read files, and write their rows as Parquet files in a folder or at an address; then gives all rows.

    Raises:
        OutputError: there are parts already, or they cannot be written.
        TenfoldError: as in `read_on_ray`.
    """
    from pyarrow import ArrowException, dataset, fs

    files, folder = file_system(out) if is_address(out) else (fs.LocalFileSystem(), os.path.abspath(out))
    with _reported(address):
        if _has_parts(files, folder) and not force:
            raise OutputError(f"{out!r} holds results already: choose another name, or overwrite them with --force")
        pages = [Page(place, source) for place, source in enumerate(listed)]
        rows = _dataset(pages, settings, address, jobs).drop_columns([PLACE])
        rows.write_parquet(folder, filesystem=files, mode="overwrite" if force else "append")
        if problems := [
            origin_of(page, settings).failure(page.source.problem) for page in pages if page.source.problem
        ]:
            import ray.data

            ray.data.from_arrow(table_of(problems)).write_parquet(folder, filesystem=files, mode="append")
    try:
        for batch in dataset.dataset(folder, schema(), filesystem=files, format="parquet").to_batches():
            yield from map(record_of, batch.to_pylist())
    except (ArrowException, OSError) as error:
        raise OutputError(f"the results in {out!r} cannot be read back ({error})") from error


def _has_parts(files: Any, folder: str) -> bool:
    from pyarrow import fs

    found = files.get_file_info(fs.FileSelector(folder, allow_not_found=True))
    return any(entry.path.endswith(".parquet") for entry in found)


def _dataset(pages: list[Page], settings: Settings, address: str | None, jobs: int | None) -> ray.data.Dataset:
    """The rows of files, computed when they are asked for."""
    import ray
    import ray.data

    _connect(address)
    files = [{"path": page.source.path, PLACE: page.place} for page in pages if page.source.problem is None]
    if not files:
        return ray.data.from_arrow(table_of([]).append_column(PLACE, [[]]))
    most = jobs or max(1, int(ray.cluster_resources().get("CPU", 1)))
    listed = ray.data.from_items(files, override_num_blocks=min(len(files), max(most, len(files) // FILES)))
    listed.context.execution_options.preserve_order = True
    arguments = {"number": settings.number, "network": settings.network, "min_confidence": settings.min_confidence}
    if settings.expected:
        arguments |= settings.expected.as_dict()
    return listed.map_batches(
        BatchReader,
        fn_constructor_kwargs=arguments,
        batch_size=FILES,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=most),
        num_cpus=1,
    )


def _connect(address: str | None) -> None:
    """Join the cluster, unless this process has joined one. Ray's usage statistics are switched off."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    if not ray.is_initialized():
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)


@contextmanager
def _reported(address: str | None) -> Iterator[None]:
    """Turn the errors of Ray into one."""
    try:
        from ray.exceptions import RayError
    except ImportError as error:
        raise TenfoldError("The engine ray needs Ray: pip install 'ray[data]'.") from error
    try:
        yield
    except (RayError, ConnectionError, TimeoutError) as error:
        where = f"of {address!r} " if address else ""
        raise TenfoldError(
            f"the Ray cluster {where}has failed ({' '.join(str(error).split())[:300]}): see that it runs"
        ) from error
