from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from helpers.line_sets import hands
from tenfold.synthesis.numbers.hands import DIGITS, UNKNOWN, Glyph, NumberHand
from tenfold.writing.sign_glyphs import SIGNS


def plain_hand(**style: object) -> NumberHand:
    rng = np.random.default_rng(0)
    hand = replace(hands().sample(rng), plain_ones=False, slashed_zeros=False, circled_eights=False, low_zeros=1.0)
    return replace(hand, **style)  # type: ignore[arg-type]


def holes(glyph: Glyph) -> int:
    """How often the ink encloses paper."""
    mask = np.pad((glyph.ink > 0.5).astype(np.uint8), 2)
    return cv2.connectedComponents(1 - mask, connectivity=4)[0] - 2


@pytest.mark.parametrize("character", DIGITS + SIGNS + UNKNOWN)
def test_every_character_leaves_ink_of_about_its_size(character: str) -> None:
    rng = np.random.default_rng(1)
    for tall in (12.0, 40.0):
        for _ in range(5):
            glyph = hands().write(character, tall, hands().sample(rng), rng)
            assert glyph.ink.max() > 0.35
            assert max(glyph.ink.shape) < 2.6 * tall
            if character in DIGITS:
                assert abs(glyph.top) < tall


def test_a_plain_one_is_a_slim_stroke() -> None:
    rng = np.random.default_rng(2)
    glyphs = [hands().write("1", 40, plain_hand(plain_ones=True), rng) for _ in range(10)]
    assert all(glyph.ink.shape[1] < 0.6 * glyph.ink.shape[0] for glyph in glyphs)


def test_a_slashed_zero_has_more_holes_than_a_zero() -> None:
    rng = np.random.default_rng(3)
    slashed = [holes(hands().write("0", 60, plain_hand(slashed_zeros=True), rng)) for _ in range(20)]
    plain = [holes(hands().write("0", 60, plain_hand(), rng)) for _ in range(20)]
    assert np.mean(slashed) > np.mean(plain) + 0.5


def test_signs_stand_at_their_height() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        point, minus = (hands().write(sign, 40, plain_hand(), rng) for sign in ".-")
        assert point.top + len(point.ink) / 2 > 30
        assert 8 < minus.top + len(minus.ink) / 2 < 32
