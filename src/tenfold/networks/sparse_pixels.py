"""Images as lists of their nonzero pixels (compressed sparse rows): what the training loops run over.

Four of five pixels of MNIST are zero. They add nothing to a sum and change no weight, so the loops skip them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Images
from tenfold.networks.jit import compiled, numba_is_installed

MIN_COMPILED_IMAGES = 17  # for fewer images, starting numba takes longer than NumPy needs


@dataclass(frozen=True, eq=False)
class SparsePixels:
    """The nonzero pixels of `n` images; those of image i run from `starts[i]` up to `starts[i + 1]`.

    Attributes:
        starts: `(n + 1,) int64`.
        pixels: `(starts[n] + 1,) uint16`: the number of each pixel, 0..783, ascending; the last entry is spare.
        values: `(starts[n] + 1,) uint8`, 1..255; the last entry is spare.
    """

    starts: NDArray[np.int64]
    pixels: NDArray[np.uint16]
    values: NDArray[np.uint8]

    def part(self, first: int, last: int) -> SparsePixels:
        """Images `first` up to, but not including, `last`; nothing is copied."""
        return SparsePixels(self.starts[first : last + 1], self.pixels, self.values)

    def image(self, i: int) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
        """The nonzero pixels of image i, and their values."""
        where = slice(self.starts[i], self.starts[i + 1])
        return self.pixels[where], self.values[where]

    def squared_lengths(self) -> NDArray[np.int64]:
        """The sum of the squared values of each image, `(n,)`."""
        sums = np.concatenate([[0], np.cumsum(self.values[:-1].astype(np.int64) ** 2)])
        lengths: NDArray[np.int64] = sums[self.starts[1:]] - sums[self.starts[:-1]]
        return lengths


def sparse_pixels(images: Images) -> SparsePixels:
    """Collect the nonzero pixels of checked images, `(n, 784) uint8`."""
    if len(images) < MIN_COMPILED_IMAGES or not numba_is_installed():
        return _collect_with_numpy(images)
    count = int(np.count_nonzero(images))
    sparse = SparsePixels(
        np.zeros(len(images) + 1, np.int64), np.empty(count + 1, np.uint16), np.empty(count + 1, np.uint8)
    )
    _collect(images, images.view(np.uint64), sparse.starts, sparse.pixels, sparse.values)
    return sparse


def _collect_with_numpy(images: Images) -> SparsePixels:
    starts = np.concatenate([[0], np.cumsum(np.count_nonzero(images, axis=1))])
    rows, pixels = np.nonzero(images)
    values = np.append(images[rows, pixels], np.uint8(0))
    return SparsePixels(starts.astype(np.int64), np.append(pixels, 0).astype(np.uint16), values)


@compiled
def _collect(images: Any, eights: Any, starts: Any, pixels: Any, values: Any) -> None:
    """Fill the lists; `eights` holds eight pixels in each number, which passes over paper fast."""
    k = np.uint64(0)
    for i in range(len(images)):
        for e, eight in enumerate(eights[i]):
            if eight:
                for pixel in range(np.uint64(8 * e), np.uint64(8 * e + 8)):
                    pixels[k] = pixel  # written in any case, kept if not zero: faster than a branch
                    values[k] = images[i, pixel]
                    k += np.uint64(images[i, pixel] != 0)
        starts[i + 1] = k
