from __future__ import annotations

import numpy as np

from tenfold.synthesis.numbers.hands import DIGITS, UNKNOWN
from tenfold.synthesis.numbers.number_texts import GAP, digits, sample_text
from tenfold.writing.sign_glyphs import SIGNS


def test_texts_hold_known_characters_and_begin_and_end_with_one() -> None:
    rng = np.random.default_rng(0)
    texts = [sample_text(rng) for _ in range(2000)]
    assert set("".join(texts)) == set(DIGITS + SIGNS + UNKNOWN + GAP)
    assert all(text and text == text.strip(GAP) for text in texts)


def test_numbers_of_ones_are_frequent() -> None:
    rng = np.random.default_rng(1)
    numbers = [digits(rng, 3) for _ in range(2000)]
    assert sum("11" in number for number in numbers) > 150  # 38 by chance
