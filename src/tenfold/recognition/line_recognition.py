"""Read the numbers in a picture line by line: decode each line, combine several scales if in doubt, locate the digits.

Does not know how lines are detected. Thresholds and advice are in `rejection`.
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
from tenfold.recognition.rejection import BLANK, NO_DIGITS, RETRY_BELOW, warning_on_number
from tenfold.recognition.results import NumberReading, PlacedReading, Reading

CROP_SIDE = 120  # pixels of the longest side at which the ink of one digit is segmented
TTA_SCALES = (0.9, 1.12)  # further scales at which a doubtful line is decoded (test-time augmentation)
WIDE_ASPECT_RATIO = 1.5  # width / height; a picture at least this wide may be one line, cut out of a form


class _Hypothesis(NamedTuple):
    """A line decoded at one scale."""

    line: Line
    scale: float
    probabilities: NDArray[np.float32]  # (steps, 11)
    texts: dict[Text, float]  # each with its probability


def recognize_lines(grey: Grey, lines: LineNetwork, digits: Classifier) -> NumberReading:
    """Read every line of digits in a picture.

    If confidence is low, each line is decoded at a smaller and a larger scale too. A landscape picture, which may be a
    single field of a form, is also decoded as one line, however broken or full of rules. The text with the highest
    mean probability wins.

    Args:
        grey: `(h, w) uint8`, 0 black .. 255 white, no side longer than `line_detection.MAX_PAGE_SIDE`.
        lines: the network that reads line images.
        digits: the network that `tenfold.explain` uses for a single digit.
    """
    ink = page_ink(grey)
    hypotheses = [[_decode_at_scale(line, 1.0, lines)] for line in detect_lines(ink)]
    if 0 < _confidence(hypotheses) < RETRY_BELOW:
        hypotheses = [
            [*first, *(_decode_at_scale(first[0].line, scale, lines) for scale in TTA_SCALES)] for first in hypotheses
        ]
        if grey.shape[1] >= WIDE_ASPECT_RATIO * grey.shape[0]:
            whole = _decode_at_scale(whole_page_as_line(ink), 1.0, lines)
            one_line = [[*hypotheses[0], whole]]
            hypotheses = one_line if len(hypotheses) == 1 else max(hypotheses, [[whole]], key=_confidence)
    located = [_locate_digits(of_line, digits) for of_line in hypotheses]
    placed = tuple(digit for line in located for digit in line)
    text = "\n".join("".join(str(digit.reading.digit) for digit in line) for line in located if line)
    if not placed:
        return NumberReading("", 0.0, (), NO_DIGITS if hypotheses else BLANK, grey)
    confidence = _confidence(hypotheses)
    of_lines = [
        _line_reading(tuple(line), _confidence([of_line]), grey)
        for line, of_line in zip(located, hypotheses, strict=True)
        if line
    ]
    return NumberReading(text, confidence, placed, warning_on_number(placed, confidence), grey, tuple(of_lines))


def _line_reading(digits: tuple[PlacedReading, ...], confidence: float, grey: Grey) -> NumberReading:
    """One line as a number of its own."""
    text = "".join(str(digit.reading.digit) for digit in digits)
    return NumberReading(text, confidence, digits, warning_on_number(digits, confidence), grey)


def _decode_at_scale(line: Line, scale: float, network: LineNetwork) -> _Hypothesis:
    probabilities = network.probabilities(_rescale(line.image, scale))
    return _Hypothesis(line, scale, probabilities, beam_search(probabilities))


def _combine(hypotheses: list[_Hypothesis]) -> tuple[Text, float]:
    """The text with the highest mean probability over the hypotheses of one line, and that probability."""
    sums: Counter[Text] = Counter()
    for hypothesis in hypotheses:
        sums.update({text: probability / len(hypotheses) for text, probability in hypothesis.texts.items()})
    return sums.most_common(1)[0]


def _confidence(hypotheses: list[list[_Hypothesis]]) -> float:
    """The probability that the texts of all lines are right; 0 if no line has a text."""
    combined = [_combine(of_line) for of_line in hypotheses]
    return float(np.prod([probability for _, probability in combined])) if any(text for text, _ in combined) else 0.0


def _locate_digits(hypotheses: list[_Hypothesis], network: Classifier) -> list[PlacedReading]:
    """The digits of the combined text, located in the hypothesis that gives it the highest probability."""
    text, _ = _combine(hypotheses)
    best = max(hypotheses, key=lambda hypothesis: hypothesis.texts.get(text, 0.0))
    steps = align(best.probabilities, text)
    centers = [(step * STRIDE + SIDE // 2) / best.scale for step in steps]
    columns = pairwise(_cut_positions(centers, best.line.image.shape[1]))
    return [
        _crop_digit(best.line, digit, best.probabilities[step, :DIGITS], first, last, network)
        for digit, step, (first, last) in zip(text, steps, columns, strict=True)
    ]


def _rescale(image: Grey, scale: float) -> Grey:
    """A line image scaled about its middle row; it stays 28 rows high."""
    matrix = np.array([[scale, 0, 0], [0, scale, (1 - scale) * (SIDE - 1) / 2]])
    width = max(SIDE, round(scale * image.shape[1]))
    return image if scale == 1 else cv2.warpAffine(image, matrix, (width, SIDE)).astype(np.uint8)


def _cut_positions(centers: list[float], width: int) -> list[float]:
    """The columns at which a line image is cut between digits, half way between centers; empty without digits."""
    if not centers:
        return []
    between = [(left + right) / 2 for left, right in pairwise(centers)]
    return [max(0.0, centers[0] - SIDE), *between, min(width, centers[-1] + SIDE)]


def _crop_digit(
    line: Line, digit: int, probabilities: NDArray[np.float32], first: float, last: float, network: Classifier
) -> PlacedReading:
    """The digit between two columns of a line image; its box encloses the ink there."""
    scale = line.ink.shape[1] / (line.image.shape[1] - 2 * PADDING)
    start = int(np.clip((first - PADDING) * scale, 0, line.ink.shape[1] - 1))
    end = max(start + 1, round((last - PADDING) * scale))
    columns = line.ink[:, start:end]
    ink = downscale(columns, CROP_SIDE)
    strokes = np.where(segment_digit(ink)[0], ink, np.uint8(0))
    left, top, width, height = cv2.boundingRect(strokes)
    crop = strokes[top : top + height, left : left + width]
    image = normalize(crop) if crop.any() else np.zeros((SIDE, SIDE), np.uint8)
    reading = Reading(digit, float(probabilities[digit]), probabilities, image, network=network)
    upscale = max(columns.shape) / max(ink.shape)
    left, top, width, height = (round(length * upscale) for length in (left, top, width, height))
    return PlacedReading((line.box[0] + start + left, line.box[1] + top, width, height), reading)
