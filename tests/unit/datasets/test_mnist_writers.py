from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tenfold
from tenfold.datasets.mnist_writers import FILE, load_mnist_writers


def test_writers_come_in_the_order_of_the_images(tmp_path: Path) -> None:
    labels = np.array([5, 0, 4], np.uint8)
    np.savez(tmp_path / FILE, writer=np.array([7, 7, 9], np.uint16), label=labels)
    assert load_mnist_writers(tmp_path, labels).tolist() == [7, 7, 9]
    with pytest.raises(tenfold.DataError, match="other labels"):
        load_mnist_writers(tmp_path, labels + 1)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(tenfold.DataError, match="cannot be read"):
        load_mnist_writers(tmp_path, np.zeros(1, np.uint8))
