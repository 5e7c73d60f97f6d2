from __future__ import annotations

import numpy as np
import pytest

from helpers.one_process import one_process
from helpers.project import Mnist
from tenfold.synthesis.synthetic_lines import synthesize_lines


def test_digit_centers_of_a_synthetic_line_are_ordered_and_inside_the_image(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    with one_process():
        lines = synthesize_lines(images[:2000], labels[:2000], 60, seed=5)
    for line in lines:
        assert line.text.isdigit()
        assert len(line.text) == len(line.centers)
        assert line.centers == sorted(line.centers)
        assert 0 < line.centers[0] <= line.centers[-1] < line.image.shape[1]


def test_synthetic_lines_depend_only_on_the_seed_not_on_the_number_of_processes(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    (images, labels), _ = mnist
    monkeypatch.setattr("tenfold.synthesis.synthetic_lines.BLOCK_SIZE", 10)
    in_processes = synthesize_lines(images[:2000], labels[:2000], 30, seed=5)
    with one_process():
        in_one = synthesize_lines(images[:2000], labels[:2000], 30, seed=5)
    for one, other in zip(in_processes, in_one, strict=True):
        assert one.text == other.text
        assert np.array_equal(one.image, other.image)
