"""Training images -> the same digits by other hands, on paper, photographed, found again: to train for real pictures.

Knows how the simulation's parts go together. Does not know networks.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from tenfold.hand import LARGE, rewritten
from tenfold.paper import photographed
from tenfold.picture import stages_of

Images = NDArray[np.uint8]

BLOCK = 500  # images of one task; each block has its own random numbers, so the number of processes does not show
ON_PAPER = 0.5  # share that goes through a photo
LOST = 25  # grey levels, on average over an image: a photo that changed more was not found again and is left out
KEPT = 0.95  # of the ink: where less is left of what was written, a stroke was lost, and so is the digit


def simulate(
    images: Images, labels: Images, copies: int, seed: int, callback: Callable[[int, int], None] | None = None
) -> Images:
    """Write every image again, `copies` times, each time differently.

    Args:
        images: `(n, 28, 28) uint8`, 0 paper .. 255 ink.
        labels: `(n,) uint8`, 0..9.
        copies: how many times.
        seed: of everything that varies; the same seed gives the same images on any number of processors.
        callback: called with the images done and the images in all.

    Returns:
        `(copies, n, 28, 28) uint8`.
    """
    starts = [(copy, first) for copy in range(copies) for first in range(0, len(images), BLOCK)]
    tasks = [(images[i : i + BLOCK], labels[i : i + BLOCK], (seed, copy, i)) for copy, i in starts]
    result = np.empty((copies, *images.shape), np.uint8)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
        for done, ((copy, first), block) in enumerate(zip(starts, processes.map(_block, tasks), strict=True), start=1):
            result[copy, first : first + len(block)] = block
            if callback is not None:
                callback(min(done * BLOCK, copies * len(images)), copies * len(images))
    return result


def _block(task: tuple[Images, Images, tuple[int, int, int]]) -> Images:
    import cv2

    cv2.setNumThreads(1)
    images, labels, seed = task
    rng = np.random.default_rng(seed)
    return np.stack([_again(image, int(label), rng) for image, label in zip(images, labels, strict=True)])


def _again(image: NDArray[np.uint8], label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    written = rewritten(image, label, rng)
    margin = LARGE // 14
    stages = stages_of(np.pad(np.rint(written * 255).astype(np.uint8), margin))
    clean = stages.image if stages.strokes.sum() > KEPT * stages.ink.sum() else image
    if rng.random() > ON_PAPER:
        return clean
    width = int(math.exp(rng.uniform(math.log(28), math.log(200))))
    found = stages_of(photographed(written, rng, int(width * rng.uniform(1, 1.3)), width)).image
    return found if np.abs(found.astype(np.int16) - clean).mean() < LOST else clean
