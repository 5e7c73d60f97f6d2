from __future__ import annotations

import numpy as np
import pytest

from helpers.line_sets import hands
from tenfold.synthesis.numbers.number_texts import GAP
from tenfold.synthesis.numbers.written_lines import write_line


@pytest.mark.parametrize("text", ["7", "11111", "-36.5", f"12{GAP}50", "1000"])
def test_a_line_has_a_center_for_each_character_from_left_to_right(text: str) -> None:
    rng = np.random.default_rng(0)
    for tall in (12.0, 30.0, 64.0):
        line = write_line(text, tall, hands(), rng)
        assert line.text == text.replace(GAP, "")
        assert len(line.centers) == len(line.text)
        assert line.centers == sorted(line.centers)
        assert 0 <= line.centers[0] <= line.centers[-1] <= line.sheet.width
        assert line.sheet.ink.max() > 0.4


def test_plain_ones_are_never_on_top_of_one_another() -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        line = write_line("1111", 40, hands(), rng)
        assert np.diff(line.centers).min() > 1.5
