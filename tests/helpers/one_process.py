"""Process pools that work in this process: starting others takes seconds, and changes no result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import pytest

from tenfold import parallel


class _ThisProcess:
    """Stands in for `ProcessPoolExecutor`."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> _ThisProcess:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(self, work: Callable[[Any], Any], tasks: list[Any]) -> Iterator[Any]:
        return map(work, tasks)


@contextmanager
def one_process() -> Iterator[None]:
    """Inside the `with` block, `tenfold.parallel` starts no processes."""
    threads = cv2.getNumThreads()  # workers set them
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parallel, "ProcessPoolExecutor", _ThisProcess)
            yield
    finally:
        cv2.setNumThreads(threads)
