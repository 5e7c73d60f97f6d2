"""Read the numbers in a picture: find them, decode all in one batch, place their digits, and decide how sure each is.

Does not know how lines are detected or decoded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tenfold.arrays import Grey
from tenfold.networks.classifier import Classifier
from tenfold.networks.line_network import UNKNOWN, LineNetwork
from tenfold.preprocessing.line_detection import Line, detect_numbers, page_ink, whole_page_as_line
from tenfold.recognition.numbers.digit_placement import place_digits
from tenfold.recognition.numbers.expected import Expected
from tenfold.recognition.numbers.line_decoding import DecodedLine, decode, decode_again, written
from tenfold.recognition.numbers.number_confidence import confidence_of, decision_in, features_of
from tenfold.recognition.numbers.number_warnings import (
    ACCEPT_UNFITTED,
    NONE_FITS,
    TURNED,
    warning,
    warning_on_several,
)
from tenfold.recognition.rejection import BLANK, NO_DIGITS, RETRY_BELOW
from tenfold.recognition.results import NumberReading, joined

WIDE_ASPECT_RATIO = 1.5  # width / height; a picture at least this wide may be one line, cut out of a form
TURNED_ABOVE = 0.5  # fraction of the marks that are unknown, from which a page may be upside down


def recognize_lines(
    grey: Grey, lines: LineNetwork, digits: Classifier, expected: Expected | None = None
) -> NumberReading:
    """Read every number in a picture.

    Doubtful lines are decoded at a smaller and a larger scale too. A landscape picture, which may be a single field of
    a form, is also decoded as one line, however broken or full of rules. If most marks are unknown, the picture is
    read upside down as well.

    Args:
        grey: `(h, w) uint8`, 0 black .. 255 white, no side longer than `line_detection.MAX_PAGE_SIDE`.
        lines: the network that reads line images.
        digits: the network that reads each digit once more, on its own.
        expected: what each number must be; None for anything.
    """
    reading, unknown = _read_page(grey, lines, digits, expected)
    if unknown > TURNED_ABOVE:
        turned, unknown_turned = _read_page(np.ascontiguousarray(grey[::-1, ::-1]), lines, digits, expected)
        if turned.digits and unknown_turned < unknown / 2 and turned.confidence > reading.confidence:
            return _turned_back(turned, reading, grey)
    return reading


def decode_lines(found: Sequence[Line], lines: LineNetwork, expected: Expected | None = None) -> list[DecodedLine]:
    """Decode lines in one batch, the doubtful ones at further scales too."""
    decoded = [DecodedLine([hypothesis]) for hypothesis in decode(found, lines, expected)]
    doubtful = [i for i, line in enumerate(decoded) if line.probability < RETRY_BELOW]
    return decode_again(decoded, doubtful, lines, expected) if doubtful else decoded


def _read_page(
    grey: Grey, lines: LineNetwork, digits: Classifier, expected: Expected | None
) -> tuple[NumberReading, float]:
    """The numbers of a page, and the fraction of its marks that are unknown."""
    ink = page_ink(grey)
    rows = detect_numbers(ink)
    decoded = decode_lines([line for row in rows for line in row], lines, expected)
    if len(decoded) == 1 and decoded[0].probability < RETRY_BELOW and _is_wide(grey):
        (whole,) = decode([whole_page_as_line(ink)], lines, expected, sheared=True)
        decoded = [DecodedLine([*decoded[0].hypotheses, whole])]
    marks = "".join(written(line.free_text, lines.characters) for line in decoded)
    unknown = marks.count(UNKNOWN) / len(marks) if len(marks) > 1 else 0.0
    numbers = iter([number_of(line, lines, digits, grey, expected) for line in decoded])
    read = [[number for number in (next(numbers) for _ in row) if number is not None] for row in rows]
    kept = tuple(tuple(row) for row in read if row)
    if kept:
        return joined(kept, warning_on_several([number.problem for row in kept for number in row]), grey), unknown
    problem = NO_DIGITS if decoded else BLANK
    if expected and decoded:
        problem = NONE_FITS.format(expected=expected, free=marks)
    return NumberReading("", 0.0, (), problem, grey), unknown


def number_of(
    decoded: DecodedLine, lines: LineNetwork, digits: Classifier, grey: Grey, expected: Expected | None = None
) -> NumberReading | None:
    """A decoded line as a number; None if no digit stands in it."""
    text = written(decoded.text, lines.characters)
    placed = place_digits(decoded, lines, digits)
    if not placed.digits:
        return None
    unknown = len(re.findall(re.escape(UNKNOWN) + "+", text))
    features, decision = features_of(decoded, placed, unknown), decision_in(lines.card)
    confidence = confidence_of(features, decision)
    accept = decision.accept if decision else ACCEPT_UNFITTED
    free = written(decoded.free_text, lines.characters)
    problem = warning(placed, confidence, accept, unknown, decoded.fit, free, expected)
    return NumberReading(
        "".join(filter(str.isdigit, text)),
        confidence,
        placed.digits,
        problem,
        grey,
        written=re.sub(re.escape(UNKNOWN) + "+", UNKNOWN, text),
        box=decoded.best.line.box,
    )


def _turned_back(turned: NumberReading, upright: NumberReading, grey: Grey) -> NumberReading:
    """A reading of the picture upside down, with its boxes in the picture as it is."""
    height, width = grey.shape

    def back(number: NumberReading) -> NumberReading:
        placed = tuple(replace(digit, box=_turned_box(digit.box, width, height)) for digit in number.digits)
        box = None if number.box is None else _turned_box(number.box, width, height)
        rows = tuple(tuple(map(back, row)) for row in number.rows)
        return replace(number, digits=placed, box=box, rows=rows, picture=grey)

    other = repr(upright.written) if upright.written else "a line of letters"
    return replace(back(turned), problem=TURNED.format(other=other))


def _turned_box(box: tuple[int, int, int, int], width: int, height: int) -> tuple[int, int, int, int]:
    left, top, wide, high = box
    return width - left - wide, height - top - high, wide, high


def _is_wide(grey: Grey) -> bool:
    return bool(grey.shape[1] >= WIDE_ASPECT_RATIO * grey.shape[0])
