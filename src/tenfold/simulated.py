"""Training images -> digits by other hands, and what is no digit, on paper, photographed, found again by `picture`.

Knows how the simulation's parts go together. Does not know networks.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.hand import LARGE, Plane, rewritten
from tenfold.notdigits import not_a_digit
from tenfold.paper import photographed
from tenfold.picture import stages_of

Images = NDArray[np.uint8]
Block = TypeVar("Block")

BLOCK = 500  # images of one task; each block has its own random numbers, so the number of processes does not show
ON_PAPER = 0.45  # share that goes through a photo
CROPPED = 0.15  # share that is scanned coarsely and cut out closely
FILLED = 0.17  # share that is stretched to fill a box
FILLED_ONES = 0.4  # of the ones: stretched they are blocks, which the network would take for things
LOST = 25  # grey levels, on average over an image: a photo that changed more was not found again and is left out
KEPT = 0.95  # of the ink: where less is left of what was written, a stroke was lost, and so is the digit


def simulate(
    images: Images, labels: Images, copies: int, seed: int, callback: Callable[[int, int], None] | None = None
) -> Images:
    """Write every image again, `copies` times, each time differently; some in another form of the same digit.

    Args:
        images: `(n, 28, 28) uint8`, 0 paper .. 255 ink.
        labels: `(n,) uint8`.
        copies: how many times.
        seed: of everything that varies; the same seed gives the same images on any number of processors.
        callback: called with the images done and the images in all.

    Returns:
        `(copies, n, 28, 28) uint8`.
    """
    starts = [(copy, first) for copy in range(copies) for first in range(0, len(images), BLOCK)]
    tasks = [(images[i : i + BLOCK], labels[i : i + BLOCK], (seed, copy, i)) for copy, i in starts]
    blocks = in_processes(_digits, tasks, copies * len(images), callback)
    return np.concatenate(blocks).reshape(copies, *images.shape)


def simulate_others(
    images: Images, labels: Images, count: int, seed: int, callback: Callable[[int, int], None] | None = None
) -> Images:
    """What `picture` makes of pictures that hold no single digit; arguments as of `simulate`.

    Returns:
        `(count, 28, 28) uint8`.
    """
    starts = range(0, count, BLOCK)
    tasks = [(images, labels, min(BLOCK, count - first), (seed, 1, first)) for first in starts]
    return np.concatenate(in_processes(_others, tasks, count, callback))


def in_processes(
    work: Callable[[Any], Block], tasks: list[Any], total: int, callback: Callable[[int, int], None] | None
) -> list[Block]:
    """The results of all tasks, in their order, computed on all processors.

    Args:
        work: a function of a module.
        tasks: what it is called with, all of about one size.
        total: what the callback is told that there is in all.
        callback: called with what is done and what there is in all.
    """
    blocks: list[Block] = []
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), _end_with_parent) as processes:
        for block in processes.map(work, tasks):
            blocks.append(block)
            if callback is not None:
                callback(round(total * len(blocks) / len(tasks)), total)
    return blocks


def _end_with_parent() -> None:
    """Have this process end when the one that began it was killed: it would wait for tasks for ever."""

    def wait() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def _digits(task: tuple[Images, Images, tuple[int, int, int]]) -> Images:
    images, labels, seed = task
    rng = alone(seed)
    return np.stack([_again(image, int(label), rng) for image, label in zip(images, labels, strict=True)])


def _others(task: tuple[Images, Images, int, tuple[int, int, int]]) -> Images:
    images, labels, count, seed = task
    rng = alone(seed)
    return np.stack([_other(images, labels, rng) for _ in range(count)])


def alone(seed: tuple[int, int, int]) -> np.random.Generator:
    """The random numbers of a task in a process of its own."""
    cv2.setNumThreads(1)  # of this process; its sisters have the other processors
    return np.random.default_rng(seed)


def _again(image: NDArray[np.uint8], label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    written = rewritten(image, label, rng)
    if rng.random() < (FILLED_ONES if label == 1 else FILLED):
        written = _filled(written, rng)
    stages = stages_of(_scanned(written))
    clean = stages.image if stages.strokes.sum() > KEPT * stages.ink.sum() else image
    way = rng.random()
    if way < ON_PAPER:
        found = _found_on_paper(written, rng)
    elif way < ON_PAPER + CROPPED:
        found = stages_of(_cropped(written, rng)).image
    else:
        return clean
    return found if np.abs(found.astype(np.int16) - clean).mean() < LOST else clean


def _filled(written: Plane, rng: np.random.Generator) -> Plane:
    """Stretched towards a square, half of them without slant, as old data sets have digits made to fill a box."""
    if rng.random() < 0.5:
        written = _without_slant(written)
    left, top, width, height = cv2.boundingRect((written > 0.25).astype(np.uint8))
    if not width:
        return written
    aspect = (width / height) ** rng.uniform(0, 0.9)
    side = 0.8 * LARGE / max(aspect, 1)
    size = (max(4, round(side * aspect)), max(4, round(side)))
    digit = written[top : top + height, left : left + width]
    if rng.random() < 0.5:  # scanned first, in a few rows of black and white: the edge is ragged where it is stretched
        rows = int(rng.integers(14, 33))
        few = cv2.resize(digit, (max(2, round(width * rows / height)), rows), interpolation=cv2.INTER_AREA)
        digit = (few > 0.4).astype(np.float32)
    stretched = cv2.resize(digit, size, interpolation=cv2.INTER_LINEAR)
    down, across = (LARGE - size[1]) // 2, (LARGE - size[0]) // 2
    plane = np.zeros_like(written)
    plane[down : down + size[1], across : across + size[0]] = stretched
    return plane


def _without_slant(written: Plane) -> Plane:
    """Without its slant: rows are moved until the ink's moments no longer lean."""
    moments = cv2.moments(written)
    if not moments["mu02"]:
        return written
    lean, middle = moments["mu11"] / moments["mu02"], moments["m01"] / moments["m00"]
    matrix = np.array([[1, lean, -lean * middle], [0, 1, 0]])  # from where each pixel comes
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(written, matrix, written.shape[::-1], flags=how), np.float32)


def _cropped(written: Plane, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Scanned coarsely and cut out close around the ink: 12 to 36 pixels high, often without any grey."""
    left, top, width, height = cv2.boundingRect((written > 0.25).astype(np.uint8))
    if not width:
        return _scanned(written)
    high = int(rng.integers(12, 37))
    size = (max(4, round(high * width / height)), high)
    small = cv2.resize(written[top : top + height, left : left + width], size, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        small = (small > 0.5).astype(np.float32)
    return np.pad(np.rint(small * 255).astype(np.uint8), [tuple(rng.integers(0, 4, 2)), tuple(rng.integers(0, 6, 2))])


def _other(images: Images, labels: Images, rng: np.random.Generator) -> NDArray[np.uint8]:
    while True:
        written = not_a_digit(images, labels, rng)
        found = stages_of(_scanned(written)).image if rng.random() > ON_PAPER else _found_on_paper(written, rng)
        if found.any():
            return found


def _scanned(written: Plane) -> NDArray[np.uint8]:
    return np.pad(np.rint(written * 255).astype(np.uint8), LARGE // 14)


def _found_on_paper(written: Plane, rng: np.random.Generator) -> NDArray[np.uint8]:
    width = int(math.exp(rng.uniform(math.log(28), math.log(200))))
    return stages_of(photographed(written, rng, int(width * rng.uniform(1, 1.3)), width)).image
