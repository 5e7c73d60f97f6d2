"""Export a trained PyTorch network as an ONNX graph that takes pixels, with batch normalization folded in."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from tenfold.arrays import DIGITS, SIDE
from tenfold.training.linenet import ToSequence


def to_onnx(network: nn.Sequential, temperature: float = 1.0) -> bytes:
    """The network as an ONNX graph.

    A network that reads digits takes `images`, `(n, 28, 28) uint8`, and gives `logits`, `(n, 10) float32`; where it
    knows eleven classes also `other`, `(n, 1) float32`, the logit of "no digit". A network that reads lines takes
    `strips`, `(n, 28, w) uint8`, and gives `logits`, `(n, steps, 11) float32`.

    Scaling of the pixels, batch norm (folded into the convolutions) and the temperature are inside. Weights are stored
    as float16, which halves the file, and computed with as float32.
    """
    modules = list(network)
    ending = modules[-1]
    lines = isinstance(modules[-2], ToSequence)
    taken = "strips" if lines else "images"
    values: dict[str, Any] = {"scale": np.array(1 / 255, np.float32), "axis": np.array([1], np.int64)}
    halves: dict[str, NDArray[np.float32]] = {}
    nodes = [
        helper.make_node("Cast", [taken], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "scale"], ["scaled"]),
        helper.make_node("Unsqueeze", ["scaled", "axis"], ["layer0"]),
    ]
    convolutions = [(modules[i], modules[i + 1]) for i in range(0, len(modules) - 2, 3)]
    side = SIDE
    for i, (convolution, norm) in enumerate(convolutions):
        weight, values[f"bias{i}"] = _folded(convolution, norm)
        (kernel, _), (stride, _), (padding, _) = convolution.kernel_size, convolution.stride, convolution.padding
        inputs = [f"layer{i}", f"weight{i}", f"bias{i}"]
        if (
            kernel == side and not padding and not lines
        ):  # it sees the whole image at once, which a product of matrices does faster
            weight = weight.reshape(len(weight), -1)
            nodes.append(helper.make_node("Flatten", [inputs[0]], [f"flat{i}"]))
            nodes.append(helper.make_node("Gemm", [f"flat{i}", *inputs[1:]], [f"sum{i}"], transB=1))
        else:
            pads, strides = list(convolution.padding) * 2, list(convolution.stride)
            nodes.append(helper.make_node("Conv", inputs, [f"sum{i}"], pads=pads, strides=strides))
        nodes.append(helper.make_node("Relu", [f"sum{i}"], [f"layer{i + 1}"]))
        halves[f"weight{i}"] = weight
        side = (side + 2 * padding - kernel) // stride + 1
    features = f"layer{len(convolutions)}"
    halves["weight"] = _array(ending.weight) / np.float32(temperature)
    values["bias"] = _array(ending.bias) / np.float32(temperature)
    if lines:
        outputs: dict[str, list[Any]] = {"logits": ["n", "steps", DIGITS + 1]}
        values["row"] = np.array([2], np.int64)
        halves["weight"] = halves["weight"].T
        nodes += [
            helper.make_node("Squeeze", [features, "row"], ["across"]),
            helper.make_node("Transpose", ["across"], ["steps"], perm=[0, 2, 1]),
            helper.make_node("MatMul", ["steps", "weight"], ["sums"]),
            helper.make_node("Add", ["sums", "bias"], ["logits"]),
        ]
    else:
        outputs = {"logits": ["n", DIGITS]} | ({"other": ["n", 1]} if ending.out_features > DIGITS else {})
        scores = "scores" if len(outputs) > 1 else "logits"
        nodes += [
            helper.make_node("Flatten", [features], ["features"]),
            helper.make_node("Gemm", ["features", "weight", "bias"], [scores], transB=1),
        ]
        if len(outputs) > 1:
            values["split"] = np.array([DIGITS, 1], np.int64)
            nodes.append(helper.make_node("Split", ["scores", "split"], list(outputs), axis=1))
    casts = [helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT) for name in halves]
    values |= {f"{name}_half": half.astype(np.float16) for name, half in halves.items()}
    graph = helper.make_graph(
        casts + nodes,
        "tenfold",
        [helper.make_tensor_value_info(taken, TensorProto.UINT8, ["n", SIDE, "w" if lines else SIDE])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _folded(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One convolution with a bias that does what a convolution and its batch norm do."""
    found = (norm.weight, norm.bias, norm.running_mean, norm.running_var, convolution.weight)
    scale, shift, mean, variance, weight = (values.detach().cpu().double() for values in found)  # MPS has no float64
    factor = scale / torch.sqrt(variance + norm.eps)
    return _array(weight * factor[:, None, None, None]), _array(shift - mean * factor)


def _array(values: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.detach().cpu().numpy().astype(np.float32)
    return array
