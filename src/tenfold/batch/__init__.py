"""Boxes of scans to tables: `run`, and `BatchReader` for Ray, Spark and Dask. Loaded at first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenfold.batch.batch_reader import BatchReader
    from tenfold.batch.batch_run import Summary, run
    from tenfold.batch.records import Record

_HOME = {"BatchReader": "batch_reader", "Record": "records", "Summary": "batch_run", "run": "batch_run"}

__all__ = ["BatchReader", "Record", "Summary", "run"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'tenfold.batch' has no attribute {name!r}")
    value = getattr(import_module(f"tenfold.batch.{_HOME[name]}"), name)
    globals()[name] = value
    return value
