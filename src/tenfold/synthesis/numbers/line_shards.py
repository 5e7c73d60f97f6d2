"""Sets of synthetic lines, drawn shard by shard on all processors and kept on disk. An interrupted call goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tenfold import parallel
from tenfold.errors import DataError, TenfoldError
from tenfold.io import npz
from tenfold.io.atomic_write import write_whole
from tenfold.networks import serialization
from tenfold.synthesis.numbers.synthetic_lines import (
    BLOCK_SIZE,
    CHARACTERS,
    LineSource,
    SyntheticLine,
    line_block,
)

SHARD_BLOCKS = 40  # blocks of lines in one file
SHARD_BYTES = 2**30  # the largest shard that is loaded


class LineSet(NamedTuple):
    """Lines, as arrays that a file holds.

    Attributes:
        pixels: `(28, total width) uint8`, the line images side by side.
        widths: `(n,) int32` of the line images.
        codes: `(total length,) uint8`, the characters of all texts as places in `CHARACTERS`.
        lengths: `(n,) int32` of the texts.
        centers: `(total length,) float32`, in columns of each line image; nan if not known.
        digits_only: `(n,) bool`; see `SyntheticLine`.
    """

    pixels: NDArray[np.uint8]
    widths: NDArray[np.int32]
    codes: NDArray[np.uint8]
    lengths: NDArray[np.int32]
    centers: NDArray[np.float32]
    digits_only: NDArray[np.bool_]

    def lines(self) -> Iterator[SyntheticLine]:
        """The lines one by one; images are views."""
        column = place = 0
        for width, length, digits_only in zip(
            self.widths.tolist(), self.lengths.tolist(), self.digits_only.tolist(), strict=True
        ):
            centers = self.centers[place : place + length]
            text = "".join(CHARACTERS[code] for code in self.codes[place : place + length])
            known = [] if np.isnan(centers).any() else centers.tolist()
            yield SyntheticLine(self.pixels[:, column : column + width], text, known, digits_only)
            column, place = column + width, place + length


def packed(lines: Sequence[SyntheticLine]) -> LineSet:
    """Lines as arrays."""
    texts = "".join(line.text for line in lines)
    centers = [line.centers or [np.nan] * len(line.text) for line in lines]
    return LineSet(
        np.concatenate([line.image for line in lines], axis=1),
        np.array([line.image.shape[1] for line in lines], np.int32),
        np.array([CHARACTERS.index(character) for character in texts], np.uint8),
        np.array([len(line.text) for line in lines], np.int32),
        np.array([center for of_line in centers for center in of_line], np.float32),
        np.array([line.digits_only for line in lines], bool),
    )


def stored_lines(
    folder: Path, source: LineSource, count: int, seed: int, callback: Callable[[int, int], None] | None = None
) -> list[SyntheticLine]:
    """Draw lines, or load those that an earlier call has drawn.

    Args:
        folder: where the files are.
        source: where characters come from.
        count: the number of lines; it is rounded up to whole blocks.
        seed: seeds everything random.
        callback: called with the number of lines done and of all lines.

    Raises:
        DataError: a file is damaged, or holds other lines; or the handwriting cannot be read.
        OutputError: a file cannot be written.
    """
    blocks = -(-count // BLOCK_SIZE)
    identity = f"{source.split} {source.digits} {source.handwriting is not None} {seed} {BLOCK_SIZE}"
    shards = {
        folder / f"lines-{seed}-{first}.npz": range(first, min(first + SHARD_BLOCKS, blocks))
        for first in range(0, blocks, SHARD_BLOCKS)
    }
    missing = {path: of_shard for path, of_shard in shards.items() if not path.is_file()}
    _draw(missing, source, seed, identity, blocks, callback)
    return [line for path, of_shard in shards.items() for line in _load(path, identity, len(of_shard) * BLOCK_SIZE)]


def _draw(
    shards: dict[Path, range],
    source: LineSource,
    seed: int,
    identity: str,
    blocks: int,
    callback: Callable[[int, int], None] | None,
) -> None:
    tasks = [(source, BLOCK_SIZE, (seed, 2, block)) for of_shard in shards.values() for block in of_shard]
    if not tasks:
        return
    with parallel.WorkerPool(partial(_same, line_block)) as pool:
        results = pool.in_order(iter(tasks))
        for path, of_shard in shards.items():
            lines: list[SyntheticLine] = []
            for block in of_shard:
                result = next(results)
                if isinstance(result, parallel.Lost):
                    raise TenfoldError(f"a task {result.reason}: is there enough memory?")
                lines += result
                if callback is not None:
                    callback((block + 1) * BLOCK_SIZE, blocks * BLOCK_SIZE)
            serialization.make_directory(path.parent)
            write_whole(path, npz.write_arrays(packed(lines)._asdict() | {"identity": np.str_(identity)}))


def _load(path: Path, identity: str, count: int) -> Iterator[SyntheticLine]:
    try:
        arrays = npz.read_arrays(path, SHARD_BYTES)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is damaged ({error}): delete it") from error
    if npz.scalar_string(arrays.pop("identity", None)) != identity or len(arrays["widths"]) != count:
        raise DataError(f"{path} holds other lines than are asked for: delete it, or choose another folder")
    return LineSet(**arrays).lines()


def _same(work: Any) -> Any:
    return work
