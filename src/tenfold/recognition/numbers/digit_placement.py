"""Where each digit of a decoded line lies, and its image, read once more on its own by the digit network."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, SIDE, Box, Grey
from tenfold.networks.classifier import Classifier
from tenfold.networks.line_network import LineNetwork
from tenfold.preprocessing.binarization import segment_digit
from tenfold.preprocessing.line_detection import PADDING, Line
from tenfold.preprocessing.normalization import normalize
from tenfold.preprocessing.scaling import downscale
from tenfold.recognition.numbers.ctc_decoder import align
from tenfold.recognition.numbers.line_decoding import DecodedLine
from tenfold.recognition.results import PlacedReading, Reading

CROP_SIDE = 120  # pixels of the longest side at which the ink of one digit is segmented


class PlacedDigits(NamedTuple):
    """The digits of a line.

    Attributes:
        digits: each with its box and image; their confidence is that of the line network.
        single: `(n, 10) float32`, the probabilities that the digit network gives for each image on its own.
    """

    digits: tuple[PlacedReading, ...]
    single: NDArray[np.float32]


def place_digits(decoded: DecodedLine, network: LineNetwork, digits: Classifier) -> PlacedDigits:
    """Locate the digits of a line's text, in the hypothesis that gives it the highest probability."""
    best, text = decoded.best, decoded.text
    if not text:
        return PlacedDigits((), np.zeros((0, DIGITS), np.float32))
    steps = align(best.probabilities, text)
    centers = [(step * network.step + network.first_center) / best.scale for step in steps]
    columns = pairwise(_cut_positions(centers, best.line.image.shape[1]))
    found, images = [], []
    for code, step, (first, last) in zip(text, steps, columns, strict=True):
        character = network.characters[code]
        if character.isdigit():
            box, image = _crop_digit(best.line, first, last)
            probabilities = _of_digits(best.probabilities[step], network.characters)
            digit = int(character)
            reading = Reading(digit, float(probabilities[digit]), probabilities, image, network=digits)
            found.append(PlacedReading(box, reading))
            images.append(image)
    single = digits.probabilities(np.stack(images)) if images else np.zeros((0, DIGITS), np.float32)
    return PlacedDigits(tuple(found), single)


def _of_digits(probabilities: NDArray[np.float32], characters: str) -> NDArray[np.float32]:
    return probabilities[[characters.index(str(digit)) for digit in range(DIGITS)]]


def _cut_positions(centers: list[float], width: int) -> list[float]:
    """The columns at which a line image is cut between characters, half way between centers."""
    between = [(left + right) / 2 for left, right in pairwise(centers)]
    return [max(0.0, centers[0] - SIDE), *between, min(width, centers[-1] + SIDE)]


def _crop_digit(line: Line, first: float, last: float) -> tuple[Box, Grey]:
    """The box of the ink between two columns of a line image, and its image."""
    scale = line.ink.shape[1] / (line.image.shape[1] - 2 * PADDING)
    start = int(np.clip((first - PADDING) * scale, 0, line.ink.shape[1] - 1))
    end = max(start + 1, round((last - PADDING) * scale))
    columns = line.ink[:, start:end]
    ink = downscale(columns, CROP_SIDE)
    strokes = np.where(segment_digit(ink)[0], ink, np.uint8(0))
    left, top, width, height = cv2.boundingRect(strokes)
    crop = strokes[top : top + height, left : left + width]
    image = normalize(crop) if crop.any() else np.zeros((SIDE, SIDE), np.uint8)
    upscale = max(columns.shape) / max(ink.shape)
    left, top, width, height = (round(length * upscale) for length in (left, top, width, height))
    return (line.box[0] + start + left, line.box[1] + top, width, height), image
