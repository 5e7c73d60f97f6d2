from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from helpers.project import Mnist
from helpers.tiny_training import TINY, trained
from tenfold.networks.onnx_classifier import OnnxClassifier

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")
convnet = pytest.importorskip("tenfold.training.convnet")
onnx = pytest.importorskip("onnx")
to_onnx = pytest.importorskip(
    "tenfold.training.onnx_export", reason="onnx, of the extra [train], is not installed"
).to_onnx


@pytest.fixture(scope="module")
def network(mnist: Mnist) -> Any:
    """A trained network of torch, with an eleventh class."""
    return trained(mnist).network()


def test_onnx_gives_the_logits_of_torch_to_the_precision_of_float16(mnist: Mnist, network: Any) -> None:
    _, (images, _) = mnist
    expected = convnet.logits(network, images[:600])
    net = OnnxClassifier(to_onnx(network))
    np.testing.assert_allclose(net.scores(images[:600]), expected[:, :10], atol=5e-3)
    halved = OnnxClassifier(to_onnx(network, temperature=2.0))
    np.testing.assert_allclose(halved.scores(images[:600]), expected[:, :10] / 2, atol=5e-3)


def test_a_convolution_over_the_whole_image_equals_its_matrix_product(mnist: Mnist) -> None:
    _, (images, _) = mnist
    network = convnet.build((*TINY.layers, (16, 6, 1, 0)))
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(generator=torch.Generator().manual_seed(1))
    model = to_onnx(network.eval())
    assert [node.op_type for node in onnx.load_from_string(model).graph.node].count("Gemm") == 2
    expected = convnet.logits(network, images[:50])
    np.testing.assert_allclose(OnnxClassifier(model).scores(images[:50]), expected, atol=2e-3 * np.abs(expected).max())


def test_missing_probability_is_that_of_the_eleventh_class(mnist: Mnist, network: Any) -> None:
    _, (images, _) = mnist
    probabilities = torch.softmax(torch.from_numpy(convnet.logits(network, images[:100])), 1).numpy()
    net = OnnxClassifier(to_onnx(network))
    assert net.rejects
    np.testing.assert_allclose(net.probabilities(images[:100]), probabilities[:, :10], atol=2e-3)
    assert probabilities[:, 10].max() > 0.01


def test_a_network_with_ten_classes_rejects_nothing(mnist: Mnist) -> None:
    _, (images, _) = mnist
    net = OnnxClassifier(to_onnx(convnet.build(TINY.layers).eval()))
    assert not net.rejects
    np.testing.assert_allclose(net.probabilities(images[:9]).sum(axis=1), 1, atol=1e-6)
