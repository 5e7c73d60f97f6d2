from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tenfold.arrays import VIEW_SIDE
from tenfold.preprocessing.regions import Region, overlap, propose_regions
from tenfold.preprocessing.views import OUTSIDE, REGION_SIDE, view_of


def bar(left: int, top: int, width: int, height: int, side: int = 120) -> tuple[np.ndarray, np.ndarray]:
    ink = np.zeros((side, side), np.uint8)
    ink[top : top + height, left : left + width] = 180
    return ink, ink > 0


def test_a_region_fills_half_of_its_view_wherever_and_however_large_it_is() -> None:
    for box in ((50, 40, 10, 40), (20, 20, 80, 16), (55, 55, 8, 8)):
        ink, mask = bar(*box)
        left, top, width, height = box
        view = view_of(ink, Region("", box, mask[top : top + height, left : left + width]))
        rows, columns = np.nonzero(view[1] == 255)
        extent = max(np.ptp(rows), np.ptp(columns)) + 1
        assert abs(extent - REGION_SIDE) <= 1
        assert abs(rows.mean() - (VIEW_SIDE - 1) / 2) < 1
        assert abs(columns.mean() - (VIEW_SIDE - 1) / 2) < 1
        assert abs(int(view[0][view[1] == 255].max()) - 200) < 5


def test_what_lies_outside_the_picture_is_marked() -> None:
    ink, mask = bar(0, 0, 10, 40)
    view = view_of(ink, Region("", (0, 0, 10, 40), mask[:40, :10]))
    assert (view[1, :9] == OUTSIDE).all()
    assert (view[1, 12:, :16] == OUTSIDE).all()
    assert (view[1, 12:, 30:] == 0).all()


@given(st.integers(0, 10**6))
def test_every_proposal_of_any_ink_has_a_view(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ink = (rng.integers(0, 255, rng.integers(1, 90, 2)) * (rng.random() < 0.7)).astype(np.uint8)
    regions = list(propose_regions(ink))
    for region in regions:
        view = view_of(ink, region)
        assert view.shape == (2, VIEW_SIDE, VIEW_SIDE)
    for i, one in enumerate(regions[:-1]):
        assert all(overlap(one.box, other.box) < 1 for other in regions[:i])
