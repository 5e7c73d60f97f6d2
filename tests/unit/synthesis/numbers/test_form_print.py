from __future__ import annotations

import numpy as np

from helpers.line_sets import hands
from tenfold.synthesis.numbers import form_print
from tenfold.synthesis.numbers.hands import UNKNOWN
from tenfold.synthesis.numbers.written_lines import write_line


def test_a_label_is_unknown_marks_before_the_number() -> None:
    rng = np.random.default_rng(0)
    line = write_line("123", 30, hands(), rng)
    before, width = list(line.centers), line.sheet.width
    form_print._label(line, rng)
    letters = len(line.text) - 3
    assert line.text == UNKNOWN * letters + "123"
    assert letters >= 2
    room = line.sheet.width - width
    assert line.centers[letters:] == [center + room for center in before]
    assert max(line.centers[:letters]) < room + 2
    assert line.sheet.ink.shape == line.sheet.printed.shape == (line.sheet.height, line.sheet.width)


def test_cells_are_printed_around_every_place() -> None:
    rng = np.random.default_rng(1)
    while not (line := write_line("4071", 30, hands(), rng)).cells:
        pass
    assert len(line.cells) >= 4
    form_print.surround(line, hands(), rng)
    left, top, wide, high = line.cells[-1]
    bottom = min(line.sheet.height - 1, top + high)
    if top + high < line.sheet.height:
        assert line.sheet.printed[bottom - 1 : bottom + 2, max(0, left + 3) : left + wide - 3].max() > 0.2
