from __future__ import annotations

from itertools import groupby, pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from tenfold.networks.classifier import softmax
from tenfold.recognition.numbers.ctc_decoder import align, beam_search

BLANK_CLASS = 10  # the last of the classes below

SCORES = arrays.arrays(np.int8, st.tuples(st.integers(1, 3), st.just(11)), elements=st.integers(-4, 4))


def shares_of(scores: NDArray[np.int8]) -> NDArray[np.float32]:
    return softmax(scores.astype(np.float32))


@given(SCORES)
def test_the_probability_of_a_text_is_what_torchs_ctc_loss_says(scores: NDArray[np.int8]) -> None:
    torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")
    shares = shares_of(scores)
    for text, probability in sorted(beam_search(shares, width=2000).items(), key=lambda item: -item[1])[:5]:
        logs = torch.from_numpy(shares).log()[:, None]
        lengths = torch.tensor([len(shares)]), torch.tensor([len(text)])
        goal = torch.tensor([text], dtype=torch.int64).reshape(1, len(text))
        loss = torch.nn.functional.ctc_loss(logs, goal, *lengths, blank=BLANK_CLASS, reduction="sum")
        assert probability == pytest.approx(float(torch.exp(-loss)), rel=0.02)


@given(arrays.arrays(np.int8, st.tuples(st.integers(1, 4), st.just(3)), elements=st.integers(-3, 3)))
def test_the_likeliest_text_is_the_likeliest_of_all_ways_written_out(few: NDArray[np.int8]) -> None:
    scores = np.full((len(few), 11), -99, np.float32)
    scores[:, [0, 1, BLANK_CLASS]] = few  # two digits, so that all ways can be written out
    shares, sums = softmax(scores), dict[tuple[int, ...], float]()
    for way in product((0, 1, BLANK_CLASS), repeat=len(shares)):
        text = tuple(label for label, _ in groupby(way) if label != BLANK_CLASS)
        sums[text] = sums.get(text, 0.0) + float(np.prod([shares[step, label] for step, label in enumerate(way)]))
    found = beam_search(shares, width=100)
    assert max(found.values()) == pytest.approx(max(sums.values()), rel=1e-3)
    assert sum(found.values()) == pytest.approx(1, abs=1e-3)


def test_a_digit_that_two_steps_see_by_halves_is_seen() -> None:
    shares = np.zeros((2, 11), np.float32)
    shares[:, 7], shares[:, BLANK_CLASS] = 0.45, 0.55
    assert max(beam_search(shares).items(), key=lambda item: item[1])[0] == (7,)  # 0.70; none: 0.30


@given(SCORES)
def test_digits_stand_at_steps_in_their_order(scores: NDArray[np.int8]) -> None:
    shares = shares_of(scores)
    for text in beam_search(shares):
        steps = align(shares, text)
        assert steps == sorted(set(steps))
        assert len(steps) == len(text)
        for (one, first), (two, second) in pairwise(zip(text, steps, strict=True)):
            assert one != two or second - first > 1  # between two of a kind a step sees none


def test_two_of_a_kind_stand_on_either_side_of_a_step_that_sees_none() -> None:
    shares = np.zeros((3, 11), np.float32)
    shares[:, 5], shares[:, BLANK_CLASS] = (0.9, 0.8, 0.3), (0.1, 0.2, 0.7)  # though the second one sees a 5 better
    assert align(shares, (5, 5)) == [0, 2]


def test_each_digit_stands_where_it_is_seen_best() -> None:
    shares = np.full((9, 11), 0.01, np.float32)
    shares[:, BLANK_CLASS] = 0.9
    for step, digit, share in ((1, 3, 0.6), (2, 3, 0.95), (5, 3, 0.9), (7, 8, 0.7)):
        shares[step, digit], shares[step, BLANK_CLASS] = share, 1 - share
    assert align(shares, (3, 3, 8)) == [2, 5, 7]


def test_five_hundred_steps_of_noise_are_searched_in_bounded_time_without_underflow() -> None:
    shares = softmax(np.random.default_rng(0).normal(0, 2, (500, 11)).astype(np.float32))
    found = beam_search(shares)
    assert len(found) == 10
    assert max(found.values()) > 0
