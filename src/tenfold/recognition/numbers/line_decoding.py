"""Line images -> texts and their probabilities: several scales combined if in doubt, and what the caller expects.

Does not know how lines are detected, or where digits lie.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import SIDE, Grey
from tenfold.networks.line_network import LineNetwork
from tenfold.preprocessing.line_detection import Line
from tenfold.recognition.numbers.ctc_decoder import Text, beam_search
from tenfold.recognition.numbers.expected import Expected

TTA_SCALES = (1.0, 0.9, 1.12)  # scales at which a doubtful line is decoded again (test-time augmentation)
EXPECTED_WIDTH = 60  # prefixes kept where texts must fit: the one that fits may be far from the most probable
EXPECTED_LEAST = 1e-7  # probability of a character, likewise
MAX_STEPS = 1200  # of a line; longer ones are decoded with few prefixes, in bounded time


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A line decoded at one scale.

    Attributes:
        line: the line.
        scale: of its image.
        probabilities: `(steps, characters + 1)`.
        free: texts with their probabilities, whatever is expected.
        texts: those that fit what is expected; the same without expectations.
    """

    line: Line
    scale: float
    probabilities: NDArray[np.float32]
    free: dict[Text, float]
    texts: dict[Text, float]


@dataclass(frozen=True, eq=False)
class DecodedLine:
    """A line with its texts, over all scales.

    Attributes:
        hypotheses: the line at each scale.
        text: the most probable text that fits; () if there is none.
        probability: of that text, 0..1, given that what stands there fits.
        fit: the probability that what stands there fits; 1 without expectations.
        free_text: the most probable text, whatever is expected.
        margin: the probability of the next text, 0..1.
    """

    hypotheses: list[Hypothesis]
    text: Text = field(init=False)
    probability: float = field(init=False)
    fit: float = field(init=False)
    free_text: Text = field(init=False)
    margin: float = field(init=False)

    def __post_init__(self) -> None:
        texts, free = _mean([h.texts for h in self.hypotheses]), _mean([h.free for h in self.hypotheses])
        total = sum(texts.values())
        expects = any(h.texts is not h.free for h in self.hypotheses)
        (text, best), (_, second) = [*texts.most_common(2), ((), 0.0), ((), 0.0)][:2]
        values = {
            "text": text,
            "probability": best / total if expects and total > 0 else best,
            "fit": min(1.0, total) if expects else 1.0,
            "free_text": free.most_common(1)[0][0] if free else (),
            "margin": second / total if expects and total > 0 else second,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def best(self) -> Hypothesis:
        """The hypothesis that gives the text the highest probability."""
        return max(self.hypotheses, key=lambda hypothesis: hypothesis.texts.get(self.text, 0.0))


def decode(
    lines: Sequence[Line],
    network: LineNetwork,
    expected: Expected | None = None,
    scale: float = 1.0,
    sheared: bool = False,
) -> list[Hypothesis]:
    """Decode lines at one scale, all in one batch; over several slants if `sheared`."""
    arrays = network.probabilities([_rescale(line.image, scale) for line in lines], sheared)
    return [
        _hypothesis(line, scale, array, network.characters, expected) for line, array in zip(lines, arrays, strict=True)
    ]


def decode_again(
    decoded: Sequence[DecodedLine], doubtful: Sequence[int], network: LineNetwork, expected: Expected | None
) -> list[DecodedLine]:
    """Decode the doubtful ones at more scales and slants: the text with the highest mean probability wins."""
    lines = [decoded[place].hypotheses[0].line for place in doubtful]
    further = [decode(lines, network, expected, scale, sheared=True) for scale in TTA_SCALES]
    result = list(decoded)
    for place, at_scales in zip(doubtful, zip(*further, strict=True), strict=True):
        result[place] = DecodedLine(list(at_scales))
    return result


def _hypothesis(
    line: Line, scale: float, probabilities: NDArray[np.float32], characters: str, expected: Expected | None
) -> Hypothesis:
    free = beam_search(probabilities) if len(probabilities) <= MAX_STEPS else beam_search(probabilities, 2)
    if not expected:
        return Hypothesis(line, scale, probabilities, free, free)
    known: dict[Text, bool] = {}

    def may_begin(text: Text) -> bool:
        if text not in known:
            known[text] = expected.may_begin(written(text, characters))
        return known[text]

    found = beam_search(probabilities, EXPECTED_WIDTH, may_begin, EXPECTED_LEAST)
    texts = {text: value for text, value in found.items() if expected.fits(written(text, characters))}
    return Hypothesis(line, scale, probabilities, free, texts)


def written(text: Text, characters: str) -> str:
    """A text of codes as characters."""
    return "".join(characters[code] for code in text)


def _mean(of_hypotheses: list[dict[Text, float]]) -> Counter[Text]:
    sums: Counter[Text] = Counter()
    for texts in of_hypotheses:
        for text, probability in texts.items():
            sums[text] += probability / len(of_hypotheses)  # type: ignore[assignment]  # a Counter of floats
    return sums


def _rescale(image: Grey, scale: float) -> Grey:
    """A line image scaled about its middle row; it stays 28 rows high."""
    matrix = np.array([[scale, 0, 0], [0, scale, (1 - scale) * (SIDE - 1) / 2]])
    width = max(SIDE, round(scale * image.shape[1]))
    return image if scale == 1 else cv2.warpAffine(image, matrix, (width, SIDE)).astype(np.uint8)
