"""Pictures of numbers of a kind: MNIST's test digits and drawn signs, 60 pixels high, on paper with a little grain."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from helpers.project import Mnist

Picture = NDArray[np.uint8]

TALL = 60  # pixels
PEN = 6  # pixels
RIM = 40  # pixels of paper around

# Strokes of signs, x and y in fractions of the height of digits.
SIGNS = {
    "/": [[(0.45, 0.0), (0.0, 1.0)]],
    "-": [[(0.0, 0.5), (0.45, 0.5)]],
    "+": [[(0.0, 0.5), (0.5, 0.5)], [(0.25, 0.25), (0.25, 0.75)]],
    ".": [[(0.05, 0.97), (0.06, 0.98)]],
    ",": [[(0.1, 0.93), (0.0, 1.15)]],
    ":": [[(0.05, 0.35), (0.06, 0.36)], [(0.05, 0.8), (0.06, 0.81)]],
    "(": [[(0.22, -0.05), (0.05, 0.25), (0.0, 0.5), (0.05, 0.75), (0.22, 1.05)]],
    ")": [[(0.0, -0.05), (0.17, 0.25), (0.22, 0.5), (0.17, 0.75), (0.0, 1.05)]],
    "$": [
        [(0.5, 0.15), (0.3, 0.08), (0.08, 0.15), (0.08, 0.4), (0.3, 0.5), (0.5, 0.62), (0.48, 0.85), (0.25, 0.93),
         (0.02, 0.85)],
        [(0.28, -0.05), (0.28, 1.05)],
    ],
    "%": [
        [(0.7, 0.0), (0.1, 1.0)],
        [(0.15, 0.0), (0.3, 0.12), (0.15, 0.3), (0.0, 0.12), (0.15, 0.0)],
        [(0.65, 0.7), (0.8, 0.85), (0.65, 1.0), (0.5, 0.85), (0.65, 0.7)],
    ],
}  # fmt: skip


class Writer:
    """Writes numbers with digits of MNIST's test set, each picture with others.

    Args:
        mnist: the data.
        seed: seeds the choice of digits and the grain.
    """

    def __init__(self, mnist: Mnist, seed: int = 0) -> None:
        _, (self._images, labels) = mnist
        self._by_digit = [np.flatnonzero(labels == digit) for digit in range(10)]
        self.rng = np.random.default_rng(seed)

    def digit(self, digit: int) -> Picture:
        """The ink of a digit, cropped, 60 pixels high."""
        image = self._images[self.rng.choice(self._by_digit[digit])]
        left, top, width, height = cv2.boundingRect((image > 40).astype(np.uint8))
        crop = image[top : top + height, left : left + width]
        size = (max(PEN, round(width * TALL / height)), TALL)
        return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC), np.uint8)

    def plain_one(self) -> Picture:
        """A straight stroke, nearly upright."""
        lean = int(self.rng.integers(-4, 5))
        ink = np.zeros((TALL, PEN + abs(lean) + 2), np.uint8)
        x = PEN // 2 + 1 + max(0, -lean)
        cv2.line(ink, (x + lean, 3), (x, TALL - 4), 255, PEN, cv2.LINE_AA)
        return ink

    def sign(self, sign: str) -> Picture:
        """The ink of a sign, 90 pixels high: digits fill the rows 15 to 75."""
        strokes = SIGNS[sign]
        points = np.concatenate([np.array(stroke) for stroke in strokes])
        width = round(points[:, 0].max() * TALL) + PEN + 4
        ink = np.zeros((TALL + 30, width), np.uint8)
        for stroke in strokes:
            pixels = np.rint(np.array(stroke) * TALL + (PEN / 2 + 2, 15)).astype(np.int32)
            cv2.polylines(ink, [pixels], False, 255, PEN if sign not in ".:" else PEN + 3, cv2.LINE_AA)
        return ink

    def ink(self, text: str, gap: int = 14, plain_ones: bool = False) -> Picture:
        """The ink of a number, 90 pixels high: digits fill the rows 15 to 75."""
        parts = []
        for character in text:
            if character in SIGNS:
                part = self.sign(character)
            else:
                digit = self.plain_one() if plain_ones and character == "1" else self.digit(int(character))
                part = np.pad(digit, ((15, 15), (0, 0)))
            parts += [np.zeros((TALL + 30, gap), np.uint8), part]
        return np.concatenate(parts[1:], axis=1)

    def on_paper(self, ink: Picture, rim: int = RIM) -> Picture:
        """Ink on paper with a little grain."""
        plane = np.pad(ink, rim).astype(np.float32)
        paper = 244 - 0.85 * plane + self.rng.normal(0, 2, plane.shape)
        return np.clip(cv2.GaussianBlur(paper, (0, 0), 0.8), 0, 255).astype(np.uint8)

    def number(self, text: str, gap: int = 14, plain_ones: bool = False) -> Picture:
        """A picture of one number."""
        return self.on_paper(self.ink(text, gap, plain_ones))

    def digits(self, count: int) -> str:
        """A random number without a leading zero."""
        return str(self.rng.integers(1, 10)) + "".join(map(str, self.rng.integers(0, 10, count - 1)))
