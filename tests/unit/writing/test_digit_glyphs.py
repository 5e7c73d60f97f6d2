import cv2
import numpy as np
import pytest

import tenfold
from tenfold.writing import digit_glyphs

FORMS = [(digit, form) for digit, forms in digit_glyphs._FORMS.items() for form in forms]


@pytest.mark.parametrize(("digit", "form"), FORMS)
def test_a_numeral_is_centered_and_three_quarters_of_the_side_high(
    digit: int, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(digit_glyphs._FORMS, digit, (form,))
    for seed in range(5):
        drawn = digit_glyphs.numeral(digit, 112, np.random.default_rng(seed))
        assert drawn.shape == (112, 112)
        assert 0.0 <= drawn.min() < drawn.max() <= 1.0
        left, top, width, height = cv2.boundingRect((drawn > 0.5).astype(np.uint8))
        assert 0.72 * 112 < height < 0.82 * 112
        assert abs(left + width / 2 - 56) < 3
        assert abs(top + height / 2 - 56) < 3


def test_a_numeral_depends_only_on_the_seed() -> None:
    first, second, other = (digit_glyphs.numeral(2, 112, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def test_the_packaged_network_reads_undistorted_numerals() -> None:
    rng = np.random.default_rng(7)  # training distorts every form; here it is as drawn
    digits = [digit for digit, _ in FORMS]
    planes = [np.rint(255 * digit_glyphs.numeral(digit, 112, rng)).astype(np.uint8) for digit in digits]
    read = [reading.digit for reading in tenfold.Reader().read_many(planes)]
    assert np.mean([digit == label for digit, label in zip(read, digits, strict=True)]) > 0.95
