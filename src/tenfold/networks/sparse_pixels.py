"""The pixels of images that are not paper, as lists: what the loops of the networks run over.

Four of five pixels of MNIST are zero. They add nothing to a sum and change no weight, so no loop needs to see them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Images
from tenfold.networks.jit import compiled

MAX_PLAIN_IMAGES = 16  # images for which starting the compiled loops takes longer than running them in Python


@dataclass(frozen=True, eq=False)
class SparsePixels:
    """Lists of pixels; those of image i run from `starts[i]` up to `starts[i + 1]`.

    Attributes:
        starts: `(n + 1,) int64`.
        pixels: `(starts[n] + 1,) uint16`: the number of each pixel, 0..783, in order; the last is a spare place.
        values: `(starts[n] + 1,) uint8`, 1..255.
    """

    starts: NDArray[np.int64]
    pixels: NDArray[np.uint16]
    values: NDArray[np.uint8]

    def part(self, first: int, last: int) -> SparsePixels:
        """The ink of images `first` up to, not including, `last`; nothing is copied."""
        return SparsePixels(self.starts[first : last + 1], self.pixels, self.values)

    def squared_lengths(self) -> NDArray[np.int64]:
        """The sum of the squared values of each image, `(n,)`."""
        sums = np.concatenate([[0], np.cumsum(self.values[:-1].astype(np.int64) ** 2)])
        lengths: NDArray[np.int64] = sums[self.starts[1:]] - sums[self.starts[:-1]]
        return lengths


def sparse_pixels(images: Images) -> SparsePixels:
    """Collect the ink of checked images, `(n, 784) uint8`."""
    count = int(np.count_nonzero(images))
    ink = SparsePixels(
        np.zeros(len(images) + 1, np.int64), np.empty(count + 1, np.uint16), np.empty(count + 1, np.uint8)
    )
    loops = _collect.plain if len(images) <= MAX_PLAIN_IMAGES else _collect
    loops(images, images.view(np.uint64), ink.starts, ink.pixels, ink.values)
    return ink


@compiled
def _collect(images: Any, eights: Any, starts: Any, pixels: Any, values: Any) -> None:
    """Fill the lists; `eights` are the images seen as eight pixels a number, to pass over paper fast."""
    k = np.uint64(0)
    for i in range(len(images)):
        for e, eight in enumerate(eights[i]):
            if eight:
                for pixel in range(np.uint64(8 * e), np.uint64(8 * e + 8)):
                    pixels[k] = pixel  # written in any case, kept if not zero: faster than a branch
                    values[k] = images[i, pixel]
                    k += np.uint64(images[i, pixel] != 0)
        starts[i + 1] = k
