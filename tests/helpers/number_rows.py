"""Rows of MNIST digits, as pictures of numbers."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from helpers.project import Mnist


def row(images: NDArray[np.uint8], gap: int = 8, rim: int = 12) -> NDArray[np.uint8]:
    """Images side by side, dark on light, without the empty columns that MNIST has around a digit."""
    crops = [image[:, image.any(axis=0)] for image in images]
    blank = np.zeros((28, gap), np.uint8)
    parts = [part for crop in crops for part in (crop, blank)][:-1]
    return 255 - np.pad(np.concatenate(parts, axis=1), rim)


def large_row(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A row, enlarged four times."""
    large = cv2.resize(row(images), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.uint8)


def tenths(mnist: Mnist, start: int, count: int) -> tuple[NDArray[np.uint8], str]:
    _, (images, labels) = mnist
    return images[start : start + count], "".join(map(str, labels[start : start + count]))
