"""Synthetic training data: MNIST digits in varied handwriting, and non-digits, rendered as photos and preprocessed.

The preprocessing is the same as for real pictures. Does not know networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.parallel import map_in_processes, worker_rng
from tenfold.preprocessing.digit_pipeline import preprocess_file
from tenfold.synthesis.degradation import simulate_photo
from tenfold.synthesis.handwriting import CANVAS_SIDE, Canvas, vary
from tenfold.synthesis.negatives import negative

Images = NDArray[np.uint8]
Block = TypeVar("Block")

BLOCK_SIZE = (
    500  # images of one task; each block has its own random numbers, so the number of processes does not matter
)
ON_PAPER = 0.45  # fraction rendered as photos
CROPPED = 0.15  # fraction scanned coarsely and cropped closely
STRETCHED = 0.17  # fraction stretched to fill a box
STRETCHED_ONES = 0.4  # fraction of ones; stretched ones are blocks, which the network would take for things
MAX_DIFFERENCE = 25  # gray levels, mean over an image; a photo that differs more was segmented wrongly and is not used
MIN_INK_KEPT = 0.95  # fraction of the ink; if less is segmented, a stroke was lost, and the digit is not used


def synthesize_digits(
    images: Images, labels: Images, copies: int, seed: int, callback: Callable[[int, int], None] | None = None
) -> Images:
    """Restyle every image `copies` times, each time differently; some as another form of the same digit.

    Args:
        images: `(n, 28, 28) uint8`, 0 paper .. 255 ink.
        labels: `(n,) uint8`.
        copies: the number of versions of each image.
        seed: seeds everything random; the same seed gives the same images on any number of processors.
        callback: called with the number of images done and of all images.

    Returns:
        `(copies, n, 28, 28) uint8`.
    """
    starts = [(copy, first) for copy in range(copies) for first in range(0, len(images), BLOCK_SIZE)]
    tasks = [(images[i : i + BLOCK_SIZE], labels[i : i + BLOCK_SIZE], (seed, copy, i)) for copy, i in starts]
    blocks = map_in_processes(_digit_block, tasks, copies * len(images), callback)
    return np.concatenate(blocks).reshape(copies, *images.shape)


def synthesize_negatives(
    images: Images, labels: Images, count: int, seed: int, callback: Callable[[int, int], None] | None = None
) -> Images:
    """Synthesize preprocessed pictures that do not show a single digit; arguments as in `synthesize_digits`.

    Returns:
        `(count, 28, 28) uint8`.
    """
    starts = range(0, count, BLOCK_SIZE)
    tasks = [(images, labels, min(BLOCK_SIZE, count - first), (seed, 1, first)) for first in starts]
    return np.concatenate(map_in_processes(_negative_block, tasks, count, callback))


def _digit_block(task: tuple[Images, Images, tuple[int, int, int]]) -> Images:
    images, labels, seed = task
    rng = worker_rng(seed)
    return np.stack([_resynthesize(image, int(label), rng) for image, label in zip(images, labels, strict=True)])


def _negative_block(task: tuple[Images, Images, int, tuple[int, int, int]]) -> Images:
    images, labels, count, seed = task
    rng = worker_rng(seed)
    return np.stack([_negative(images, labels, rng) for _ in range(count)])


def _resynthesize(image: NDArray[np.uint8], label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    written = vary(image, label, rng)
    if rng.random() < (STRETCHED_ONES if label == 1 else STRETCHED):
        written = _stretched(written, rng)
    stages = preprocess_file(_scan(written))
    clean = stages.image if stages.strokes.sum() > MIN_INK_KEPT * stages.ink.sum() else image
    way = rng.random()
    if way < ON_PAPER:
        found = _preprocess_photo(written, rng)
    elif way < ON_PAPER + CROPPED:
        found = preprocess_file(_crop_scan(written, rng)).image
    else:
        return clean
    return found if np.abs(found.astype(np.int16) - clean).mean() < MAX_DIFFERENCE else clean


def _stretched(written: Canvas, rng: np.random.Generator) -> Canvas:
    """Stretched towards a square, half of them without slant, as old data sets have digits made to fill a box."""
    if rng.random() < 0.5:
        written = _deskew(written)
    left, top, width, height = cv2.boundingRect((written > 0.25).astype(np.uint8))
    if not width:
        return written
    aspect = (width / height) ** rng.uniform(0, 0.9)
    side = 0.8 * CANVAS_SIDE / max(aspect, 1)
    size = (max(4, round(side * aspect)), max(4, round(side)))
    digit = written[top : top + height, left : left + width]
    if rng.random() < 0.5:  # scanned first, in a few rows of black and white: the edge is ragged where it is stretched
        rows = int(rng.integers(14, 33))
        few = cv2.resize(digit, (max(2, round(width * rows / height)), rows), interpolation=cv2.INTER_AREA)
        digit = (few > 0.4).astype(np.float32)
    stretched = cv2.resize(digit, size, interpolation=cv2.INTER_LINEAR)
    down, across = (CANVAS_SIDE - size[1]) // 2, (CANVAS_SIDE - size[0]) // 2
    plane = np.zeros_like(written)
    plane[down : down + size[1], across : across + size[0]] = stretched
    return plane


def _deskew(written: Canvas) -> Canvas:
    """Without its slant: rows are moved until the ink's moments no longer lean."""
    moments = cv2.moments(written)
    if not moments["mu02"]:
        return written
    lean, middle = moments["mu11"] / moments["mu02"], moments["m01"] / moments["m00"]
    matrix = np.array([[1, lean, -lean * middle], [0, 1, 0]])  # from where each pixel comes
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(written, matrix, written.shape[::-1], flags=how), np.float32)


def _crop_scan(written: Canvas, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Scanned coarsely and cut out close around the ink: 12 to 36 pixels high, often without any grey."""
    left, top, width, height = cv2.boundingRect((written > 0.25).astype(np.uint8))
    if not width:
        return _scan(written)
    high = int(rng.integers(12, 37))
    size = (max(4, round(high * width / height)), high)
    small = cv2.resize(written[top : top + height, left : left + width], size, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        small = (small > 0.5).astype(np.float32)
    return np.pad(np.rint(small * 255).astype(np.uint8), [tuple(rng.integers(0, 4, 2)), tuple(rng.integers(0, 6, 2))])


def _negative(images: Images, labels: Images, rng: np.random.Generator) -> NDArray[np.uint8]:
    while True:
        written = negative(images, labels, rng)
        found = preprocess_file(_scan(written)).image if rng.random() > ON_PAPER else _preprocess_photo(written, rng)
        if found.any():
            return found


def _scan(written: Canvas) -> NDArray[np.uint8]:
    return np.pad(np.rint(written * 255).astype(np.uint8), CANVAS_SIDE // 14)


def _preprocess_photo(written: Canvas, rng: np.random.Generator) -> NDArray[np.uint8]:
    width = int(math.exp(rng.uniform(math.log(28), math.log(200))))
    return preprocess_file(simulate_photo(written, rng, int(width * rng.uniform(1, 1.3)), width)).image
