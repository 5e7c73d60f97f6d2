from __future__ import annotations

import numpy as np

import tenfold
from tenfold.adaptation.memory import HARD, memory_of
from tenfold.networks.onnx_classifier import OnnxClassifier


def test_memory_holds_the_hardest_digits_that_are_read_right() -> None:
    network = tenfold.load_network("digits")
    assert isinstance(network, OnnxClassifier)
    memory = memory_of(network.model)
    assert memory.moment.shape == (memory.hard.shape[1],) * 2
    np.testing.assert_allclose(memory.moment, memory.moment.T)
    assert np.isclose(memory.moment[-1, -1], 1)  # the mean of the column of ones
    assert HARD / 2 < len(memory.labels) <= HARD
    assert len(memory.test) == len(memory.test_labels) == 10_000
    assert memory_of(network.model) is memory
