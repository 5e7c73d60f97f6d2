from __future__ import annotations

import base64

import numpy as np
import pytest

import tenfold
from tenfold.adaptation.last_layer import LastLayer, features_of, last_layer, with_last_layer
from tenfold.networks.onnx_classifier import OnnxClassifier
from tenfold.networks.registry import packaged_folder


@pytest.fixture(scope="module")
def model() -> bytes:
    return (packaged_folder("digits") / "model.onnx").read_bytes()


def test_layer_and_features_give_the_logits_of_the_network(model: bytes) -> None:
    _, (images, _) = tenfold.load_data()
    network = OnnxClassifier(model)
    logits = last_layer(model).logits(features_of(model, images[:300].reshape(-1, 784)))
    assert logits.shape == (300, 11)
    np.testing.assert_allclose(logits[:, :10], network.scores(images[:300]), atol=1e-3)


def test_layer_is_the_one_that_the_package_onnx_reads(model: bytes) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    tensors = {each.name: onnx.numpy_helper.to_array(each) for each in onnx.load_from_string(model).graph.initializer}
    layer = last_layer(model)
    assert (layer.weights == tensors["weight_half"]).all()
    assert (layer.bias == tensors["bias"]).all()


def test_replaced_layer_is_what_the_network_computes_with(model: bytes) -> None:
    _, (images, _) = tenfold.load_data()
    layer = last_layer(model)
    moved = LastLayer(layer.weights, layer.bias + np.eye(11, dtype=np.float32)[3] * 1000)
    changed = with_last_layer(model, moved)
    assert len(changed) == len(model)
    assert (OnnxClassifier(changed).predict(images[:20]) == 3).all()
    assert (last_layer(with_last_layer(changed, layer)).bias == layer.bias).all()


def test_layer_survives_its_text(model: bytes) -> None:
    layer = last_layer(model)
    again = LastLayer.from_text(layer.as_text(model), model)
    assert (again.weights == layer.weights).all()
    assert (again.bias == layer.bias).all()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("?", "not base64"),
        ("AAAA", "3 bytes, belongs to another"),
        ("nan", "not a finite"),
        ("other", "another network"),
    ],
)
def test_damaged_text_of_a_layer_is_an_error(model: bytes, text: str, reason: str) -> None:
    layer = last_layer(model)
    if text == "nan":
        name = base64.b64decode(layer.as_text(model))[:8]
        text = base64.b64encode(name + b"\xff" * (layer.weights.nbytes + layer.bias.nbytes)).decode()
    if text == "other":
        text = layer.as_text(with_last_layer(model, LastLayer(layer.weights, layer.bias + 1)))
    with pytest.raises(tenfold.NetworkError, match=reason):
        LastLayer.from_text(text, model)


@pytest.mark.parametrize("cut", [0, 1, 100, 5000, 500_000])
def test_damaged_file_is_an_error_and_not_a_wrong_layer(model: bytes, cut: int) -> None:
    with pytest.raises(tenfold.NetworkError):
        last_layer(model[:cut])


def test_network_of_another_kind_is_named() -> None:
    lines = (packaged_folder("lines") / "model.onnx").read_bytes()
    with pytest.raises(tenfold.NetworkError, match="only a network with 11 classes"):
        features_of(lines, np.zeros((1, 784), np.uint8))
