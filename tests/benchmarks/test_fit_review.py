from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fit_review import least_confidence


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans(), st.integers(1, 3)), min_size=1, max_size=30))
def test_the_share_above_the_least_confidence_is_right_and_no_lower_one_would_do(
    found: list[tuple[int, bool, int]],
) -> None:
    confidences, right, weights = (np.array(part) for part in zip(*found, strict=True))
    confidences = confidences / 20

    def share(least: float) -> float:
        above = confidences >= least
        return float((weights * right)[above].sum() / weights[above].sum())

    least = least_confidence(confidences, right, weights.astype(float), 0.9)
    if least in confidences and share(least) >= 0.9:
        assert all(share(lower) < 0.9 for lower in confidences[confidences < least])
    else:
        assert least == 1
        assert all(share(lower) < 0.9 for lower in confidences)
