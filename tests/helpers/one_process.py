"""Process pools that work in this process: starting others takes seconds, and changes no result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tenfold import parallel


class _ThisProcess:
    """Stands in for `WorkerPool`."""

    def __init__(self, setup: Callable[[], Callable[[Any], Any]], *_: object) -> None:
        self.work = setup()

    def __enter__(self) -> _ThisProcess:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def in_order(self, tasks: Iterator[Any]) -> Iterator[Any]:
        return map(self.work, tasks)


@contextmanager
def one_process() -> Iterator[None]:
    """Inside the `with` block, `tenfold.parallel` starts no processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "WorkerPool", _ThisProcess)
        yield
