from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from tenfold.arrays import Grey
from tenfold.preprocessing.line_detection import Line
from tenfold.recognition.numbers.expected import Expected
from tenfold.recognition.numbers.line_decoding import DecodedLine, decode, decode_again, written

CHARACTERS = "0123456789/?"


class FakeNetwork:
    """Gives the same probabilities for every line."""

    characters = CHARACTERS

    def __init__(self, probabilities: NDArray[np.float32]) -> None:
        self.given, self.calls = probabilities, 0

    def probabilities(self, images: list[Grey], sheared: bool = False) -> list[NDArray[np.float32]]:
        self.calls += 1
        return [self.given] * len(images)


def steps(*rows: dict[str, float]) -> NDArray[np.float32]:
    """Steps with these probabilities; blank has the rest."""
    array = np.zeros((len(rows), len(CHARACTERS) + 1), np.float32)
    for row, values in zip(array, rows, strict=True):
        for character, probability in values.items():
            row[CHARACTERS.index(character)] = probability
        row[-1] = 1 - row.sum()
    return array


def decoded(probabilities: NDArray[np.float32], expected: Expected | None = None) -> DecodedLine:
    line = Line(np.zeros((28, 60), np.uint8), np.zeros((28, 60), np.uint8), (0, 0, 60, 28))
    return DecodedLine(decode([line], FakeNetwork(probabilities), expected))  # type: ignore[arg-type]


def all_texts(probabilities: NDArray[np.float32]) -> dict[str, float]:
    """Every text with its probability, by adding up all paths."""
    found: dict[str, float] = {}
    for path in product(range(len(CHARACTERS) + 1), repeat=len(probabilities)):
        probability = float(np.prod([row[code] for row, code in zip(probabilities, path, strict=True)]))
        if probability:
            codes = [code for i, code in enumerate(path) if i == 0 or path[i - 1] != code]
            text = "".join(CHARACTERS[code] for code in codes if code < len(CHARACTERS))
            found[text] = found.get(text, 0.0) + probability
    return found


DOUBTFUL = steps({"1": 0.9}, {"7": 0.55, "1": 0.4}, {}, {"/": 0.6, "1": 0.3}, {"2": 0.95})


def test_the_text_is_the_most_probable_of_all_and_so_is_its_probability() -> None:
    texts = all_texts(DOUBTFUL)
    found = decoded(DOUBTFUL)
    best = max(texts, key=lambda text: texts[text])
    assert written(found.text, CHARACTERS) == best
    assert found.probability == pytest.approx(texts[best], rel=1e-3)


@pytest.mark.parametrize("expected", [Expected(digits=4), Expected(allowed=["1112", "112", "12"]), Expected(digits=2)])
def test_among_texts_that_fit_the_most_probable_is_found(expected: Expected) -> None:
    fitting = {text: value for text, value in all_texts(DOUBTFUL).items() if expected.fits(text)}
    found = decoded(DOUBTFUL, expected)
    best = max(fitting, key=lambda text: fitting[text])
    assert written(found.text, CHARACTERS) == best
    assert found.probability == pytest.approx(fitting[best] / sum(fitting.values()), rel=1e-3)
    assert found.fit == pytest.approx(sum(fitting.values()), rel=1e-2)


def test_where_nothing_fits_there_is_no_text_but_what_stands_there_is_known() -> None:
    found = decoded(steps({"1": 0.99999999}), Expected(digits=5))
    assert found.text == ()
    assert written(found.free_text, CHARACTERS) == "1"


def test_doubtful_lines_are_decoded_at_more_scales_in_one_call_a_scale() -> None:
    network = FakeNetwork(DOUBTFUL)
    first = [decoded(DOUBTFUL) for _ in range(3)]
    again = decode_again(first, [0, 2], network, None)  # type: ignore[arg-type]
    assert [len(line.hypotheses) for line in again] == [3, 1, 3]
    assert network.calls == 3
