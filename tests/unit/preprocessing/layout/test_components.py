from __future__ import annotations

import cv2
import numpy as np
import pytest

from helpers.number_rows import row, tenths
from helpers.project import Mnist
from tenfold.preprocessing.layout.components import components_of, without_frames


def digits(mnist: Mnist, count: int = 4, start: int = 0) -> np.ndarray:
    """A mask of digits, three times as large as in MNIST, with paper around."""
    images, _ = tenths(mnist, start, count)
    large = cv2.resize(255 - row(images, gap=6, rim=16), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    return (large > 110).astype(np.uint8)


@pytest.mark.parametrize("thick", [1, 3, 6])
def test_a_frame_around_digits_is_removed_and_the_digits_stay(mnist: Mnist, thick: int) -> None:
    for start in range(0, 40, 4):
        mask = digits(mnist, start=start)
        framed = mask.copy()
        cv2.rectangle(framed, (8, 8), (mask.shape[1] - 9, mask.shape[0] - 9), 1, thick)
        cleaned, uprights = without_frames(framed)
        assert (cleaned & ~mask.astype(bool)).sum() < 0.02 * framed.sum()
        assert (cleaned & mask).sum() > 0.97 * mask.sum()
        assert len(uprights.x) == 2


def test_the_rules_of_a_table_are_told_with_their_places(mnist: Mnist) -> None:
    mask = digits(mnist, 6)
    width = mask.shape[1]
    ruled = np.pad(mask, 20)
    for x in (5, 20 + width // 2, width + 34):
        ruled[3:-3, x : x + 2] = 1
    for y in (3, len(ruled) - 5):
        ruled[y : y + 2, 5 : width + 36] = 1
    _, uprights = without_frames(ruled)
    assert [round(x) for x in sorted(uprights.x)] == pytest.approx([6, 21 + width // 2, width + 35], abs=2)


def test_the_teeth_of_a_comb_are_removed_and_ones_on_its_base_stay() -> None:
    mask = np.zeros((90, 500), np.uint8)
    mask[80:83, 10:490] = 1
    mask[50:83, 10:490:40] = 1
    mask[50:83, 11:490:40] = 1
    comb = mask.copy()
    mask[20:81, 107:112] = 1  # a one that stands on the base
    cleaned, uprights = without_frames(mask)
    assert not cleaned[:, 120:].any()
    assert cleaned[20:78, 107:112].mean() > 0.95
    assert len(uprights.x) == len(range(10, 490, 40))
    assert not without_frames(comb)[0].any()


def test_digits_alone_lose_nothing(mnist: Mnist) -> None:
    for start in range(0, 120, 6):
        mask = digits(mnist, 6, start)
        cleaned, uprights = without_frames(mask)
        assert np.array_equal(cleaned, mask)
        assert not len(uprights.x)


def test_components_are_counted_from_one() -> None:
    mask = np.zeros((10, 10), np.uint8)
    mask[2:4, 2:4] = 1
    labels, table = components_of(mask)
    assert labels[2, 2] == 1
    assert table.tolist() == [[2, 2, 2, 2, 4]]
