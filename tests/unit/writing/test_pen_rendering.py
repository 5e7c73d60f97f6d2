from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.writing.pen_rendering import Hand, render_strokes, sample_hand

PLAIN = Hand(slant=0, rotation=0, aspect=1, pen=0.1, pressure=0, tremor=0)
VERTICAL = [np.array([[0, 0], [0, 1000]], np.float32)]


@pytest.mark.parametrize("pen", [0.04, 0.1, 0.2])
@pytest.mark.parametrize("height", [50.0, 90.0, 150.0])
def test_a_stroke_is_as_wide_as_the_pen_and_as_high_as_asked(pen: float, height: float) -> None:
    ink = render_strokes(VERTICAL, height, replace(PLAIN, pen=pen), np.random.default_rng(0))
    across = ink[len(ink) // 2].sum()
    assert abs(across - max(1, pen * height)) < 1.5
    assert abs(len(ink) - height - pen * height) < 4


def test_a_slanted_hand_leans_to_the_right() -> None:
    ink = render_strokes(VERTICAL, 100, replace(PLAIN, slant=0.4), np.random.default_rng(0))
    top, bottom = (np.flatnonzero(row > 0.5).mean() for row in (ink[8], ink[-8]))
    assert 25 < top - bottom < 45


@given(st.integers(0, 10**6), st.floats(4, 200))
def test_any_strokes_by_any_hand_are_ink_within_0_and_1(seed: int, height: float) -> None:
    rng = np.random.default_rng(seed)
    strokes = [rng.uniform(0, 1000, (rng.integers(1, 30), 2)).astype(np.float32) for _ in range(rng.integers(1, 4))]
    ink = render_strokes(strokes, height, sample_hand(rng), rng)
    assert ink.dtype == np.float32
    assert 0 <= ink.min() <= ink.max() <= 1
    assert ink.max() > 0.2


def test_a_single_point_is_a_dot() -> None:
    ink = render_strokes([np.array([[5, 5]], np.float32)], 60, PLAIN, np.random.default_rng(0))
    assert max(ink.shape) <= 10
    assert ink.max() > 0.9
