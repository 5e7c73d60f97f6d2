"""Who wrote each of MNIST's training images: a file that is not part of the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import DataError
from tenfold.io import npz

FILE = "mnist_writers.npz"
MAX_BYTES = 2**22


def load_mnist_writers(folder: str | Path, labels: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """The writer of each image, `(n,) uint16`, in the order of MNIST's training images.

    Args:
        folder: the folder that holds `mnist_writers.npz`.
        labels: `(n,) uint8`, the labels of the images, which must be those in the file.

    Raises:
        DataError: the file is missing or damaged, or is about other images.
    """
    path = Path(folder) / FILE
    try:
        arrays = npz.read_arrays(path, MAX_BYTES, ["writer", "label"])
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}): copy it again") from error
    if not np.array_equal(arrays["label"], labels):
        raise DataError(f"{path} holds other labels than the images: it is made for MNIST's 60,000 training images")
    return arrays["writer"].astype(np.uint16)
