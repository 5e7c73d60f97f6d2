from __future__ import annotations

import pytest

import tenfold
from tenfold.networks.onnx_classifier import OnnxClassifier

pytest.importorskip("onnx", reason="onnx, of the extra [train], is not installed")


def test_onnx_files_that_are_not_digit_networks_are_rejected() -> None:
    with pytest.raises(tenfold.NetworkError, match="the ONNX file cannot be used"):
        OnnxClassifier(b"junk")
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "other", [value], [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    with pytest.raises(tenfold.NetworkError, match=r"must have the inputs .*'images'"):
        OnnxClassifier(model.SerializeToString())
