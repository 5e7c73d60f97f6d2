from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tenfold
from helpers.project import Mnist
from reference import plain_python
from tenfold.lab.pure_python import seconds_per_update, train_in_lists
from tenfold.lab.run_queue import Superseded
from tenfold.lab.single_update import compute_update
from tenfold.lab.training_run import EVALUATIONS, Settings, Start, train


def test_run_has_the_checksums_of_the_articles_program() -> None:
    known = {
        Settings(): "c3c091c810be2ddeeb9b866885c435c64032fd5d2cd2ec3870292c0541af7283",
        Settings(images=60_000): "12fd7d37cb77a2eb1958b79c6e3c24ce2feb26e287137862bfb30223b90b5664",
    }
    for chosen, sha256 in known.items():
        assert hashlib.sha256(train(chosen).weights.astype("<f8").tobytes()).hexdigest() == sha256


@settings(max_examples=12)
@given(
    alpha=st.sampled_from([1e-10, 3e-9, 1e-7]),
    epochs=st.integers(1, 4),
    images=st.integers(1, 300),
    start=st.sampled_from(["article", "zeros", "random"]),
)
def test_run_is_bit_for_bit_that_of_fit(alpha: float, epochs: int, images: int, start: Start) -> None:
    chosen = Settings(alpha, epochs, images, start, seed=7)
    (x_train, y_train), (x_test, y_test) = tenfold.load_data()
    net = chosen.network().fit(x_train[:images], y_train[:images], epochs)
    run = train(chosen)
    assert (run.weights == net.weights).all()
    assert run.training == net.score(x_train[:images], y_train[:images])
    assert run.test == net.score(x_test, y_test) == run.confusion.trace() / 10_000
    assert (run.confusion.sum(axis=1) == np.bincount(y_test)).all()
    assert run.diverged_at is None


def test_every_point_of_the_curve_evaluates_the_network_of_that_update(mnist: Mnist) -> None:
    (images, labels), test = mnist
    curve = train(Settings(epochs=2, images=400)).curve
    assert (curve[0].updates, curve[-1].updates) == (0, 800)
    assert len(curve) == EVALUATIONS + 1
    for point in curve[1::7]:
        net = tenfold.OneLayerNet()
        for first in range(0, point.updates, 400):
            last = min(point.updates - first, 400)
            net.fit(images[:last], labels[:last], 1)
        assert (point.training, point.test) == (net.score(images[:400], labels[:400]), net.score(*test))


@pytest.mark.parametrize("chosen", [Settings(alpha=1e-6), Settings(alpha=1e-5, images=60), Settings(alpha=1e300)])
def test_diverged_at_is_the_update_at_which_numpy_diverges(chosen: Settings, mnist: Mnist) -> None:
    """The oracle is NumPy, one update after another, with every pixel."""
    (images, labels), _ = mnist
    run = train(chosen)
    weights, number = chosen.network().weights, 0
    with np.errstate(all="ignore"):
        while True:
            last = weights.copy()
            image, label = images[number % chosen.images].ravel().astype(float), labels[number % chosen.images]
            delta = np.add.accumulate(weights * image, axis=1)[:, -1]
            delta[label] -= 1
            weights -= chosen.alpha * (delta[:, None] * image)
            number += 1
            if not np.isfinite(weights).all():
                break
    assert run.diverged_at == number
    assert (run.weights == last).all()
    assert run.curve[-1].updates == number - 1


def test_limit_is_two_divided_by_the_largest_squared_length(mnist: Mnist) -> None:
    (images, _), _ = mnist
    for count in (1, 1000, 60_000):
        largest = (images[:count].reshape(count, -1).astype(np.int64) ** 2).sum(axis=1).max()
        run = train(Settings(images=count, epochs=1))
        assert (run.max_squared_norm, run.limit) == (largest, 2 / largest)


def test_random_weights_depend_on_their_seed_only() -> None:
    weights = [Settings(start="random", seed=seed).network().weights for seed in (3, 3, 4)]
    assert (weights[0] == weights[1]).all()
    assert (weights[0] != weights[2]).any()


@pytest.mark.parametrize(
    "wrong",
    [
        {"alpha": 0},
        {"alpha": float("nan")},
        {"alpha": float("inf")},
        {"epochs": 0},
        {"epochs": 101},
        {"images": 0},
        {"images": 60_001},
        {"start": "ones"},
        {"seed": -1},
    ],
)
def test_setting_out_of_its_range_is_one_error(wrong: dict[str, float]) -> None:
    with pytest.raises(tenfold.TenfoldError, match=f"{next(iter(wrong))} is .*: it must be"):
        Settings(**wrong)  # type: ignore[arg-type]


def test_run_that_is_no_longer_wanted_ends() -> None:
    checks: list[int] = []
    with pytest.raises(Superseded):
        train(Settings(images=60_000), is_wanted=lambda: checks.append(1) or len(checks) < 5)  # type: ignore[func-returns-value]


def test_updates_follow_each_other_and_end_with_the_weights_of_the_run() -> None:
    chosen = Settings(images=30, epochs=3)
    updates = [compute_update(chosen, number) for number in range(1, 91)]
    assert (updates[0].before == chosen.network().weights).all()
    for before, after in pairwise(updates):
        assert (before.after == after.before).all()
    assert (updates[-1].after == train(chosen).weights).all()
    assert [(update.epoch, update.index) for update in updates[29:32]] == [(1, 29), (2, 0), (2, 1)]


def test_update_equals_plain_python() -> None:
    update = compute_update(Settings(), 777)
    weights, pixels = update.before.tolist(), update.image.ravel().tolist()
    sums = plain_python.scores(weights, pixels)
    assert update.sums.tolist() == sums
    assert update.delta.tolist() == [score - (digit == update.label) for digit, score in enumerate(sums)]
    assert update.errors.tolist() == [delta**2 for delta in update.delta.tolist()]
    plain_python.fit(weights, [pixels], [update.label], 1, 1e-7)
    assert update.after.tolist() == weights
    assert (update.before - update.weight_changes == update.after).all()


def test_update_late_in_a_long_run_is_exact(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    update = compute_update(Settings(images=60_000, epochs=2), 60_001 + 33_333)
    net = tenfold.OneLayerNet().fit(images, labels, 1).fit(images[:33_333], labels[:33_333], 1)
    assert (update.before == net.weights).all()
    assert (update.index, update.label) == (33_333, labels[33_333])


def test_diverging_update_is_computed_but_none_after_it() -> None:
    chosen = Settings(alpha=1e-6)
    diverged_at = train(chosen).diverged_at
    assert diverged_at is not None
    update = compute_update(chosen, diverged_at)
    assert np.isfinite(update.before).all()
    assert not np.isfinite(update.after).all()
    for number, rule in (
        (diverged_at + 1, f"diverged at update {diverged_at:,}"),
        (0, "has updates 1 to 5,000"),
        (5001, "1 to"),
    ):
        with pytest.raises(tenfold.DataError, match=rule):
            compute_update(chosen, number)


def test_timed_program_computes_the_weights_of_fit(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    weights = tenfold.OneLayerNet().weights.tolist()
    train_in_lists(weights, images[:6], labels[:6], 1e-7)
    assert np.array(weights).tolist() == tenfold.OneLayerNet().fit(images[:6], labels[:6], 1).weights.tolist()
    assert seconds_per_update(images, labels, tenfold.OneLayerNet().weights) > 1e-5
