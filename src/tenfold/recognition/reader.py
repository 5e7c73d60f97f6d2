"""A picture -> a Reading: looks at it, asks the network, and looks again where that is unsure or there is shade.

Knows pictures, networks and what to tell a person. Does not know screens.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.arrays import Grey
from tenfold.errors import NetworkError, PictureError
from tenfold.io.image_files import grey_pixels
from tenfold.networks.classifier import Classifier
from tenfold.networks.line_network import LineNetwork
from tenfold.networks.registry import load_network, packaged_folder
from tenfold.preprocessing.background import has_dark_ink, has_shadow
from tenfold.preprocessing.binarization import RETRY_SETTINGS
from tenfold.preprocessing.digit_pipeline import Stages, preprocess
from tenfold.preprocessing.line_detection import MAX_PAGE_SIDE
from tenfold.preprocessing.scaling import downscale
from tenfold.recognition.line_recognition import recognize_lines
from tenfold.recognition.rejection import (
    ACCEPT_FIRST,
    ACCEPT_RETRY,
    BLANK,
    LOW_CONTRAST,
    MIN_DIGIT_HEIGHT,
    NOT_A_DIGIT,
    REJECT_BELOW,
    SEVERAL_ABOVE,
    SEVERAL_DIGITS,
    TOO_SMALL,
)
from tenfold.recognition.results import NumberReading, Reading, failed_reading

if TYPE_CHECKING:
    from tenfold.io.image_files import Picture

DEFAULT_NETWORK = "digits"


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
        reading = self._asked(preprocess(grey))
        if reading.digit is None or not self.network.rejects:
            return reading
        if reading.confidence < ACCEPT_FIRST or (reading.stages and reading.stages.touches_border and has_shadow(grey)):
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
        return recognize_lines(downscale(grey_pixels(picture), MAX_PAGE_SIDE), _line_network(), self.network)

    def _asked(self, stages: Stages) -> Reading:
        if not stages.image.any():
            return failed_reading(BLANK, stages)
        row = self.network.probabilities(stages.image[None])[0]
        digit = int(row.argmax())
        return Reading(digit, float(row[digit]), row, stages.image, None, stages, self.network)

    def _looked_again(self, first: Reading, grey: Grey) -> Reading:
        """The first other look that is sure of strokes within the picture; else the surest of those that are sure."""
        readings, dark = [first], has_dark_ink(grey)
        for look in RETRY_SETTINGS:
            if look.local_background and not dark:
                continue
            stages = preprocess(grey, look)
            if stages.has_second_object:
                continue
            again = self._asked(stages)
            if again.confidence > ACCEPT_RETRY:
                if not stages.touches_border:
                    return again
                readings.append(again)
        return max(readings, key=lambda reading: reading.confidence)

    def _judged(self, reading: Reading, grey: Grey) -> Reading:
        """The reading, or a refusal with advice where it holds no single digit."""
        stages = reading.stages
        if stages is None or reading.digit is None:
            return reading
        if stages.low_contrast:
            return replace(reading, digit=None, confidence=0.0, problem=LOW_CONTRAST)
        refused = float(reading.probabilities.sum()) < REJECT_BELOW
        if not refused and not stages.has_second_object:
            return reading
        number = recognize_lines(downscale(grey, MAX_PAGE_SIDE), _line_network(), self.network)
        sure = [placed for placed in number.digits if placed.reading.confidence > SEVERAL_ABOVE]
        if len(sure) > 1 and len(sure) == len(number.digits):
            return replace(reading, digit=None, confidence=0.0, problem=SEVERAL_DIGITS.format(text=number.answer))
        if not refused:
            return reading
        return replace(reading, digit=None, confidence=0.0, problem=_advice(stages))

    def _read_or_explain(self, picture: Picture) -> Reading:
        try:
            return self.read(picture)
        except PictureError as error:
            return failed_reading(str(error), None)


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
def _line_network() -> LineNetwork:
    return LineNetwork(packaged_folder("lines"))


def _advice(stages: Stages) -> str:
    """What would help most with a picture in which no digit was seen."""
    scale = max(stages.picture.shape) / max(stages.strokes.shape)
    pixels = round(stages.box[3] * scale)
    if pixels < MIN_DIGIT_HEIGHT:
        return TOO_SMALL.format(pixels=pixels)
    return NOT_A_DIGIT
