"""A writer whose digits are drawn: some in forms that the packaged network has hardly met."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from tenfold.preprocessing.digit_pipeline import preprocess
from tenfold.writing.letter_glyphs import traced
from tenfold.writing.pen_rendering import Hand, render_strokes

# In the notation of `tenfold.writing.letter_glyphs`. Unusual: the 0 with a slash, and the 9 with its loop on the
# right of its stem.
FORMS = {
    0: "50 22 14 17 49 77 85 72 50|90 09",
    1: "40 49",
    2: "12 30 60 72 54 18|18 88",
    3: "12 40 71 54 45 76 69 48 18",
    4: "60 15|15 74|74 49",
    5: "70 30|30 24 54 76 68 38 17",
    6: "60 24 16 38 68 76 55 26",
    7: "13 10|10 80|80 49|35 75",
    8: "60 30 12 24 55 77 58 29 17 25 53 72 60",
    9: "20 29|20 50 72 64 35 24",
}
HAND = Hand(slant=0.05, rotation=0.0, aspect=0.9, pen=0.07, pressure=0.0, tremor=0.0)


@cache
def drawn_digits(count: int, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images, `(count, 28, 28)`, as a network reads them, and labels; each digit in turn."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.uint8) % 10
    images = [_image(FORMS[int(label)], rng) for label in labels]
    return np.stack(images), labels


def _image(form: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    ink = render_strokes([stroke.astype(np.float32) for stroke in traced(form, rng)], 80, HAND, rng)
    picture = np.full((ink.shape[0] + 40, ink.shape[1] + 40), 255, np.uint8)
    picture[20:-20, 20:-20] -= (ink * 255).astype(np.uint8)
    return preprocess(picture).image
