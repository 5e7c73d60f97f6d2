"""The signs that stand in and beside numbers, as strokes, and where they stand in a line. No pens and no paper here.

We drew them in the notation of `tenfold.writing.letter_glyphs`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tenfold.writing.letter_glyphs import Points, traced

_FORMS = {
    ".": ("55", "55 56", "55 65"),
    ",": ("60 57", "50 63 49", "60 63 38", "70 29"),
    "-": ("05 95", "05 94", "06 46 95", "05 35 95"),
    "/": ("90 09", "80 19", "70 29", "90 55 09", "60 39"),
    ":": ("50|59", "50 51|58 59", "50|58"),
    "+": ("05 95|50 59", "04 94|50 48", "05 95|60 49", "50 59|05 95", "50 55 59|05 95"),
    "%": (
        "90 09|20 00 03 33 30 20|76 66 69 99 96 76", "80 19|20 11 13 33 42 20|67 57 59 79 87 67",
        "30 11 13 33 41 30 80|80 19|76 67 69 89 97 76", "20 00 04 24 20|90 29|85 65 69 89 85",
    ),
    "(": ("60 32 27 59", "70 33 36 69", "50 33 36 59", "80 42 25 47 89"),
    ")": ("30 62 67 39", "20 53 56 29", "40 53 56 49", "10 52 65 47 19"),
    "=": ("03 93|06 96", "02 92|07 97", "04 93|06 96", "03 83|16 96"),
    "$": (
        "82 61 31 13 34 65 86 68 28 17|50 59", "71 41 22 34 65 77 58 28 17|50 49",
        "82 51 22 35 65 77 48 17|40 49|60 69", "81 41 23 45 76 68 28 16|50 52|57 59",
    ),
    "€": (
        "82 60 31 14 26 48 79 87|04 64|06 56", "81 50 13 16 49 78|03 73|05 65", "91 60 32 24 26 48 69 98|04 74|06 66",
    ),
    "£": (
        "81 60 41 42 46 38 19|19 79 88|15 65", "72 60 40 33 45 48 28 09|09 49 89|14 74",
        "82 61 42 36 28 19 28 59 88|24 74",
    ),
    "₹": (
        "10 90|13 93|10 50 72 55 15|15 79", "00 90|03 93|20 60 72 55 25|25 69", "10 80|13 83|30 61 63 35 15|15 68",
    ),
}  # fmt: skip

SIGNS = "".join(_FORMS)


class Place(NamedTuple):
    """Where a sign stands and how large it is, in units of the height of digits; ranges from, to.

    Attributes:
        middle: of its middle below the top of the digits.
        size: of its longer side.
    """

    middle: tuple[float, float]
    size: tuple[float, float]


PLACES = {
    ".": Place((0.9, 1.03), (0.04, 0.14)),
    ",": Place((0.95, 1.15), (0.14, 0.4)),
    "-": Place((0.38, 0.68), (0.22, 0.95)),
    "/": Place((0.4, 0.62), (0.9, 1.5)),
    ":": Place((0.5, 0.75), (0.3, 0.6)),
    "+": Place((0.4, 0.65), (0.35, 0.85)),
    "%": Place((0.42, 0.62), (0.7, 1.15)),
    "(": Place((0.42, 0.62), (0.85, 1.5)),
    ")": Place((0.42, 0.62), (0.85, 1.5)),
    "=": Place((0.42, 0.7), (0.35, 0.85)),
    "$": Place((0.42, 0.58), (0.9, 1.4)),
    "€": Place((0.42, 0.58), (0.8, 1.15)),
    "£": Place((0.42, 0.6), (0.8, 1.2)),
    "₹": Place((0.42, 0.6), (0.8, 1.15)),
}


def sign_strokes(sign: str, rng: np.random.Generator) -> list[Points]:
    """The strokes of a sign, different every time: `(points, 2)` arrays, x and y about 0..1.

    Args:
        sign: one of `SIGNS`.
        rng: the source of all randomness.
    """
    forms = _FORMS[sign]
    return traced(forms[rng.integers(len(forms))], rng)
