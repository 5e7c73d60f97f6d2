"""Digits as strokes, in the forms that people write them in. Knows their shapes; does not know pens or paper.

MNIST has few of some of them: ones with a long upstroke, barred and curled sevens, fives with a loose roof, zeros with
a tail. Drawn by us on a grid of 10 x 10.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.letters import traced

# Written as in `tenfold.letters`: a point is two figures, across and down; | parts strokes; two points are straight.
_FORMS = {
    0: (
        "50 22 14 17 49 77 85 72 50", "60 30 13 16 39 69 86 83 60 31", "40 12 15 28 59 77 84 72 50 41 62 91",
        "70 40 13 16 39 69 86 83 60 20", "30 13 16 39 69 86 83 70 51", "70 30 13 16 39 69 86 83 61 32 53",
        "40 12 15 28 59 77 84 72 40 20",
    ),
    1: (
        "40 49", "14 50|50 59", "07 50|50 49", "08 60|60 49", "23 50|50 59|29 89", "50 59|29 89", "60 39",
        "23 42 50|50 49", "06 50|50 59", "05 60|60 69", "17 60|60 79", "12 31 50|50 55 49", "09 60|60 39",
        "32 50|50 48 57",
    ),
    2: (
        "12 30 60 72 54 09|09 89", "12 30 60 73 46 18 07 16 38 69 98", "13 20 60 73 56 28 18 07 26 48 79 98",
        "21 40 61 63 47 29 08 17 37 59 98", "23 33 22 31 60 72 64 37 09|09 89", "10 80|80 09|09 99",
        "22 12 30 61 63 37 19 08 17 38 69 98", "12 30 70 73 45 09|09 28 59 98", "22 31 60 72 63 36 09|09 89",
        "33 12 20 50 72 64 37 18 07 16 37 68 98", "02 20 60 72 66 39 19 08 27 47 79 97",
    ),
    3: (
        "11 40 71 63 34|34 74 87 49 18", "10 80|80 44|44 75 87 59 18", "11 40 72 54 33 43 74 87 49 18",
        "20 60 72 54|54 85 78 39 08", "11 40 71 63 34 74 87 68 29 07 16", "10 70|70 43|43 74 78 49 08",
        "02 20 60 62 44 34 64 77 58 29 08",
    ),
    4: (
        "20 15|15 85|62 69", "30 06|06 96|53 59", "60 06|06 96|60 69", "40 16|16 86|73 49", "50 16|16 86|64 59",
        "20 13 16 36 86|80 69", "10 13 25 55 83|80 89", "50 25 06|06 86|64 49", "30 15 35 84|80 69",
        "40 06|06 76|43 49", "20 14|14 84|80 78",
    ),
    5: (
        "80 20|20 24|24 53 85 78 39 18", "20 15 44 74 77 49 18|20 80", "81 50 22 34 65 77 49 18",
        "20 14|14 34 65 58 29|20 90", "30 24|24 44 66 48 29 08|30 80", "70 30|30 15|15 44 64 76 58 29 07",
        "21 25|25 54 76 68 39 08|21 51 90", "80 40 22 24 54 76 68 29 08", "10 15 44 75 78 49 18|12 70",
    ),
    6: (
        "60 23 15 17 39 69 77 65 35 16", "70 30 12 16 39 69 86 64 34 16", "50 16 28 59 77 65 35 17",
        "60 32 15 18 49 78 76 54 35 27", "40 14 17 39 59 77 75 45 17", "21 17 39 69 86 65 35 16",
        "80 42 15 18 39 69 77 65 36 28", "90 50 22 14 17 39 68 66 44 15",
    ),
    7: (
        "10 80|80 39", "13 10|10 80|80 39", "10 80|80 54 39", "10 80|80 39|25 75", "12 31 61 80|80 55 39",
        "13 11 30 51 80|80 54 39", "20 80|80 49|35 75", "12 20 41 71 80 54 39", "02 11 31 61 80|80 55 49|25 75",
        "11 13 33 63 80 60 63 46 39|26 76", "10 13 34 63 71 80 81 54 49|27 87", "13 11|11 70|70 39|15 75",
        "12 11|11 80|80 39|24 74", "14 11 20 41 71 80|80 54 49", "13 10|10 80|80 57 49|35 85",
    ),
    8: (
        "60 30 12 24 55 77 58 29 17 25 53 72 60", "81 50 22 33 65 77 49 18 26 54 81",
        "40 21 22 44 63 72 51 40|44 25 17 39 59 77 65 44", "71 41 22 44 66 58 29 17 35 63 71",
        "60 31 22 34 65 78 49 28 26 44 62 71", "80 40 21 33 66 58 29 18 36 54 82 80",
    ),
    9: (
        "71 40 12 14 35 64 71|71 79", "71 40 12 24 45 73 71|71 76 58 29", "70 30 12 14 35 64 70|70 69",
        "73 44 14 12 30 60 73 66 39", "71 40 12 24 55 72 71 77 49 28", "60 21 13 25 54 71|71 68 59",
        "82 60 22 14 35 64 81|81 76 49", "70 31 13 35 64 70|70 78 59 28 17",
    ),
}  # fmt: skip


def numeral(label: int, side: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A digit drawn in one of its forms, a little different every time.

    Args:
        label: the digit, 0..9.
        side: of the picture, in pixels.
        rng: the source of all that varies.

    Returns:
        `(side, side) float32`, 0 paper .. 1 ink; the digit in the middle, about three quarters of the side high.
    """
    forms = _FORMS[label]
    strokes = traced(forms[rng.integers(len(forms))], rng)
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    tall = 0.7 * side
    wide = tall * rng.uniform(0.5, 0.95)
    pen = max(1, round(side * rng.uniform(0.04, 0.1)))
    scale = np.array([wide, tall / (high[1] - low[1])])
    plane = np.zeros((side, side), np.float32)
    for stroke in strokes:
        placed = np.rint(((stroke - (low + high) / 2) * scale + side / 2) * 16).astype(np.int32)
        cv2.polylines(plane, [placed], isClosed=False, color=1.0, thickness=pen, shift=4)
    return plane
