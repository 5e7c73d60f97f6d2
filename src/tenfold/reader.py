"""A picture -> a Reading: looks at it, asks the network, and looks again where that is unsure or there is shade.

Knows pictures, networks and what to tell a person. Does not know screens.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.classifier import Classifier
from tenfold.decode import grey_pixels
from tenfold.errors import NetworkError, PictureError
from tenfold.light import Grey, at_most, shadowed, strokes_are_dark
from tenfold.lines import LONGEST
from tenfold.network import load_network, packaged_folder
from tenfold.number import LineNet, NumberReading, numbers_in
from tenfold.picture import Stages, look_at
from tenfold.reading import BLANK, Reading, unread
from tenfold.strokes import OTHERS

if TYPE_CHECKING:
    from tenfold.decode import Picture

DEFAULT_NETWORK = "conv"
SURE = 0.9  # a first look that is as sure as this is enough
AGAIN = 0.98  # another look must be as sure as this, for one of several may be sure by chance
LEAST = 0.6  # probability that it is a digit at all, below which the picture is refused
TWO = 0.9  # how sure each of two or more digits must be for a picture to hold several
SMALLEST = 8  # pixels of a digit's height that can be read

NO_DIGIT = "This does not look like a digit: show one digit, upright, on its own, or read several as a number."
SEVERAL = "Several digits were found, {text}: read them as a number (--number, read_number), or show one alone."
TOO_SMALL = "The digit is only {pixels} pixels high: come closer, or scan at a higher resolution."
FAINT = "The ink hardly stands out from the paper: write darker, or light it more evenly."


class Reader:
    """Reads digits with one network, loaded once.

    Args:
        network: the name of a packaged network, a network's folder, or a network.

    Raises:
        NetworkError: there is no such network, or its files are damaged.
    """

    def __init__(self, network: str | Path | Classifier = DEFAULT_NETWORK) -> None:
        self.network: Classifier = load_network(network) if isinstance(network, str | Path) else network
        if not isinstance(self.network, Classifier):
            raise NetworkError(f"a {type(network).__name__} is no network: give a name, a folder or a network")

    def read(self, picture: Picture) -> Reading:
        """Read one digit.

        Args:
            picture: a path, the bytes of a picture file, an open binary file, a PIL image or an array, grey or
                colour, dark ink on light or light on dark.

        Raises:
            PictureError: it is no picture, is damaged, or is over a limit.
        """
        grey = grey_pixels(picture)
        reading = self._asked(look_at(grey))
        if reading.digit is None or not self.network.refuses:
            return reading
        if reading.confidence < SURE or (reading.stages and reading.stages.at_rim and shadowed(grey)):
            reading = self._looked_again(reading, grey)
        return self._judged(reading, grey)

    def read_many(self, pictures: Iterable[Picture]) -> list[Reading]:
        """Read many pictures; one that cannot be decoded gives a Reading whose problem says why."""
        return [self._read_or_explain(picture) for picture in pictures]

    def read_number(self, picture: Picture) -> NumberReading:
        """Read the digits of every line of handwriting in a picture, with the packaged network for lines.

        Args:
            picture: as of `read`.

        Raises:
            PictureError: it is no picture, is damaged, or is over a limit.
        """
        return numbers_in(at_most(grey_pixels(picture), LONGEST), _line_network(), self.network)

    def _asked(self, stages: Stages) -> Reading:
        if not stages.image.any():
            return unread(BLANK, stages)
        row = self.network.probabilities(stages.image[None])[0]
        digit = int(row.argmax())
        return Reading(digit, float(row[digit]), row, stages.image, None, stages, self.network)

    def _looked_again(self, first: Reading, grey: Grey) -> Reading:
        """The first other look that is sure of strokes within the picture; else the surest of those that are sure."""
        readings, dark = [first], strokes_are_dark(grey)
        for look in OTHERS:
            if look.sharp and not dark:
                continue
            stages = look_at(grey, look)
            if stages.crowded:
                continue
            again = self._asked(stages)
            if again.confidence > AGAIN:
                if not stages.at_rim:
                    return again
                readings.append(again)
        return max(readings, key=lambda reading: reading.confidence)

    def _judged(self, reading: Reading, grey: Grey) -> Reading:
        """The reading, or a refusal with advice where it holds no single digit."""
        stages = reading.stages
        if stages is None or reading.digit is None:
            return reading
        if stages.faint:
            return replace(reading, digit=None, confidence=0.0, problem=FAINT)
        refused = float(reading.probabilities.sum()) < LEAST
        if not refused and not stages.crowded:
            return reading
        number = numbers_in(at_most(grey, LONGEST), _line_network(), self.network)
        sure = [placed for placed in number.digits if placed.reading.confidence > TWO]
        if len(sure) > 1 and len(sure) == len(number.digits):
            return replace(reading, digit=None, confidence=0.0, problem=SEVERAL.format(text=number.answer))
        if not refused:
            return reading
        return replace(reading, digit=None, confidence=0.0, problem=_advice(stages))

    def _read_or_explain(self, picture: Picture) -> Reading:
        try:
            return self.read(picture)
        except PictureError as error:
            return unread(str(error), None)


def read(picture: Picture) -> Reading:
    """Read one digit with the default network; see `Reader.read`."""
    return _default_reader().read(picture)


def read_number(picture: Picture) -> NumberReading:
    """Read the digits of every line of handwriting in a picture; see `Reader.read_number`."""
    return _default_reader().read_number(picture)


@functools.cache
def _default_reader() -> Reader:
    return Reader()


@functools.cache
def _line_network() -> LineNet:
    return LineNet(packaged_folder("lines"))


def _advice(stages: Stages) -> str:
    """What would help most with a picture in which no digit was seen."""
    scale = max(stages.picture.shape) / max(stages.strokes.shape)
    pixels = round(stages.box[3] * scale)
    if pixels < SMALLEST:
        return TOO_SMALL.format(pixels=pixels)
    return NO_DIGIT
