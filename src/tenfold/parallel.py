"""An ordered process pool."""

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
    """The results of all tasks, in their order, computed on all processors.

    Args:
        work: a function of a module.
        tasks: what it is called with, all of about one size.
        total: what the callback is told that there is in all.
        callback: called with what is done and what there is in all.
    """
    blocks: list[Result] = []
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), _exit_with_parent) as processes:
        for block in processes.map(work, tasks):
            blocks.append(block)
            if callback is not None:
                callback(round(total * len(blocks) / len(tasks)), total)
    return blocks


def _exit_with_parent() -> None:
    """Have this process end when the one that began it was killed: it would wait for tasks for ever."""

    def wait() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def worker_rng(seed: tuple[int, int, int]) -> np.random.Generator:
    """The random numbers of a task in a process of its own."""
    cv2.setNumThreads(1)  # of this process; its sisters have the other processors
    return np.random.default_rng(seed)
