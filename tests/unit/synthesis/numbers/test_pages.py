from __future__ import annotations

import numpy as np
import pytest

from helpers.line_sets import hands
from tenfold.synthesis.numbers.pages import KINDS, sample_page


@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_of_a_page_lie_apart_and_on_it(kind: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(4):
        page = sample_page(hands(), rng, kind)
        height, width = page.picture.shape
        boxes = [box for row in page.rows for _, box in row]
        assert len(boxes) > 1 or kind in {"one", "spaced"}
        for left, top, wide, high in boxes:
            assert 0 <= left <= left + wide <= width
            assert 0 <= top <= top + high <= height
        for row in page.rows:
            edges = [edge for _, (left, _, wide, _) in row for edge in (left, left + wide)]
            assert edges == sorted(edges)
