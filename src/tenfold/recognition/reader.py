"""Read digits: preprocess, classify, and retry with other settings if confidence is low or there is a shadow.

Thresholds and advice are in `rejection`. Nothing is drawn or printed here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from tenfold.arrays import Grey
from tenfold.errors import NetworkError
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
from tenfold.recognition.numbers.expected import Expected, expected
from tenfold.recognition.rejection import (
    ACCEPT_FIRST,
    ACCEPT_RETRY,
    BLANK,
    LOW_CONTRAST,
    REJECT_BELOW,
    SEVERAL_ABOVE,
    SEVERAL_DIGITS,
    advice_on_rejection,
    warning_on_digit,
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
        NetworkError: the network does not exist, or its files are damaged.
    """

    def __init__(self, network: str | Path | Classifier = DEFAULT_NETWORK) -> None:
        self.network: Classifier = load_network(network) if isinstance(network, str | Path) else network
        if not isinstance(self.network, Classifier):
            raise NetworkError(f"a {type(network).__name__} is not a network: give a name, a folder or a network")

    def read(self, picture: Picture) -> Reading:
        """Read one digit.

        Args:
            picture: a path, the bytes of a picture file, an open binary file, a PIL image or an array; grayscale or
                colour, dark ink on light paper or the reverse.

        Returns:
            the reading; its `problem` says why a picture was rejected, or that the digit is uncertain.

        Raises:
            PictureError: it is not a picture, is damaged, or is over a limit.
        """
        grey = grey_pixels(picture)
        reading = self._classify(preprocess(grey))
        if reading.digit is None or not self.network.rejects:
            return reading
        if reading.confidence < ACCEPT_FIRST or (reading.stages and reading.stages.touches_border and has_shadow(grey)):
            reading = self._retry(reading, grey)
        return self._accept_or_reject(reading, grey)

    @overload
    def read_many(
        self, pictures: Iterable[Picture], jobs: int | None = None, number: Literal[False] = False
    ) -> Iterator[Reading]: ...

    @overload
    def read_many(
        self, pictures: Iterable[Picture], jobs: int | None = None, *, number: Literal[True], **conditions: Any
    ) -> Iterator[NumberReading]: ...

    def read_many(
        self, pictures: Iterable[Picture], jobs: int | None = None, number: bool = False, **conditions: Any
    ) -> Iterator[Reading | NumberReading]:
        """Read many pictures, in order, one after the other as they are asked for.

        Pictures are taken from the iterable only a few ahead of the readings, so it may be endless.

        Args:
            pictures: as in `read`.
            jobs: how many processes read; 1 to read in this process. By default, one a processor, which start after
                the first pictures, so that few pictures do not wait for them.
            number: read numbers instead of single digits.
            conditions: what is expected of each number, as in `read_number`.

        Returns:
            the readings; for a picture that cannot be decoded, or that crashed its process or took two minutes, the
            `problem` says so.

        Raises:
            DataError: `jobs` is less than 1, or the conditions cannot be met.
        """
        from tenfold.recognition.many_pictures import Way, read_in_order

        return read_in_order(Way(self, number, expected(**conditions)), pictures, jobs)

    def read_number(
        self,
        picture: Picture,
        *,
        digits: int | None = None,
        pattern: str | None = None,
        allowed: Iterable[str] | None = None,
        check: str | None = None,
    ) -> NumberReading:
        r"""Read every handwritten number in a picture, with the packaged network for lines.

        What is expected of each number can be said: then the most probable text that fits is looked for.

        Args:
            picture: as in `read`.
            digits: how many digits each number has.
            pattern: a regular expression that all of what is written must match, such as `\d{2}/\d{2}/\d{2}`.
            allowed: all texts that may be written.
            check: the formula of its check digit: "luhn", "isbn13", "mod11" or "mod97".

        Returns:
            the reading; its `problem` says what is doubtful, or that nothing fits.

        Raises:
            PictureError: it is not a picture, is damaged, or is over a limit.
            DataError: no text can fit, or a condition is of another kind.
        """
        return self.read_expected(picture, expected(digits, pattern, allowed, check))

    def read_expected(self, picture: Picture, conditions: Expected | None) -> NumberReading:
        """Read numbers as `read_number` does, with conditions that were put together once for many pictures."""
        grey = downscale(grey_pixels(picture), MAX_PAGE_SIDE)
        return recognize_lines(grey, _line_network(), self.network, conditions)

    def _classify(self, stages: Stages) -> Reading:
        if not stages.image.any():
            return failed_reading(BLANK, stages)
        probabilities = self.network.probabilities(stages.image[None])[0]
        digit = int(probabilities.argmax())
        return Reading(digit, float(probabilities[digit]), probabilities, stages.image, None, stages, self.network)

    def _retry(self, first: Reading, grey: Grey) -> Reading:
        """Classify with other preprocessing settings.

        The first confident retry whose strokes stay clear of the border wins; otherwise the most confident reading.
        """
        readings, dark = [first], has_dark_ink(grey)
        for settings in RETRY_SETTINGS:
            if settings.local_background and not dark:
                continue
            stages = preprocess(grey, settings)
            if stages.has_second_object:
                continue
            retry = self._classify(stages)
            if retry.confidence > ACCEPT_RETRY:
                if not stages.touches_border:
                    return retry
                readings.append(retry)
        return max(readings, key=lambda reading: reading.confidence)

    def _accept_or_reject(self, reading: Reading, grey: Grey) -> Reading:
        """The reading, with a warning if it is uncertain; without a digit, but with advice, if it is rejected."""
        stages = reading.stages
        if stages is None or reading.digit is None:
            return reading
        if stages.low_contrast:
            return _rejected(reading, LOW_CONTRAST)
        rejected = float(reading.probabilities.sum()) < REJECT_BELOW
        if rejected or stages.has_second_object:
            number = recognize_lines(downscale(grey, MAX_PAGE_SIDE), _line_network(), self.network)
            confident = [placed for placed in number.digits if placed.reading.confidence > SEVERAL_ABOVE]
            if len(confident) > 1 and len(confident) == len(number.digits):
                return _rejected(reading, SEVERAL_DIGITS.format(text=number.answer))
        if rejected:
            return _rejected(reading, advice_on_rejection(stages))
        return replace(reading, problem=warning_on_digit(reading.digit, reading.confidence))


def read(picture: Picture) -> Reading:
    """Read one digit with the default network; see `Reader.read`."""
    return _default_reader().read(picture)


def read_number(
    picture: Picture,
    *,
    digits: int | None = None,
    pattern: str | None = None,
    allowed: Iterable[str] | None = None,
    check: str | None = None,
) -> NumberReading:
    """Read every handwritten number in a picture; see `Reader.read_number`."""
    return _default_reader().read_number(picture, digits=digits, pattern=pattern, allowed=allowed, check=check)


@overload
def read_many(
    pictures: Iterable[Picture], jobs: int | None = None, number: Literal[False] = False
) -> Iterator[Reading]: ...


@overload
def read_many(
    pictures: Iterable[Picture], jobs: int | None = None, *, number: Literal[True], **conditions: Any
) -> Iterator[NumberReading]: ...


def read_many(
    pictures: Iterable[Picture], jobs: int | None = None, number: bool = False, **conditions: Any
) -> Iterator[Reading | NumberReading]:
    """Read many pictures on every processor, in order; see `Reader.read_many`."""
    from tenfold.recognition.many_pictures import Way, read_in_order

    return read_in_order(Way(_default_reader(), number, expected(**conditions)), pictures, jobs)


@functools.cache
def _default_reader() -> Reader:
    return Reader()


@functools.cache
def _line_network() -> LineNetwork:
    return LineNetwork(packaged_folder("lines"))


def _rejected(reading: Reading, problem: str) -> Reading:
    return replace(reading, digit=None, confidence=0.0, problem=problem)
