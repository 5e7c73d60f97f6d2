"""A picture of handwriting -> the numbers in it, line by line, with a box and a Reading of each digit.

Knows when a line is looked at again, and how. Does not know how lines are found, nor screens.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, SIDE, Grey
from tenfold.networks.classifier import Classifier
from tenfold.networks.line_network import STRIDE, LineNetwork
from tenfold.preprocessing.binarization import segment_digit
from tenfold.preprocessing.line_detection import PADDING, Line, detect_lines, page_ink, whole_page_as_line
from tenfold.preprocessing.normalization import normalize
from tenfold.preprocessing.scaling import downscale
from tenfold.recognition.ctc_decoder import Text, align, beam_search
from tenfold.recognition.rejection import BLANK, NO_DIGITS, RETRY_BELOW, WARN_DIGIT_BELOW, WARN_NUMBER_BELOW
from tenfold.recognition.results import NumberReading, PlacedReading, Reading

CROP_SIDE = 120  # longest side at which the ink of a digit is cut out
TTA_SCALES = (0.9, 1.12)  # of a line when it is looked at again
WIDE_ASPECT_RATIO = 1.5  # times as wide as high: such a picture may be all one line


class _Hypothesis(NamedTuple):
    """What the network sees in a line of a certain size."""

    line: Line
    size: float
    shares: NDArray[np.float32]  # (steps, 11)
    texts: dict[Text, float]


def recognize_lines(grey: Grey, lines: LineNetwork, digits: Classifier) -> NumberReading:
    """Read every line of digits in a picture.

    Where that is doubtful, each line is looked at again a little smaller and a little larger; a lying picture, which
    may have been cut out of a form, also as one line, however broken or full of rules. What is likeliest on average
    counts.

    Args:
        grey: `(h, w) uint8`, 0 black .. 255 white, no side longer than
            `tenfold.preprocessing.line_detection.MAX_PAGE_SIDE`.
        lines: what reads.
        digits: the network that the Readings name, for `tenfold.explain`.
    """
    ink = page_ink(grey)
    looks = [[_decode_at_scale(line, 1.0, lines)] for line in detect_lines(ink)]
    if 0 < _confidence(looks) < RETRY_BELOW:
        looks = [[*first, *(_decode_at_scale(first[0].line, size, lines) for size in TTA_SCALES)] for first in looks]
        if grey.shape[1] >= WIDE_ASPECT_RATIO * grey.shape[0]:
            whole = _decode_at_scale(whole_page_as_line(ink), 1.0, lines)
            looks = [[*looks[0], whole]] if len(looks) == 1 else max(looks, [[whole]], key=_confidence)
    read = [_locate_digits(each, digits) for each in looks]
    placed = tuple(digit for line in read for digit in line)
    text = "\n".join("".join(str(digit.reading.digit) for digit in line) for line in read if line)
    confidence = _confidence(looks) if placed else 0.0
    return NumberReading(text, confidence, placed, _problem(looks, placed), grey)


def _decode_at_scale(line: Line, size: float, network: LineNetwork) -> _Hypothesis:
    shares = network.probabilities(_rescale(line.image, size))
    return _Hypothesis(line, size, shares, beam_search(shares))


def _combine(looks: list[_Hypothesis]) -> tuple[Text, float]:
    """The text that is likeliest on average over several looks at a line, and how likely that is."""
    sums: Counter[Text] = Counter()
    for look in looks:
        sums.update({text: share / len(looks) for text, share in look.texts.items()})
    return sums.most_common(1)[0]


def _confidence(looks: list[list[_Hypothesis]]) -> float:
    """That the texts of all lines are right; 0 where no line has one."""
    read = [_combine(each) for each in looks]
    return float(np.prod([share for _, share in read])) if any(text for text, _ in read) else 0.0


def _problem(looks: list[list[_Hypothesis]], placed: tuple[PlacedReading, ...]) -> str | None:
    if not placed:
        return NO_DIGITS if looks else BLANK
    unsure = [str(i) for i, digit in enumerate(placed, start=1) if digit.reading.confidence < WARN_DIGIT_BELOW]
    if not unsure:
        sure = _confidence(looks)
        return (
            None
            if sure >= WARN_NUMBER_BELOW
            else f"This is only {100 * sure:.0f} % sure to be the whole number: check it."
        )
    named = f"digit {unsure[0]} is" if len(unsure) == 1 else f"digits {', '.join(unsure)} are"
    return f"Of {len(placed)} digits, {named} uncertain: check the number."


def _locate_digits(looks: list[_Hypothesis], network: Classifier) -> list[PlacedReading]:
    """The digits of the likeliest text, where the look that is surest of it sees them."""
    text, _ = _combine(looks)
    best = max(looks, key=lambda look: look.texts.get(text, 0.0))
    steps = align(best.shares, text)
    middles = [(step * STRIDE + SIDE // 2) / best.size for step in steps]
    between = pairwise(_cut_positions(middles, best.line.image.shape[1]))
    return [
        _crop_digit(best.line, digit, best.shares[step, :DIGITS], first, last, network)
        for digit, step, (first, last) in zip(text, steps, between, strict=True)
    ]


def _rescale(strip: Grey, size: float) -> Grey:
    """A strip made larger or smaller about its middle row; it stays 28 rows high."""
    matrix = np.array([[size, 0, 0], [0, size, (1 - size) * (SIDE - 1) / 2]])
    wide = max(SIDE, round(size * strip.shape[1]))
    return strip if size == 1 else cv2.warpAffine(strip, matrix, (wide, SIDE)).astype(np.uint8)


def _cut_positions(middles: list[float], width: int) -> list[float]:
    """Where a strip is cut between digits, in its pixels: half way from one to the next; none where no digit is."""
    if not middles:
        return []
    between = [(left + right) / 2 for left, right in pairwise(middles)]
    return [max(0.0, middles[0] - SIDE), *between, min(width, middles[-1] + SIDE)]


def _crop_digit(
    line: Line, digit: int, shares: NDArray[np.float32], first: float, last: float, network: Classifier
) -> PlacedReading:
    """A digit between two columns of a strip, its box drawn around the ink there."""
    scale = line.ink.shape[1] / (line.image.shape[1] - 2 * PADDING)
    start = int(np.clip((first - PADDING) * scale, 0, line.ink.shape[1] - 1))
    end = max(start + 1, round((last - PADDING) * scale))
    whole = line.ink[:, start:end]
    part = downscale(whole, CROP_SIDE)
    strokes = np.where(segment_digit(part)[0], part, np.uint8(0))
    left, top, wide, high = cv2.boundingRect(strokes)
    crop = strokes[top : top + high, left : left + wide]
    image = normalize(crop) if crop.any() else np.zeros((SIDE, SIDE), np.uint8)
    reading = Reading(digit, float(shares[digit]), shares, image, network=network)
    left, top, wide, high = (round(length * max(whole.shape) / max(part.shape)) for length in (left, top, wide, high))
    return PlacedReading((line.box[0] + start + left, line.box[1] + top, wide, high), reading)
