"""Accept, retry or reject: thresholds and advice in one place."""

from __future__ import annotations

ACCEPT_FIRST = 0.9  # a first look that is as sure as this is enough
ACCEPT_RETRY = 0.98  # another look must be as sure as this, for one of several may be sure by chance
REJECT_BELOW = 0.6  # probability that it is a digit at all, below which the picture is refused
SEVERAL_ABOVE = 0.9  # how sure each of two or more digits must be for a picture to hold several
MIN_DIGIT_HEIGHT = 8  # pixels of a digit's height that can be read
NOT_A_DIGIT = "This does not look like a digit: show one digit, upright, on its own, or read several as a number."
SEVERAL_DIGITS = "Several digits were found, {text}: read them as a number (--number, read_number), or show one alone."
TOO_SMALL = "The digit is only {pixels} pixels high: come closer, or scan at a higher resolution."
LOW_CONTRAST = "The ink hardly stands out from the paper: write darker, or light it more evenly."


WARN_DIGIT_BELOW = 0.7  # below this confidence a digit is named in the advice
WARN_NUMBER_BELOW = 0.5  # below this confidence the whole number is doubted, though each digit alone is sure
RETRY_BELOW = 0.8  # below this confidence in all of a picture it is looked at again
NO_DIGITS = (
    "No digits were found in what is written: photograph the number alone, upright, and close enough to fill it."
)


BLANK = "No ink was found: the picture looks blank. Write darker, come closer or light it more evenly."
