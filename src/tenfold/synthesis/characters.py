"""The characters that synthetic pictures show: digits and non-digits, from images, pen strokes and drawn forms.

All randomness comes from the given generator. Does not know paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.datasets.pen_strokes import PenSample, with_text
from tenfold.writing.handwriting import vary
from tenfold.writing.negatives import TURNS, negative
from tenfold.writing.pen_rendering import Hand, Ink, crop_to_ink, render_strokes, sample_hand

Images = NDArray[np.uint8]

FROM_IMAGES = 0.5  # fraction of digits that are varied MNIST images; the others are pen strokes, if there are any
UNVARIED = 0.3  # fraction of these that are as MNIST has them
RECORDED = 0.6  # fraction of non-digits that are recorded letters and signs, if there are any; the others are drawn
DIGITS = "0123456789"
# Characters that no hand writes like a digit; O, l, S, Z, b, g, q and their like are left out, for they may be one.
LETTERS = "ACEFGHJKLMNPRTUVWXYacdefhjkmnprtuvwxy"
SIGNS = "!\"#$%&'()*+,-.:;<=>?@[]^_`{}~"


class Character(NamedTuple):
    """A digit: its label 0..9 and its ink, `(h, w) float32` 0..1, cropped."""

    label: int
    ink: Ink


class Characters:
    """The characters of one data set.

    Args:
        images: `(n, 28, 28) uint8`, digits with 0 paper .. 255 ink.
        labels: `(n,) uint8`.
        samples: pen strokes; without any, digits come from the images and non-digits are drawn.
    """

    def __init__(self, images: Images, labels: Images, samples: Sequence[PenSample] = ()) -> None:
        self._images, self._labels = images, labels
        self._digits = with_text(samples, DIGITS)
        self._by_writer = _by_writer_and_digit(self._digits)
        self._non_digits = [with_text(samples, LETTERS), with_text(samples, SIGNS)]

    def digit(self, height: float, rng: np.random.Generator, hand: Hand | None = None) -> Character:
        """Draw a digit whose longer side is about `height` pixels."""
        if self._digits and rng.random() > FROM_IMAGES:
            writer = self._by_writer[rng.integers(len(self._by_writer))]
            forms = writer[rng.integers(len(writer))]
            sample = forms[rng.integers(len(forms))]
            return Character(int(sample.text), render_strokes(sample.strokes, height, hand or sample_hand(rng), rng))
        chosen = rng.integers(len(self._images))
        image, label = self._images[chosen], int(self._labels[chosen])
        ink = image / np.float32(255) if rng.random() < UNVARIED else vary(image, label, rng)
        return Character(label, _resized(crop_to_ink(ink), height))

    def non_digit(self, height: float, rng: np.random.Generator) -> Ink:
        """Draw a letter, a sign, a scribble, a shape: something that is not a digit, with that longer side."""
        if self._non_digits[0] and rng.random() < RECORDED:
            samples = self._non_digits[int(rng.random() < 0.25)]
            sample = samples[rng.integers(len(samples))]
            return render_strokes(sample.strokes, height, sample_hand(rng), rng)
        return _resized(crop_to_ink(negative(self._images, self._labels, rng, letters=not self._non_digits[0])), height)

    def turned(self, height: float, rng: np.random.Generator) -> Ink:
        """Draw a digit that lies on its side or upside down, and is not a digit in that position."""
        while True:
            label, ink = self.digit(height, rng)
            if label in TURNS:
                return np.ascontiguousarray(np.rot90(ink, int(rng.choice(TURNS[label]))))


def _by_writer_and_digit(samples: Sequence[PenSample]) -> list[list[list[PenSample]]]:
    """The samples of each writer, by digit: rare writers and rare forms are drawn as often as others."""
    found: dict[str, dict[str, list[PenSample]]] = {}
    for sample in samples:
        found.setdefault(sample.writer, {}).setdefault(sample.text, []).append(sample)
    return [list(digits.values()) for digits in found.values()]


def _resized(ink: Ink, height: float) -> Ink:
    scale = height / max(ink.shape)
    size = tuple(max(1, round(side * scale)) for side in ink.shape[::-1])
    if scale < 1:
        return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.float32)
    large = cv2.resize(ink, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip((large - 0.5) * min(scale, 4) + 0.5, 0, 1), np.float32)  # enlarged edges stay sharp
