"""The accuracy that a training recipe reaches."""

from __future__ import annotations

import pytest

from helpers.project import Mnist
from tenfold.training.recipes import RECIPES

pytestmark = [pytest.mark.slow, pytest.mark.torch]
convnet = pytest.importorskip("tenfold.training.convnet", reason="torch, of the extra [train], is not installed")


def test_the_fastest_recipe_reads_99_percent_of_the_validation_set(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    training = convnet.Training(RECIPES["2s"], images[:-5000], labels[:-5000], None, None, seed=0)
    training.run(training.total)
    found = convnet.logits(training.network(), images[-5000:]).argmax(axis=1)
    assert (found == labels[-5000:]).mean() > 0.988
