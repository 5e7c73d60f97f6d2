from __future__ import annotations

import numpy as np
import pytest

import tenfold
from helpers.project import Mnist
from tenfold.networks.registry import packaged_folder
from tenfold.recognition.activations import activations


def test_every_layer_of_the_recipe_has_its_maps(mnist: Mnist) -> None:
    _, (images, _) = mnist
    layers = activations(tenfold.load_network("digits"), images[0])
    assert len(layers) == 5
    assert [len(maps) for maps in layers] == [16, 32, 48, 80, 256]  # the channels of the model card
    assert layers[0].shape[1:] == (12, 12)
    assert layers[-1].shape[1:] == (1, 1)
    assert all((maps >= 0).all() and (maps > 0).any() for maps in layers)


def test_first_layer_is_the_convolution_of_the_pixels(mnist: Mnist) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    _, (images, _) = mnist
    graph = onnx.load(packaged_folder("digits") / "model.onnx").graph
    tensors = {each.name: onnx.numpy_helper.to_array(each).astype(np.float64) for each in graph.initializer}
    kernels, bias = tensors["weight0_half"], tensors["bias0"]
    windows = np.lib.stride_tricks.sliding_window_view(images[0] / 255, kernels.shape[2:])[::2, ::2]
    expected = np.maximum(np.einsum("yxij,cij->cyx", windows, kernels[:, 0]) + bias[:, None, None], 0)
    np.testing.assert_allclose(activations(tenfold.load_network("digits"), images[0])[0], expected, atol=1e-4)


def test_networks_without_hidden_layers_show_none(mnist: Mnist) -> None:
    assert activations(tenfold.load_network("article"), mnist[1][0][0]) == []
