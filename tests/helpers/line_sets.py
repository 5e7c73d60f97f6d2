"""Synthetic lines without recorded handwriting, in this process."""

from __future__ import annotations

import functools

from tenfold.synthesis.numbers.hands import Hands
from tenfold.synthesis.numbers.synthetic_lines import LineSource, SyntheticLine, line_block, load_material

SOURCE = LineSource(None, "train", (0, 3000))


@functools.cache
def lines_of(count: int, seed: int = 5) -> list[SyntheticLine]:
    return line_block((SOURCE, count, (seed, 2, 0)))


@functools.cache
def hands() -> Hands:
    return load_material(SOURCE).hands
