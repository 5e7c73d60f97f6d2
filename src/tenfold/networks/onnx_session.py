"""An ONNX graph, opened with onnxruntime and checked. Knows files of networks; does not know what they compute."""

from __future__ import annotations

from typing import Any

from tenfold.errors import NetworkError

TensorSpecs = list[tuple[str, str, list[int | str]]]  # name, type, shape without the first side


def open_session(model: bytes, inputs: TensorSpecs, outputs: list[TensorSpecs], threads: int = 1) -> Any:
    """The onnxruntime session of a graph.

    Args:
        model: the bytes of the ONNX file.
        inputs: what the graph must take.
        outputs: what it may give, one list a way.
        threads: that one call may use.

    Raises:
        NetworkError: it is no ONNX file, or its graph has other inputs and outputs.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors are of many classes
        raise NetworkError(f"the ONNX file cannot be used ({error}): train or save the network again") from error
    taken = [(value.name, value.type, value.shape[1:]) for value in session.get_inputs()]
    given = [(value.name, value.type, value.shape[1:]) for value in session.get_outputs()]
    if taken != inputs or given not in outputs:
        raise NetworkError(
            f"the ONNX graph takes {taken} and gives {given}: it must take {inputs} and give {outputs[-1]}"
        )
    return session
