from __future__ import annotations

import numpy as np
import pytest

from tenfold.preprocessing.ink import WORKING_SIDE, ink_of


def sheet(side: int = 200, level: float = 230.0) -> np.ndarray:
    plane = np.full((side, side), level)
    plane[60:140, 95:103] = 40
    return plane


def test_strokes_are_ink_and_paper_is_not() -> None:
    ink = ink_of(sheet().astype(np.uint8))
    assert ink[70:130, 97:101].min() > 190
    assert ink[:50].max() < 10


@pytest.mark.parametrize("light", ["falls off", "shadow"])
def test_ink_is_as_dark_in_the_shade_as_in_the_light(light: str) -> None:
    columns = np.arange(200)
    factor = 1 - 0.6 * columns / 200 if light == "falls off" else np.where(columns < 150, 1, 0.5)
    plane = sheet()
    plane[60:140, 160:168] = 40
    ink = ink_of((plane * factor).astype(np.uint8))
    first, second = ink[70:130, 97:101].mean(), ink[70:130, 162:166].mean()
    assert abs(first - second) < 15


def test_light_ink_on_dark_paper_is_the_same_as_dark_ink_on_light_paper() -> None:
    grey = sheet(level=255).astype(np.uint8)
    assert np.array_equal(ink_of(grey), ink_of(255 - grey))


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (28, 28), (3, 900), (2000, 1500)])
def test_any_shape_has_ink_of_at_most_the_working_side(shape: tuple[int, int]) -> None:
    ink = ink_of(np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8))
    assert ink.dtype == np.uint8
    assert max(ink.shape) <= WORKING_SIDE
