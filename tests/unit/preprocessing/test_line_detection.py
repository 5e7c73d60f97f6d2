from __future__ import annotations

import numpy as np

from helpers.number_rows import row, tenths
from helpers.project import Mnist
from tenfold.preprocessing.line_detection import PADDING, detect_lines, page_ink


def test_a_rule_through_the_digits_does_not_hide_the_line(mnist: Mnist) -> None:
    _, (images, _) = mnist
    for first in range(0, 50, 5):
        row = np.pad(np.hstack([np.kron(image, np.ones((3, 3), np.uint8)) for image in images[first : first + 5]]), 60)
        foot = int(np.flatnonzero((row > 128).any(axis=1))[-1])
        row[foot - 14 : foot - 10] = 255
        (line,) = detect_lines(page_ink(255 - row))
        rows, columns = (np.flatnonzero((row[: foot - 14] > 128).any(axis=axis)) for axis in (1, 0))
        left, top, _, height = line.box
        assert top <= rows[0]
        assert left <= columns[0]
        assert height < 1.7 * (foot - rows[0])  # and not all of the picture


def test_strips_show_the_line_between_columns_of_paper(mnist: Mnist) -> None:
    (line,) = detect_lines(page_ink(row(tenths(mnist, 0, 4)[0])))
    assert line.image.shape[0] == 28
    assert not line.image[:, :PADDING].any()
    assert not line.image[:, -PADDING:].any()
    assert line.image.max() == 255
