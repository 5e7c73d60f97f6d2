from __future__ import annotations

import numpy as np
import pytest

import tenfold
from helpers.project import SAMPLES, Mnist
from tenfold.networks.mlp import MLP
from tenfold.recognition.attribution import PATCH

SAMPLE = "samples/3.jpg"


def read_with(network: object) -> tenfold.Reading:
    return tenfold.Reader(network).read(SAMPLE)  # type: ignore[arg-type]


def test_the_contributions_of_the_articles_network_add_up_to_its_scores_bit_for_bit() -> None:
    reading = read_with("article")
    found = tenfold.explain(reading)
    assert found.exact
    sums = [0.0] * 10
    for digit in range(10):
        for contribution in found.attributions[digit].ravel().tolist():
            sums[digit] += contribution
    assert reading.network is not None
    assert sums == reading.network.scores(reading.image[None])[0].tolist()


def test_the_contributions_of_a_linear_network_with_bias_add_up_to_its_scores(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    net = MLP().fit(images[:2000], labels[:2000], 1)
    reading = read_with(net)
    found = tenfold.explain(reading)
    assert found.exact
    expected = net.scores(reading.image[None])[0]
    np.testing.assert_allclose(found.attributions.sum(axis=(1, 2)) + found.baseline, expected, rtol=1e-5)


def test_occlusion_is_what_turning_each_patch_takes_averaged_over_the_patches_of_a_pixel(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    net = MLP(hidden=16).fit(images[:2000], labels[:2000], 1)
    reading = read_with(net)
    found = tenfold.explain(reading)
    assert not found.exact
    row, column, reach = 14, 12, PATCH // 2
    score = net.scores(reading.image[None])[0].astype(np.float64)
    lost = []
    for r in range(row - reach, row + reach + 1):
        for c in range(column - reach, column + reach + 1):
            turned = reading.image.copy()
            turned[r - reach : r + reach + 1, c - reach : c + reach + 1] ^= 255
            lost.append(score - net.scores(turned[None])[0])
    np.testing.assert_allclose(found.attributions[:, row, column], np.mean(lost, axis=0), atol=1e-5)


def test_turning_what_spoke_most_for_the_digit_costs_it_more_than_turning_as_much_elsewhere() -> None:
    reading = read_with("digits")
    found = tenfold.explain(reading)
    assert (found.digit, found.digit == found.runner_up) == (3, False)
    assert reading.network is not None
    strongest = np.argsort(found.evidence, axis=None)[-30:]
    others = [np.random.default_rng(seed).permutation(784)[:30] for seed in range(20)]
    leads = []
    for chosen in (strongest, *others):
        turned = reading.image.copy().ravel()
        turned[chosen] ^= 255
        scores = reading.network.scores(turned[None])[0]
        leads.append(scores[3] - scores[found.runner_up])
    assert leads[0] < np.percentile(leads[1:], 20)


def test_a_reading_without_a_digit_cannot_be_explained() -> None:
    blank = tenfold.read(np.full((40, 40), 255, np.uint8))
    with pytest.raises(tenfold.PictureError, match="no digit to explain: No ink"):
        tenfold.explain(blank)
    with pytest.raises(tenfold.PictureError, match=r"a NumberReading is not the reading of one digit"):
        tenfold.explain(tenfold.read_number(SAMPLES / "7.jpg"))  # type: ignore[arg-type]
