"""An ONNX graph, opened with ONNX Runtime and checked. Does not know what the graph computes."""

from __future__ import annotations

import os
from typing import Any

from tenfold.errors import NetworkError

TensorSpecs = list[tuple[str, str, list[int | str]]]  # name, type, shape without the first side


def open_session(model: bytes, inputs: TensorSpecs, outputs: list[TensorSpecs], threads: int = 1) -> Any:
    """Open a graph as an `onnxruntime.InferenceSession`, with ONNX Runtime's telemetry switched off.

    Args:
        model: the bytes of the ONNX file.
        inputs: the inputs that the graph must have.
        outputs: the lists of outputs that are accepted.
        threads: the number of threads that one call may use.

    Raises:
        NetworkError: the bytes are not an ONNX file, or the graph has other inputs or outputs.
    """
    session = open_unchecked(model, threads)
    found_inputs = [(value.name, value.type, value.shape[1:]) for value in session.get_inputs()]
    found_outputs = [(value.name, value.type, value.shape[1:]) for value in session.get_outputs()]
    if found_inputs != inputs or found_outputs not in outputs:
        raise NetworkError(
            f"the ONNX graph has the inputs {found_inputs} and the outputs {found_outputs}: it must have the inputs "
            f"{inputs} and the outputs {outputs[-1]}"
        )
    return session


def open_unchecked(model: bytes, threads: int = 1) -> Any:
    """Open a graph whatever its inputs and outputs are; see `open_session`.

    Raises:
        NetworkError: the bytes are not an ONNX file.
    """
    onnxruntime = _import_quietly()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors are of many classes
        raise NetworkError(f"the ONNX file cannot be used ({error}): train or save the network again") from error


def with_output(model: bytes, name: str) -> bytes:
    """The same ONNX file with one more output: a float tensor inside the graph, by its name.

    An ONNX file is a protocol buffer, in which a field that occurs twice is merged. So a second graph with one output
    is appended; the package onnx is not needed.
    """
    tensor_type = _field(2, _field(1, b"\x08\x01"))  # ValueInfoProto.type, TypeProto.tensor_type, elem_type = float
    value = _field(1, name.encode()) + tensor_type  # ValueInfoProto.name
    return model + _field(7, _field(12, value))  # ModelProto.graph, GraphProto.output


def _field(number: int, value: bytes) -> bytes:
    """A field of a protocol buffer that holds fewer than 128 bytes."""
    return bytes([number << 3 | 2, len(value)]) + value


def _import_quietly() -> Any:
    """Import onnxruntime without telemetry.

    From 1.29 on, its Linux build sends usage data and writes a device id into the user's cache, unless this variable
    is set before it loads. If the caller has loaded it already, at least no further events are sent.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime
