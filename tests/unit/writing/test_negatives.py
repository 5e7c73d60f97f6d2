from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold
from helpers.project import Mnist
from tenfold.preprocessing.digit_pipeline import preprocess_file
from tenfold.writing.letter_glyphs import curve, letter, scribble


@given(st.integers(0, 10**6))
def test_letters_and_scribbles_are_strokes_near_the_unit_square(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for strokes in (letter(rng), scribble(rng)):
        assert strokes
        for stroke in strokes:
            assert stroke.ndim == 2
            assert stroke.shape[1] == 2
            assert (np.abs(stroke - 0.5) < 1.2).all()


@given(st.integers(3, 12), st.integers(0, 1000))
def test_a_curve_goes_through_its_points(count: int, seed: int) -> None:
    points = np.random.default_rng(seed).uniform(size=(count, 2))
    through = curve(points)
    for point in points:
        assert np.abs(through - point).sum(axis=1).min() < 1e-12


@pytest.mark.parametrize("pixels", [4, 6])
def test_a_small_digit_is_read_or_its_height_is_named(mnist: Mnist, pixels: int) -> None:
    sheet = np.full((64, 64), 240, np.uint8)
    sheet[30 : 30 + pixels, 30 : 30 + pixels] = 20
    reading = tenfold.read(sheet)
    if reading.digit is None:
        assert f"{preprocess_file(sheet).box[3]} pixels" in str(reading.problem)
