"""When a reading is accepted, retried, rejected or flagged, and the advice that goes with it.

All thresholds of recognition are here. Does not run networks.
"""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.preprocessing.digit_pipeline import Stages
from tenfold.recognition.results import PlacedReading

ACCEPT_FIRST = 0.9  # confidence at which the first classification is accepted without a retry
ACCEPT_RETRY = 0.98  # confidence that a retry needs; higher, because one of several may be confident by chance
REJECT_BELOW = 0.6  # probability that the picture shows a digit at all
SEVERAL_ABOVE = 0.9  # confidence of each of two or more digits at which a picture is said to hold several
WARN_DIGIT_BELOW = 0.7  # confidence below which the advice names a digit
WARN_NUMBER_BELOW = 0.5  # confidence below which a whole number is flagged although each digit is confident
RETRY_BELOW = 0.8  # confidence in all lines of a picture below which they are decoded at more scales
MIN_DIGIT_HEIGHT = 8  # pixels; smaller digits cannot be read

BLANK = "No ink was found: the picture looks blank. Write darker, come closer or light it more evenly."
NOT_A_DIGIT = "This does not look like a digit: show one digit, upright, on its own, or read several as a number."
SEVERAL_DIGITS = "Several digits were found, {text}: read them as a number (--number, read_number), or show one alone."
TOO_SMALL = "The digit is only {pixels} pixels high: come closer, or scan at a higher resolution."
LOW_CONTRAST = "The ink hardly stands out from the paper: write darker, or light it more evenly."
UNCERTAIN = "This is only {percent:.0f} % certain to be a {digit}: check it."
NO_DIGITS = (
    "No digits were found in the writing: photograph the number alone, upright, and close enough to fill the picture."
)
UNCERTAIN_NUMBER = "This is only {percent:.0f} % certain to be the whole number: check it."


def advice_on_rejection(stages: Stages) -> str:
    """The advice that would help most with a picture in which no digit was recognized."""
    scale = max(stages.picture.shape) / max(stages.strokes.shape)
    pixels = round(stages.box[3] * scale)
    return TOO_SMALL.format(pixels=pixels) if pixels < MIN_DIGIT_HEIGHT else NOT_A_DIGIT


def warning_on_digit(digit: int, confidence: float) -> str | None:
    """A warning if a digit is uncertain, else None."""
    return None if confidence >= WARN_DIGIT_BELOW else UNCERTAIN.format(percent=100 * confidence, digit=digit)


def warning_on_number(digits: Sequence[PlacedReading], confidence: float) -> str | None:
    """A warning if digits of a number, or the number as a whole, are uncertain, else None."""
    uncertain = [str(i) for i, digit in enumerate(digits, start=1) if digit.reading.confidence < WARN_DIGIT_BELOW]
    if not uncertain:
        return None if confidence >= WARN_NUMBER_BELOW else UNCERTAIN_NUMBER.format(percent=100 * confidence)
    named = f"digit {uncertain[0]} is" if len(uncertain) == 1 else f"digits {', '.join(uncertain)} are"
    return f"Of {len(digits)} digits, {named} uncertain: check the number."
