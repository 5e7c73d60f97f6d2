from __future__ import annotations

import numpy as np
import pytest

from helpers.line_sets import SOURCE, lines_of
from helpers.one_process import one_process
from tenfold.synthesis.numbers import synthetic_lines
from tenfold.synthesis.numbers.synthetic_lines import CHARACTERS, synthesize_lines


def test_centers_of_a_synthetic_line_are_ordered_and_inside_the_image() -> None:
    for line in lines_of(60):
        assert set(line.text) <= set(CHARACTERS)
        assert len(line.text) == len(line.centers)
        assert all(after > before - 6 for before, after in zip(line.centers, line.centers[1:], strict=False))
        assert 0 < line.centers[0] <= line.centers[-1] < line.image.shape[1]


def test_ink_stands_where_a_center_says() -> None:
    """The mean ink of the columns around the centers is above that of all columns, in nearly every line."""
    above = []
    for line in lines_of(60):
        columns = line.image.mean(axis=0)
        near = np.concatenate([columns[max(0, int(x) - 3) : int(x) + 4] for x in line.centers])
        above.append(near.mean() > columns.mean())
    assert np.mean(above) > 0.9


def test_lines_are_digits_signs_and_unknown_marks() -> None:
    texts = "".join(line.text for line in lines_of(200))
    assert len(set(texts) & set(CHARACTERS)) >= 18
    assert 0.6 < sum(map(str.isdigit, texts)) / len(texts) < 0.95


def test_synthetic_lines_depend_only_on_the_seed_not_on_the_number_of_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(synthetic_lines, "BLOCK_SIZE", 10)
    in_processes = synthesize_lines(SOURCE, 30, seed=5)
    with one_process():
        in_one = synthesize_lines(SOURCE, 30, seed=5)
    for one, other in zip(in_processes, in_one, strict=True):
        assert one.text == other.text
        assert np.array_equal(one.image, other.image)
