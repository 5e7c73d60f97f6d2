"""Letters and signs as strokes, for synthetic non-digits. No pens and no paper here.

We drew them on a grid of 10 x 10, in the forms that people write. Letters that look like a digit are left out: O, l, Z,
S, q, g, b and similar ones, and a caret, because many people write a 1 like that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]  # (points, 2): x to the right, y down, 0..1

# Two digits are a point, x and y; points make a stroke; | separates strokes. A stroke of two points is straight, a
# longer one is a smooth curve through its points.
_SIGNS = {
    # Latin
    "A": "40 09|40 89|26 66", "B": "10 19|10 60 72 54 14|14 64 87 69 19", "C": "81 50 12 17 49 78",
    "D": "10 19|10 60 84 69 19", "E": "10 19|10 70|14 64|19 79", "F": "10 19|10 70|14 64",
    "G": "81 50 12 17 49 78 85|85 55", "H": "10 19|80 89|14 84", "J": "70 76 59 29 16", "K": "10 19|80 14|14 89",
    "L": "10 19|19 79", "M": "09 10|10 45|45 80|80 99", "N": "19 10|10 89|89 80", "P": "10 19|10 60 82 64 15",
    "Q": "50 12 17 49 86 82 50|56 99", "R": "10 19|10 60 82 64 14|44 89", "T": "00 80|40 49",
    "U": "10 16 39 69 86 80", "V": "00 49|49 90", "W": "00 29|29 43|43 69|69 90", "X": "00 89|80 09",
    "Y": "00 44|90 44|44 49", "a": "73 42 24 27 49 77|73 77 89", "d": "73 43 25 27 49 77|80 79",
    "e": "25 75 73 42 24 27 49 79", "f": "80 51 43 49|24 74", "h": "10 19|15 43 74 79", "k": "20 29|74 26|26 79",
    "m": "14 19|15 34 45 49|45 64 85 89", "n": "14 19|15 44 75 79", "p": "23 29|23 64 75 67 25",
    "r": "23 29|25 44 74", "t": "40 47 59 79|13 73", "u": "13 17 39 67|73 78 89", "v": "13 49|49 83",
    "w": "03 28|28 44|44 68|68 93", "y": "13 46|83 46 29", "i": "43 49|40 41", "j": "53 58 39 28|50 51",
    # Greek, and the y that is written like a gamma
    "alpha": "92 66 39 17 24 43 66 99", "alpha, looped": "90 66 39 15 23 43 67 98",
    "beta": "29 12 40 62 54 34|44 75 77 49 28", "gamma": "02 22 45 48 39 28 45 92",
    "gamma, open": "02 33 46 49|92 46", "gamma, looped": "02 22 46 58 49 38 46 82",
    "gamma, high": "01 21 34 46|90 46 38 49 57 46", "eta, long": "12 22 26|24 43 63 75 79",
    "y, straight": "10 46|90 29", "y, round": "12 14 36 65 82|82 77 49 18", "y, small": "22 44 65|81 65 39",
    "alpha, wide": "92 65 37 16 13 33 66 98", "alpha, crossed": "81 65 38 17 14 32 54 89",
    "alpha, leaning": "91 55 38 18 14 32 53 66 89", "alpha, flat": "93 66 38 17 05 23 44 66 88",
    "alpha, with a foot": "81 46 28 07 14 32 53 67 79 88", "alpha, in two strokes": "71 42 14 17 38 57 71|71 75 89",
    "eta, narrow": "21 27|24 32 52 63 69", "eta, hooked": "12 21 32 37|34 42 62 73 79",
    "eta, curled": "02 11 22 26|24 42 63 66 69 88", "eta, straight": "20 26|23 41 61|61 69",
    "lambda, leaning": "80 19|45 79", "lambda, curled": "01 20 42 64 88|53 09", "chi, curled": "02 12 45 76 86|81 09",
    "epsilon": "72 41 22 44 54 24 27 49 78",
    "epsilon, small": "82 40 12 34 54 14 07 49 88", "eta": "12 23 28|24 43 73 76 79", "kappa": "22 29|72 25|25 79",
    "lambda": "10 30 89|44 09", "mu": "19 22|22 26 47 72|72 76 88", "xi": "70 20 23 63|23 25 75|75 28 69 58",
    "pi": "03 83|23 29|63 68 79", "phi": "49 40|42 15 27 48 77 85 62 42",
    "phi, one stroke": "32 14 17 48 77 84 62 43 49", "chi": "02 22 78 98|82 09", "psi": "12 15 47 75 82|40 49",
    "omega": "22 05 18 38 45 58 78 95 72", "Omega": "09 29|29 26 13 30 60 83 66 69|69 89",
    "Sigma": "80 00|00 45|45 09|09 89", "Delta": "40 09|09 89|89 40", "Pi": "10 19|10 80|80 89",
    "Gamma": "10 19|10 80", "Xi": "10 80|24 64|19 89", "Phi": "40 49|42 14 47 74 42",
    # Cyrillic, Hebrew, Arabic, Devanagari, Kana, Han
    "zhe": "40 49|00 89|80 09", "de": "20 27|20 70|70 77|07 97|07 09|97 99", "i, cyrillic": "10 19|19 80|80 89",
    "sha": "10 19|40 49|80 89|19 89", "ya": "80 89|80 30 12 34 84|44 09", "yu": "10 19|14 34|60 33 36 69 86 83 60",
    "e, turned": "11 50 83 86 49 18|34 84", "alef": "00 89|80 54|35 09", "shin": "02 19|45 19|85 88 19",
    "bet": "00 80 88|08 98", "sin": "12 28 48 44|44 48 68 64|64 68 88 83", "ayn": "71 32 44 74 36 28 59 89",
    "a, devanagari": "00 90|70 79|22 52 54 34 55 57 38 17", "ka, devanagari": "00 90|50 59|52 22 35 52 83 85",
    "a, kana": "00 80 65|43 46 29", "e, kana": "10 80|40 49|09 99",
    "na, kana": "03 93|50 54 29", "n, kana": "40 09 35 55 68 88 95", "dai": "04 94|50 44 09|44 99",
    "ki": "03 93|50 59|44 18|44 98", "hi": "20 29|20 70|70 79|24 74|29 79",
    "ta": "10 19|10 90|90 99|14 94|19 99|50 59", "naka": "12 16|12 82|82 86|16 86|40 49",
    # Signs
    "?": "12 30 60 72 45 46|48 49", "!": "40 46|48 49", "&": "98 23 20 50 62 14 17 39 69 95",
    "#": "20 19|60 59|03 93|06 96", "%": "80 09|10 30 33 11 10|67 87 89 68 67", "=": "13 83|16 86",
    "+": "04 94|50 59", "-": "04 94", "<": "80 04|04 89", ">": "00 84|84 09", "*": "40 49|02 87|82 07",
    "arrow": "04 94|94 61|94 67", "[": "50 20|20 29|29 59", "$": "71 30 22 66 79 38 17|40 49",
    "euro": "81 50 13 16 49 78|04 64|06 56", "tick": "05 39|39 90",
    "wave": "05 23 46 64 82", "@": "63 43 35 46 64|63 66 85 83 50 12 17 49 78",
    "heart": "43 20 03 49|49 93 60 43", "star": "40 29|29 93|93 03|03 79|79 40",
    "face": "40 13 16 48 76 73 40|32 33|62 62|35 46 65", "square": "11 18|11 81|81 88|18 88",
}  # fmt: skip


def letter(rng: np.random.Generator) -> list[Points]:
    """The strokes of a random letter or sign, different every time: `(points, 2)` arrays, x and y about 0..1."""
    return traced(list(_SIGNS.values())[rng.integers(len(_SIGNS))], rng)


def traced(form: str, rng: np.random.Generator) -> list[Points]:
    """The strokes of a form in the notation above, with every point moved slightly; arrays as in `letter`."""
    strokes = form.split("|")
    points = {point for stroke in strokes for point in stroke.split()}
    moved = {point: (np.array([int(point[0]), int(point[1])]) + rng.normal(0, 0.35, 2)) / 9 for point in sorted(points)}
    return [curve(np.stack([moved[point] for point in stroke.split()])) for stroke in strokes]


def scribble(rng: np.random.Generator) -> list[Points]:
    """One to five random strokes."""
    return [curve(rng.uniform(0, 1, (int(rng.integers(3, 11)), 2))) for _ in range(int(rng.integers(1, 6)))]


def curve(points: Points, steps: int = 8) -> Points:
    """A smooth curve through points, `(points, 2)` (Catmull and Rom, 1974); two points give a straight line."""
    if len(points) < 3:
        return points
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.arange(steps)[:, None] / steps
    parts = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        parts.append(b + t * ((c - a) / 2 + t * (a - 2.5 * b + 2 * c - d / 2 + t * (1.5 * (b - c) + (d - a) / 2))))
    return np.concatenate([*parts, points[-1:]])
