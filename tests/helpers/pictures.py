"""The sample picture of a 7 in memory, and a measure of how much two pictures differ."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from helpers.project import SAMPLES

SEVEN = SAMPLES / "7.jpg"


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def seven() -> Image.Image:
    with Image.open(SEVEN) as image:
        image.load()
        return image


def close(a: NDArray[np.uint8], b: NDArray[np.uint8], most: float = 8) -> bool:
    """Whether two pictures differ by less than `most` gray levels on average."""
    return float(np.abs(a.astype(int) - b.astype(int)).mean()) < most
