"""Synthetic training data: MNIST digits in varied handwriting, and non-digits, rendered as photos and preprocessed.

The preprocessing is the same as for real pictures. No networks here.
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
from tenfold.writing.handwriting import CANVAS_SIDE, Canvas, vary
from tenfold.writing.negatives import negative

Images = NDArray[np.uint8]
Block = TypeVar("Block")

# Images of one task. Each block has its own random numbers: the number of processes does not change the result.
BLOCK_SIZE = 500
ON_PAPER = 0.45  # fraction rendered as photos
CROPPED = 0.15  # fraction scanned coarsely and cropped closely
STRETCHED = 0.17  # fraction stretched to fill a box
STRETCHED_ONES = 0.4  # fraction of ones stretched: solid blocks, which the network would mistake for non-digits
MAX_DIFFERENCE = 25  # gray levels, mean over an image; a photo that differs more was segmented wrongly and is not used
MIN_INK_KEPT = 0.95  # fraction of the ink; if less is segmented, a stroke was lost and the original is used


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
    canvas = vary(image, label, rng)
    if rng.random() < (STRETCHED_ONES if label == 1 else STRETCHED):
        canvas = _stretched(canvas, rng)
    stages = preprocess_file(_scan(canvas))
    clean = stages.image if stages.strokes.sum() > MIN_INK_KEPT * stages.ink.sum() else image
    kind = rng.random()
    if kind < ON_PAPER:
        picture = _preprocess_photo(canvas, rng)
    elif kind < ON_PAPER + CROPPED:
        picture = preprocess_file(_crop_scan(canvas, rng)).image
    else:
        return clean
    return picture if np.abs(picture.astype(np.int16) - clean).mean() < MAX_DIFFERENCE else clean


def _stretched(canvas: Canvas, rng: np.random.Generator) -> Canvas:
    """Stretch a digit towards a square, after deskewing half of them, as in old data sets whose digits fill a box."""
    if rng.random() < 0.5:
        canvas = _deskew(canvas)
    left, top, width, height = cv2.boundingRect((canvas > 0.25).astype(np.uint8))
    if not width:
        return canvas
    aspect = (width / height) ** rng.uniform(0, 0.9)
    side = 0.8 * CANVAS_SIDE / max(aspect, 1)
    size = (max(4, round(side * aspect)), max(4, round(side)))
    digit = canvas[top : top + height, left : left + width]
    if rng.random() < 0.5:  # binarize a coarse scan first: stretched, it has ragged edges
        rows = int(rng.integers(14, 33))
        coarse = cv2.resize(digit, (max(2, round(width * rows / height)), rows), interpolation=cv2.INTER_AREA)
        digit = (coarse > 0.4).astype(np.float32)
    stretched = cv2.resize(digit, size, interpolation=cv2.INTER_LINEAR)
    down, across = (CANVAS_SIDE - size[1]) // 2, (CANVAS_SIDE - size[0]) // 2
    plane = np.zeros_like(canvas)
    plane[down : down + size[1], across : across + size[0]] = stretched
    return plane


def _deskew(canvas: Canvas) -> Canvas:
    """Deskew: shift rows until the second moments of the ink show no slant."""
    moments = cv2.moments(canvas)
    if not moments["mu02"]:
        return canvas
    slant, middle = moments["mu11"] / moments["mu02"], moments["m01"] / moments["m00"]
    matrix = np.array([[1, slant, -slant * middle], [0, 1, 0]])  # maps output pixels to input pixels
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(canvas, matrix, canvas.shape[::-1], flags=flags), np.float32)


def _crop_scan(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Scan coarsely and crop close to the ink: 12 to 36 pixels high, often in pure black and white."""
    left, top, width, height = cv2.boundingRect((canvas > 0.25).astype(np.uint8))
    if not width:
        return _scan(canvas)
    rows = int(rng.integers(12, 37))
    size = (max(4, round(rows * width / height)), rows)
    small = cv2.resize(canvas[top : top + height, left : left + width], size, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        small = (small > 0.5).astype(np.float32)
    return np.pad(np.rint(small * 255).astype(np.uint8), [tuple(rng.integers(0, 4, 2)), tuple(rng.integers(0, 6, 2))])


def _negative(images: Images, labels: Images, rng: np.random.Generator) -> NDArray[np.uint8]:
    while True:
        canvas = negative(images, labels, rng)
        picture = preprocess_file(_scan(canvas)).image if rng.random() > ON_PAPER else _preprocess_photo(canvas, rng)
        if picture.any():
            return picture


def _scan(canvas: Canvas) -> NDArray[np.uint8]:
    return np.pad(np.rint(canvas * 255).astype(np.uint8), CANVAS_SIDE // 14)


def _preprocess_photo(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.uint8]:
    width = int(math.exp(rng.uniform(math.log(28), math.log(200))))
    return preprocess_file(simulate_photo(canvas, rng, int(width * rng.uniform(1, 1.3)), width)).image
