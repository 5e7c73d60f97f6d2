"""`BatchReader`: a table of files in, a table of rows out. It is what Ray, Spark and Dask map over their data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.batch.inputs import Source
from tenfold.batch.local_engine import Plan, read_pages, worker_pool
from tenfold.batch.page_reader import Settings, default_min_confidence
from tenfold.batch.results import table_of
from tenfold.recognition.numbers.expected import expected

if TYPE_CHECKING:
    import pandas
    import pyarrow

    from tenfold.batch.records import Record
    from tenfold.parallel import WorkerPool


class BatchReader:
    """Reads the files of a table. The networks are loaded once, in a process of its own that survives any file.

    A file may have several rows in the result, one a page and line. Other columns of the table are repeated in them.

    Args:
        number: read numbers instead of single digits.
        network: the name or folder of the network that reads.
        min_confidence: 0..1; rows below need review. By default, as in `tenfold.batch.run`.
        column: the column of paths, or of addresses such as s3://bucket/scan.png. If the table has a column `bytes`,
            that is read instead, and the paths are only names.
        conditions: what is expected of each number, as in `tenfold.read_number`.

    Raises:
        DataError: the conditions cannot be met.
    """

    def __init__(
        self,
        number: bool = False,
        network: str | Path = "digits",
        min_confidence: float | None = None,
        column: str = "path",
        **conditions: Any,
    ) -> None:
        least = default_min_confidence(number) if min_confidence is None else min_confidence
        self._settings = Settings(str(network), number, least, expected(**conditions))
        self._column = column
        self._pool: WorkerPool | None = None

    def __call__(self, batch: Any) -> Any:
        """Read the files of a batch, as Ray's `map_batches` and Dask's `map_partitions` call it.

        Args:
            batch: a pandas table, a pyarrow table, or a dict of arrays.

        Returns:
            a pandas table for a pandas table, else a pyarrow table; its columns are those of `Record`, and those of
            the batch without paths and bytes.

        Raises:
            KeyError: the batch has no column of paths.
        """
        columns = {name: list(batch[name]) for name in _names(batch)}
        names = [str(name) for name in columns.pop(self._column)]
        contents = columns.pop("bytes", [None] * len(names))
        listed = (Source(name, content=_plain(content)) for name, content in zip(names, contents, strict=True))
        rows = self._rows(listed)
        table = table_of([record for _, record in rows])
        for name, values in columns.items():
            table = table.append_column(name, [[_plain(values[place]) for place, _ in rows]])
        return _as_pandas(table) if hasattr(batch, "iloc") else table

    def map_in_pandas(self, batches: Iterator[pandas.DataFrame]) -> Iterator[pandas.DataFrame]:
        """Read the files of pandas tables, one after the other, as Spark's `mapInPandas` calls it."""
        yield from map(self, batches)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_pool": None}  # each process that it is sent to starts its own

    def _rows(self, listed: Iterator[Source]) -> list[tuple[int, Record]]:
        """Each row with the place of its file, in order."""
        self._pool = self._pool or worker_pool(self._settings, jobs=1)
        found = [
            (page.place, page.number or 0, outcome.records)
            for page, outcome in read_pages(Plan(listed), self._pool, self._settings)
        ]
        return [
            (place, record)
            for place, _, records in sorted(found, key=lambda of_page: of_page[:2])
            for record in records
        ]


def _names(batch: Any) -> list[str]:
    return list(batch.column_names if hasattr(batch, "column_names") else batch.keys())


def _plain(value: Any) -> Any:
    """A value of a pyarrow table as Python knows it."""
    return value.as_py() if hasattr(value, "as_py") else value


def _as_pandas(table: pyarrow.Table) -> pandas.DataFrame:
    """A pandas table in which whole numbers may be missing."""
    import pandas as pd
    import pyarrow as pa

    kinds = {pa.int8(): pd.Int8Dtype(), pa.int32(): pd.Int32Dtype()}
    return table.to_pandas(types_mapper=kinds.get)
