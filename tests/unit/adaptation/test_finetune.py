from __future__ import annotations

import numpy as np

import tenfold
from helpers.drawn_writer import drawn_digits
from tenfold.adaptation.finetune import fit
from tenfold.adaptation.last_layer import features_of, last_layer
from tenfold.adaptation.memory import memory_of, with_one
from tenfold.networks.onnx_classifier import OnnxClassifier


def test_fit_reads_the_corrections_and_leaves_not_a_digit_alone() -> None:
    network = tenfold.load_network("digits")
    assert isinstance(network, OnnxClassifier)
    images, labels = drawn_digits(30)
    layer = last_layer(network.model)
    features = features_of(network.model, images)
    assert (layer.logits(features).argmax(axis=1) != labels).sum() >= 4
    fitted = fit(layer, with_one(features), labels.astype(np.int64), memory_of(network.model))
    assert (fitted.logits(features).argmax(axis=1) == labels).all()
    assert (fitted.weights[10] == layer.weights[10]).all()
    assert fitted.bias[10] == layer.bias[10]


def test_fit_to_nothing_changes_little() -> None:
    network = tenfold.load_network("digits")
    assert isinstance(network, OnnxClassifier)
    layer, memory = last_layer(network.model), memory_of(network.model)
    nothing = np.zeros((0, memory.hard.shape[1]))
    fitted = fit(layer, nothing, np.zeros(0, np.int64), memory)
    features = memory.test[:1000, :-1].astype(np.float32)
    assert (
        fitted.logits(features)[:, :10].argmax(axis=1) == layer.logits(features)[:, :10].argmax(axis=1)
    ).mean() > 0.995
