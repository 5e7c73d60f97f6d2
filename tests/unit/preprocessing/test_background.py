from __future__ import annotations

import numpy as np

from helpers.number_rows import row, tenths
from helpers.project import Mnist
from tenfold.preprocessing.background import has_shadow


def test_light_digits_on_dark_are_not_taken_for_shade(mnist: Mnist) -> None:
    rows = [np.kron(row(tenths(mnist, start, 5)[0]), np.ones((4, 4), np.uint8)) for start in range(0, 150, 5)]
    assert not any(has_shadow(255 - sheet) for sheet in rows)
