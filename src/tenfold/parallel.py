"""An ordered process pool for synthesis. Workers seed their own generator and end with their parent."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

import cv2
import numpy as np

Result = TypeVar("Result")


def map_in_processes(
    work: Callable[[Any], Result], tasks: list[Any], total: int, callback: Callable[[int, int], None] | None
) -> list[Result]:
    """Compute the results of all tasks, in order, on all processors.

    Args:
        work: a function defined at the top of a module, so that workers can import it.
        tasks: the arguments of its calls; they should take about equally long.
        total: the total that the callback is given.
        callback: called with the amount done and the total.
    """
    blocks: list[Result] = []
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), _exit_with_parent) as processes:
        for block in processes.map(work, tasks):
            blocks.append(block)
            if callback is not None:
                callback(round(total * len(blocks) / len(tasks)), total)
    return blocks


def _exit_with_parent() -> None:
    """Exit when the parent process dies; otherwise workers would wait for tasks forever."""

    def wait() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def worker_rng(seed: tuple[int, int, int]) -> np.random.Generator:
    """The seeded random generator of one worker task."""
    cv2.setNumThreads(1)  # in this process; the other workers use the other processors
    return np.random.default_rng(seed)
