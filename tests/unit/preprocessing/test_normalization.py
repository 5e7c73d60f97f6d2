from __future__ import annotations

import numpy as np

from helpers.project import SAMPLES
from tenfold.preprocessing.digit_pipeline import preprocess_file


def test_the_ink_fits_a_box_of_20_with_its_centre_of_mass_in_the_middle() -> None:
    for path in SAMPLES.glob("*.jpg"):
        image = preprocess_file(path).image
        rows, columns = np.nonzero(image)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in {19, 20}
        weights = image / image.sum()
        assert abs(weights.sum(axis=1) @ np.arange(28) - 14) <= 0.51
        assert abs(weights.sum(axis=0) @ np.arange(28) - 14) <= 0.51
