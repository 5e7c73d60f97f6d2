"""Export a trained PyTorch network as an ONNX graph that takes pixels, with batch normalization folded in.

Does not train.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from tenfold.arrays import DIGITS, SIDE, VIEW_SIDE
from tenfold.training.linenet import ToSequence


def to_onnx(network: nn.Sequential, temperature: float = 1.0) -> bytes:
    """The network as an ONNX graph.

    A digit network has the input `images`, `(n, 28, 28) uint8`, and the output `logits`, `(n, 10) float32`. If it has
    eleven classes, it also has the output `other`, `(n, 1) float32`, the logit of "no digit". A line network has the
    input `strips`, `(n, 28, w) uint8`, and the output `logits`, `(n, steps, classes) float32`. A context network has
    the input `views`, `(n, 2, 40, 40) uint8`, and the output `logits`, `(n, 15) float32`.

    The graph contains the scaling of the pixels, batch norm (folded into the convolutions) and the temperature. Weights
    are stored as float16, which halves the file; the graph computes with them as float32.
    """
    modules = list(network)
    last = modules[-1]
    shape: list[Any]
    if isinstance(modules[-2], ToSequence):
        input_name, shape = "strips", ["n", SIDE, "w"]
    elif modules[0].in_channels > 1:
        input_name, shape = "views", ["n", modules[0].in_channels, VIEW_SIDE, VIEW_SIDE]
    else:
        input_name, shape = "images", ["n", SIDE, SIDE]
    body = _Graph()
    body.scale_pixels(input_name, one_channel=input_name != "views")
    features = body.convolve(modules[:-2], shape[-1])
    body.halves["weight"] = _array(last.weight) / np.float32(temperature)
    body.values["bias"] = _array(last.bias) / np.float32(temperature)
    if input_name == "strips":
        outputs = body.end_in_steps(features, last.out_features)
    else:
        outputs = body.end_in_scores(features, last.out_features, split=input_name == "images")
    casts = [helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT) for name in body.halves]
    values = body.values | {f"{name}_half": half.astype(np.float16) for name, half in body.halves.items()}
    graph = helper.make_graph(
        casts + body.nodes,
        "tenfold",
        [helper.make_tensor_value_info(input_name, TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


class _Graph:
    """The nodes of a graph in the making; its weights, `halves` stored as float16 and `values` as they are."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.values: dict[str, Any] = {}
        self.halves: dict[str, NDArray[np.float32]] = {}

    def scale_pixels(self, input_name: str, one_channel: bool) -> None:
        """Pixels 0..255 as floats 0..1; images of one channel get an axis for it."""
        self.values["scale"] = np.array(1 / 255, np.float32)
        self.nodes += [
            helper.make_node("Cast", [input_name], ["floats"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["floats", "scale"], ["scaled" if one_channel else "layer0"]),
        ]
        if one_channel:
            self.values["axis"] = np.array([1], np.int64)
            self.nodes.append(helper.make_node("Unsqueeze", ["scaled", "axis"], ["layer0"]))

    def convolve(self, modules: list[nn.Module], side: int | str) -> str:
        """The convolutions of a square image, or of a line of any width; returns the name of their result."""
        convolutions = [(modules[i], modules[i + 1]) for i in range(0, len(modules), 3)]
        for i, (convolution, norm) in enumerate(convolutions):
            weight, self.values[f"bias{i}"] = _folded(convolution, norm)
            (kernel, _), (stride, _), (padding, _) = convolution.kernel_size, convolution.stride, convolution.padding
            inputs = [f"layer{i}", f"weight{i}", f"bias{i}"]
            if kernel == side and not padding:  # it covers the whole image: a matrix product is faster
                weight = weight.reshape(len(weight), -1)
                self.nodes.append(helper.make_node("Flatten", [inputs[0]], [f"flat{i}"]))
                self.nodes.append(helper.make_node("Gemm", [f"flat{i}", *inputs[1:]], [f"sum{i}"], transB=1))
            else:
                pads, strides = list(convolution.padding) * 2, list(convolution.stride)
                dilations = list(convolution.dilation)
                self.nodes.append(
                    helper.make_node("Conv", inputs, [f"sum{i}"], pads=pads, strides=strides, dilations=dilations)
                )
            self.nodes.append(helper.make_node("Relu", [f"sum{i}"], [f"layer{i + 1}"]))
            self.halves[f"weight{i}"] = weight
            if isinstance(side, int):
                side = (side + 2 * padding - kernel) // stride + 1
        return f"layer{len(convolutions)}"

    def end_in_steps(self, features: str, classes: int) -> dict[str, list[Any]]:
        """A linear layer at every step of a line; returns the shapes of the outputs."""
        self.values["row"] = np.array([2], np.int64)
        self.halves["weight"] = self.halves["weight"].T
        self.nodes += [
            helper.make_node("Squeeze", [features, "row"], ["across"]),
            helper.make_node("Transpose", ["across"], ["steps"], perm=[0, 2, 1]),
            helper.make_node("MatMul", ["steps", "weight"], ["sums"]),
            helper.make_node("Add", ["sums", "bias"], ["logits"]),
        ]
        return {"logits": ["n", "steps", classes]}

    def end_in_scores(self, features: str, classes: int, split: bool) -> dict[str, list[Any]]:
        """A linear layer, with an eleventh class split off; returns the shapes of the outputs."""
        outputs: dict[str, list[Any]] = {"logits": ["n", classes]}
        if split:
            outputs = {"logits": ["n", DIGITS]} | ({"other": ["n", 1]} if classes > DIGITS else {})
        scores = "scores" if len(outputs) > 1 else "logits"
        self.nodes += [
            helper.make_node("Flatten", [features], ["features"]),
            helper.make_node("Gemm", ["features", "weight", "bias"], [scores], transB=1),
        ]
        if len(outputs) > 1:
            self.values["split"] = np.array([DIGITS, 1], np.int64)
            self.nodes.append(helper.make_node("Split", ["scores", "split"], list(outputs), axis=1))
        return outputs


def _folded(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The weight and bias of one convolution that computes the same as a convolution and its batch norm."""
    parameters = (norm.weight, norm.bias, norm.running_mean, norm.running_var, convolution.weight)
    scale, shift, mean, variance, weight = (
        values.detach().cpu().double() for values in parameters
    )  # MPS has no float64
    factor = scale / torch.sqrt(variance + norm.eps)
    return _array(weight * factor[:, None, None, None]), _array(shift - mean * factor)


def _array(values: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.detach().cpu().numpy().astype(np.float32)
    return array
