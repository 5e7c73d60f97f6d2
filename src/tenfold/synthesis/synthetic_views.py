"""Synthetic training data for the context network: views of the regions that preprocessing proposes in scenes.

The preprocessing is the same as for real pictures. Does not know networks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, Box, Grey
from tenfold.datasets import mnist
from tenfold.datasets.pen_strokes import load_pen_strokes
from tenfold.networks.context_network import NON_DIGITS
from tenfold.parallel import map_in_processes, worker_rng
from tenfold.preprocessing.ink import ink_of
from tenfold.preprocessing.regions import WHOLE_PICTURE, Region, overlap, propose_regions
from tenfold.preprocessing.views import view_of
from tenfold.synthesis.characters import Characters
from tenfold.synthesis.scenes import Scene, sample_scene

BLOCK_SIZE = 500  # scenes of one task; each block has its own random numbers
PART = DIGITS + NON_DIGITS.index("part")
MIN_OVERLAP = 0.6  # of a region and a digit, as intersection over union, to count as that digit
MIN_SEVERAL_OVERLAP = 0.15  # of a region and several digits, to count as one of them
MAX_PART_OVERLAP = 0.4  # below which a region counts as a part of something
FREQUENT = (DIGITS + NON_DIGITS.index("nothing"), PART)  # what most proposals show
FREQUENT_KEPT = 0.2  # fraction of these that are kept
CENTRAL = 0.2  # fraction of the picture's longer side by which a digit may be off the centre, to count as what it shows
LARGE = 0.5  # fraction of the picture's longer side that such a digit has at least


class SyntheticViews(NamedTuple):
    """Views and what they show.

    Attributes:
        views: `(n, 2, 40, 40) uint8`.
        labels: `(n,) uint8`: 0..9 the digit, from 10 on one of `context_network.NON_DIGITS`.
    """

    views: NDArray[np.uint8]
    labels: NDArray[np.uint8]


class Source(NamedTuple):
    """Where characters come from, for the processes that draw scenes.

    Attributes:
        handwriting: the folder of pen strokes; None to do without.
        split: the part of the pen strokes, "train" or "dev".
        digits: the part of MNIST's training images, as a slice's start and stop.
    """

    handwriting: Path | None
    split: str
    digits: tuple[int, int]


def synthesize_views(
    source: Source, scenes: int, seed: int, callback: Callable[[int, int], None] | None = None
) -> SyntheticViews:
    """Draw scenes, and cut out the views of their regions.

    Args:
        source: where characters come from.
        scenes: how many scenes to draw.
        seed: seeds everything random; the same seed gives the same views on any number of processors.
        callback: called with the number of scenes done and of all.
    """
    starts = range(0, scenes, BLOCK_SIZE)
    tasks = [(source, min(BLOCK_SIZE, scenes - first), (seed, 0, first)) for first in starts]
    blocks = map_in_processes(_block, tasks, scenes, callback)
    return SyntheticViews(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def load_characters(source: Source) -> Characters:
    """Load the characters of a source."""
    first, last = source.digits
    (images, labels), _ = mnist.load_data()
    samples = [] if source.handwriting is None else load_pen_strokes(source.handwriting, source.split)
    return Characters(images[first:last], labels[first:last], samples)


_characters: dict[Source, Characters] = {}  # of this process, which draws many blocks


def _block(task: tuple[Source, int, tuple[int, int, int]]) -> SyntheticViews:
    source, count, seed = task
    rng = worker_rng(seed)
    if source not in _characters:
        _characters[source] = load_characters(source)
    views, labels = [], []
    for _ in range(count):
        scene = sample_scene(_characters[source], rng)
        ink = ink_of(scene.picture)
        for region, label in labelled_regions(scene, ink, propose_regions(ink)):
            if label not in FREQUENT or rng.random() < FREQUENT_KEPT:
                views.append(view_of(ink, region))
                labels.append(label)
    return SyntheticViews(np.stack(views), np.array(labels, np.uint8))


def labelled_regions(scene: Scene, ink: Grey, regions: Iterable[Region]) -> Iterator[tuple[Region, int]]:
    """The regions that are proposed in a scene, with their labels; those that could be either of two are left out."""
    across, down = ink.shape[1] / scene.picture.shape[1], ink.shape[0] / scene.picture.shape[0]
    left, top, width, height = scene.box
    box = (round(left * across), round(top * down), round(width * across), round(height * down))
    for region in regions:
        label = _label(scene, box, region, ink.shape)
        if label is not None:
            yield region, label


def _label(scene: Scene, box: Box, region: Region, shape: tuple[int, ...]) -> int | None:
    shown = scene.label if scene.content == "digit" else DIGITS + NON_DIGITS.index(scene.content)
    if scene.content == "nothing":
        return shown
    if region.name == WHOLE_PICTURE:
        return shown if _is_central(box, shape) else None
    common = overlap(region.box, box)
    if common > (MIN_SEVERAL_OVERLAP if scene.content == "several" else MIN_OVERLAP):
        return shown
    return PART if common < MAX_PART_OVERLAP and scene.content in {"digit", "part"} else None


def _is_central(box: Box, shape: tuple[int, ...]) -> bool:
    """True if what is written is large and in the centre, so that it is what the whole picture shows."""
    side = max(shape)
    across = abs(box[0] + box[2] / 2 - shape[1] / 2)
    down = abs(box[1] + box[3] / 2 - shape[0] / 2)
    return max(box[2:]) > LARGE * side and max(across, down) < CENTRAL * side
