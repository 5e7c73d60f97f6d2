from __future__ import annotations

import numpy as np
import pytest

from helpers.one_process import one_process
from helpers.project import Mnist
from tenfold.synthesis.synthetic_digits import synthesize_digits, synthesize_negatives


@pytest.fixture(autouse=True)
def several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.synthesis.synthetic_digits.BLOCK_SIZE", 20)


def test_synthetic_digits_depend_only_on_the_seed_not_on_the_number_of_processes(mnist: Mnist) -> None:
    images, labels = (part[:40] for part in mnist[0])
    in_processes = synthesize_digits(images, labels, 2, seed=3)
    with one_process():
        assert np.array_equal(in_processes, synthesize_digits(images, labels, 2, seed=3))
        other = synthesize_digits(images, labels, 1, seed=4)
    assert not np.array_equal(in_processes[0], in_processes[1])
    assert not np.array_equal(in_processes[0], other[0])


def test_synthetic_negatives_depend_only_on_the_seed(mnist: Mnist) -> None:
    images, labels = (part[:40] for part in mnist[0])
    with one_process():
        one, same, other = (synthesize_negatives(images, labels, 40, seed) for seed in (3, 3, 4))
    assert one.shape == (40, 28, 28)
    assert one.any(axis=(1, 2)).all()
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
