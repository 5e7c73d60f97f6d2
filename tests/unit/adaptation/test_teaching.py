from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tenfold
from helpers.drawn_writer import drawn_digits
from tenfold.adaptation.teaching import Taught, teach
from tenfold.networks.onnx_classifier import OnnxClassifier


@pytest.fixture(scope="module")
def network() -> OnnxClassifier:
    network = tenfold.load_network("digits")
    assert isinstance(network, OnnxClassifier)
    return network


@pytest.fixture(scope="module")
def taught(network: OnnxClassifier) -> Taught:
    return teach(network, *drawn_digits(30))


def misread(network: OnnxClassifier, seed: int) -> int:
    """How many of 100 other digits of the writer get less than half the probability."""
    images, labels = drawn_digits(100, seed)
    return int((network.probabilities(images)[np.arange(100), labels] < 0.5).sum())


def test_thirty_corrected_digits_remove_half_of_the_errors_of_an_unusual_writer(
    network: OnnxClassifier, taught: Taught
) -> None:
    assert misread(network, 1) >= 15
    assert misread(taught.network, 1) <= misread(network, 1) / 2
    assert taught.kept


def test_mnist_is_not_forgotten(network: OnnxClassifier, taught: Taught) -> None:
    _, (images, labels) = tenfold.load_data()
    assert taught.test_errors_before == round(10_000 * (1 - network.score(images, labels)))
    assert taught.test_errors_after == round(10_000 * (1 - taught.network.score(images, labels)))
    assert taught.test_errors_after <= taught.test_errors_before + 2
    assert len(taught.newly_wrong) - len(taught.newly_right) == taught.test_errors_after - taught.test_errors_before
    assert (taught.network.predict(images[taught.newly_wrong]) != labels[taught.newly_wrong]).all()


def test_gain_is_measured_on_groups_that_the_fit_has_not_seen(network: OnnxClassifier) -> None:
    images, labels = drawn_digits(30)
    unusual = np.isin(labels, [0, 9])
    together = teach(network, images, labels, ["nines and zeros" if each else "the others" for each in unusual])
    assert together.misread_after == together.misread_before  # each group knows nothing of the other
    assert not together.kept


def test_wrong_labels_are_not_kept(network: OnnxClassifier) -> None:
    _, (images, labels) = tenfold.load_data()
    rng = np.random.default_rng(0)
    result = teach(network, images[:30], (labels[:30] + rng.integers(1, 10, 30)) % 10)
    assert result.misread_before == 30
    assert result.test_errors_after < 200  # and even then, MNIST is held
    right = teach(network, images[:30], labels[:30])
    assert (right.misread_before, right.kept) == (0, False)


def test_taught_network_is_an_ordinary_folder(taught: Taught, tmp_path: Path) -> None:
    taught.save(tmp_path / "anna")
    loaded = tenfold.load_network(tmp_path / "anna")
    images, _ = drawn_digits(30)
    assert (loaded.scores(images) == taught.network.scores(images)).all()
    assert '"misread_before": 6' in (tmp_path / "anna" / "card.json").read_text()


def test_teaching_is_deterministic(network: OnnxClassifier, taught: Taught) -> None:
    again = teach(network, *drawn_digits(30)).layer
    assert again.as_text(network.model) == taught.layer.as_text(network.model)


def test_network_that_is_not_kept_is_not_saved(network: OnnxClassifier, tmp_path: Path) -> None:
    _, (images, labels) = tenfold.load_data()
    with pytest.raises(tenfold.NetworkError, match="not better and is not saved"):
        teach(network, images[:5], labels[:5]).save(tmp_path / "anna")


@pytest.mark.parametrize(("count", "groups"), [(0, None), (1, None), (5, ["sheet"] * 5)])
def test_one_group_cannot_be_cross_validated(network: OnnxClassifier, count: int, groups: list[str] | None) -> None:
    images, labels = drawn_digits(30)
    with pytest.raises(tenfold.DataError, match="at least two groups"):
        teach(network, images[:count], labels[:count], groups)


def test_other_networks_are_named() -> None:
    with pytest.raises(tenfold.NetworkError, match="'onelayer': only a digit network can be taught"):
        teach(tenfold.load_network("article"), *drawn_digits(30))


def test_groups_must_match_the_images(network: OnnxClassifier) -> None:
    images, labels = drawn_digits(30)
    with pytest.raises(tenfold.DataError, match="3 groups and 30 images"):
        teach(network, images, labels, ["a", "b", "c"])
