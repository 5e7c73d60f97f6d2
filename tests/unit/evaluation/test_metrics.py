from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold
from helpers.project import Mnist
from tenfold.evaluation.calibration import fit_temperature
from tenfold.evaluation.metrics import Evaluation, evaluate, wilson_interval
from tenfold.networks.classifier import log_softmax

metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")


def random_evaluation(seed: int, count: int = 400) -> Evaluation:
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 2, (count, 10))
    labels = np.where(rng.random(count) < 0.5, scores.argmax(1), rng.integers(0, 10, count)).astype(np.uint8)
    return Evaluation(labels, scores.argmax(1), np.exp(log_softmax(scores, 1.0)).astype(np.float32))


@given(st.integers(0, 1000))
def test_confusion_and_accuracy_agree_with_scikit_learn(seed: int) -> None:
    evaluation = random_evaluation(seed)
    expected = metrics.confusion_matrix(evaluation.labels, evaluation.predictions, labels=range(10))
    assert np.array_equal(evaluation.confusion, expected)
    assert evaluation.accuracy == metrics.accuracy_score(evaluation.labels, evaluation.predictions)
    assert evaluation.errors == 400 - np.trace(expected)


@given(st.integers(0, 1000))
def test_the_calibration_error_matches_its_definition(seed: int) -> None:
    evaluation = random_evaluation(seed)
    confidence = evaluation.probabilities.max(axis=1)
    correct = evaluation.predictions == evaluation.labels
    expected = 0.0
    for low in range(15):
        inside = (confidence >= low / 15) & ((confidence < (low + 1) / 15) | (low == 14))
        if inside.any():
            expected += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    assert evaluation.calibration_error == pytest.approx(expected, abs=1e-6)


def test_the_loss_is_that_of_scikit_learn_and_finite_for_probability_0() -> None:
    evaluation = random_evaluation(5)
    probabilities = evaluation.probabilities / evaluation.probabilities.sum(axis=1, keepdims=True)
    normalized = replace(evaluation, probabilities=probabilities)
    assert normalized.loss == pytest.approx(
        metrics.log_loss(normalized.labels, probabilities, labels=range(10)), rel=1e-5
    )
    assert 80 < replace(normalized, probabilities=np.zeros_like(probabilities)).loss < 90


@given(st.integers(0, 1000))
def test_the_worst_mistakes_are_mistakes_in_order(seed: int) -> None:
    evaluation = random_evaluation(seed)
    worst = evaluation.worst(20)
    assert len(worst) == 20
    assert (evaluation.predictions[worst] != evaluation.labels[worst]).all()
    label_probability = evaluation.probabilities[worst, evaluation.labels[worst]]
    assert (np.diff(label_probability) >= 0).all()
    wrong = evaluation.predictions != evaluation.labels
    assert evaluation.probabilities[wrong, evaluation.labels[wrong]].min() == label_probability[0]


@pytest.mark.parametrize(
    ("correct", "count", "expected"),
    [  # roots of (p - fraction)^2 = z^2 p (1 - p) / n, solved by hand
        (7447, 10000, (0.7360611346, 0.7531509366)),
        (0, 10, (0.0, 0.2775327998)),
        (10, 10, (0.7224672002, 1.0)),
    ],
)
def test_wilson_intervals_solve_their_equation(correct: int, count: int, expected: tuple[float, float]) -> None:
    low, high = wilson_interval(correct, count)
    assert (low, high) == pytest.approx(expected, abs=1e-9)
    for end in (low, high):
        assert (end - correct / count) ** 2 == pytest.approx(1.959963984540054**2 * end * (1 - end) / count, abs=1e-12)


def test_the_temperature_minimizes_cross_entropy_on_a_fine_grid() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 1, (3000, 10))
    labels = np.array([rng.choice(10, p=p / p.sum()) for p in np.exp(scores * 3)]).astype(np.uint8)
    fitted = fit_temperature(scores, labels)

    def cross_entropy(temperature: float) -> float:
        return float(metrics.log_loss(labels, np.exp(log_softmax(scores, temperature)), labels=range(10)))

    assert fitted == pytest.approx(1 / 3, rel=0.05)
    assert cross_entropy(fitted) <= min(cross_entropy(t) for t in np.geomspace(0.05, 5, 200)) + 1e-6


def test_the_packaged_network_is_calibrated_on_images_it_was_not_trained_on(mnist: Mnist) -> None:
    _, (images, labels) = mnist
    assert evaluate(tenfold.load_network("article"), images, labels).calibration_error < 0.03


def test_an_evaluation_needs_an_image() -> None:
    with pytest.raises(tenfold.DataError, match="at least one"):
        evaluate(tenfold.OneLayerNet(), np.zeros((0, 28, 28), np.uint8), [])


@given(st.integers(0, 200), st.floats(0, 1))
def test_errors_after_rejection_are_those_of_the_most_confident(seed: int, rate: float) -> None:
    evaluation = random_evaluation(seed)
    confidence = evaluation.probabilities.max(axis=1)
    kept = sorted(range(400), key=lambda i: -confidence[i])[: 400 - round(400 * rate)]
    expected = sum(int(evaluation.predictions[i]) != int(evaluation.labels[i]) for i in kept)
    assert evaluation.errors_at_rejection_rate(rate) == expected
