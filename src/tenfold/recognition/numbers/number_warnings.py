"""The sentences that say why a number is doubtful. No thresholds here but the one without a fitted decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tenfold.recognition.numbers.digit_placement import PlacedDigits
from tenfold.recognition.numbers.expected import Expected

ACCEPT_UNFITTED = 0.9  # confidence from which a number is answered without a warning, if no decision was fitted

UNCERTAIN = "This is only {percent:.0f} % certain to be the whole number: check it."
UNCERTAIN_DIGITS = "Of {count} digits, {named} uncertain: check the number."
DISAGREEMENT = "Digit {place} is read as {digit} in the line, and as {single} on its own: check the number."
UNKNOWN_MARKS = "Beside digits and signs there is {marks}, shown as ? in `written`: check the number."
MISFIT = "What stands there is more likely {free!r}, which does not fit {expected}: check the number."
NONE_FITS = "No text that fits {expected} was found; without that condition it is read as {free!r}."
TURNED = "The number stands upside down, and was turned to be read: check that it is not {other}."
SEVERAL = "Of {count} numbers, {named} doubtful: check what `rows` says of each."


def warning(
    placed: PlacedDigits,
    confidence: float,
    accept: float,
    unknown: int,
    fit: float,
    free: str,
    expected: Expected | None,
) -> str | None:
    """Why a number is doubtful, in one sentence; None if it is not.

    Args:
        placed: its digits, and how the digit network reads each.
        confidence: that the number is right, 0..1.
        accept: the least confidence without a warning, if both readings agree and no mark is unknown.
        unknown: how many unknown marks stand in it.
        fit: the probability that what stands there fits what is expected, 0..1.
        free: the most probable text without expectations.
        expected: what is expected.
    """
    if expected and fit < 0.5:
        return MISFIT.format(free=free, expected=expected)
    if unknown:
        return UNKNOWN_MARKS.format(marks="an unknown mark" if unknown == 1 else f"{unknown} unknown marks")
    if differs := disagreement(placed):
        return DISAGREEMENT.format(**differs._asdict())
    if confidence >= accept:
        return None
    doubtful = [str(i) for i, digit in enumerate(placed.digits, 1) if digit.reading.confidence < accept]
    if not doubtful or len(doubtful) == len(placed.digits):
        return UNCERTAIN.format(percent=100 * confidence)
    named = f"digit {doubtful[0]} is" if len(doubtful) == 1 else f"digits {', '.join(doubtful)} are"
    return UNCERTAIN_DIGITS.format(count=len(placed.digits), named=named)


class Disagreement(NamedTuple):
    """Two readings of one digit: its place in the number, from 1; the digit in the line; and on its own."""

    place: int
    digit: int | None
    single: int


def disagreement(placed: PlacedDigits) -> Disagreement | None:
    """The first digit that the digit network, on its own, reads otherwise than the line network does."""
    for place, (digit, single) in enumerate(zip(placed.digits, placed.single, strict=True), start=1):
        other = int(single.argmax())
        if other != digit.reading.digit and float(single[other]) > 0.5:
            return Disagreement(place, digit.reading.digit, other)
    return None


def warning_on_several(problems: Sequence[str | None]) -> str | None:
    """Which of several numbers are doubtful; the problem itself if there is one number."""
    if len(problems) == 1:
        return problems[0]
    doubtful = [str(place) for place, problem in enumerate(problems, start=1) if problem]
    if not doubtful:
        return None
    named = f"number {doubtful[0]} is" if len(doubtful) == 1 else f"numbers {', '.join(doubtful)} are"
    return SEVERAL.format(count=len(problems), named=named)
