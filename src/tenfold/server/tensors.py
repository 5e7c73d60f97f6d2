"""Tensors of the Open Inference Protocol v2, as JSON or as bytes after the JSON.

Source: https://github.com/open-inference/open-inference-protocol, with Triton's extension for binary tensors. No
network and no routes here. Invalid requests have status 400, which the protocol requires.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import SIDE
from tenfold.http.limits import RequestError

IMAGES = "images"
VERSION = "1"  # a server has one version of its network
OUTPUT_DATATYPES = {"digits": "INT64", "probabilities": "FP32", "scores": "FP32"}
LITTLE_ENDIAN = {"INT64": "<i8", "FP32": "<f4"}  # output datatype -> NumPy dtype

Json = dict[str, Any]


def parse(body: bytes, header_length: str | None) -> tuple[Json, NDArray[np.uint8]]:
    """Parse a request and the images in it.

    Args:
        body: JSON, followed by the bytes of binary tensors if `header_length` is given.
        header_length: the number of bytes of the JSON.

    Returns:
        The JSON, and `(n, 28, 28) uint8`, n at least 1.

    Raises:
        RequestError: 400, the request violates the protocol or names an unknown tensor.
    """
    length = len(body) if header_length is None else _length(header_length, len(body))
    try:
        request = json.loads(body[:length])
    except (ValueError, RecursionError):
        raise _bad_request("the body is not JSON") from None
    if not isinstance(request, dict):
        raise _bad_request(f"the body is a JSON {type(request).__name__}, not an object")
    tensor = _only_input(request)
    shape = _shape(tensor)
    parameters = _parameters(tensor)
    if "binary_data_size" in parameters:
        return request, _from_bytes(body[length:], shape, parameters["binary_data_size"])
    return request, _from_json(tensor.get("data"), shape)


def serialize(answer: Json, outputs: dict[str, tuple[str, NDArray[Any], bool]]) -> tuple[bytes, int | None]:
    """Serialize an answer with its outputs.

    Args:
        answer: the answer without its outputs.
        outputs: for each name the datatype, the array, and True if its bytes follow the JSON.

    Returns:
        The body, and the number of bytes of its JSON if binary tensors follow, otherwise None.
    """
    tensors, tail = [], b""
    for name, (datatype, array, binary) in outputs.items():
        tensor: Json = {"name": name, "datatype": datatype, "shape": list(array.shape)}
        if binary:
            raw = array.astype(LITTLE_ENDIAN[datatype]).tobytes()
            tensor["parameters"] = {"binary_data_size": len(raw)}
            tail += raw
        else:
            tensor["data"] = array.ravel().tolist()
        tensors.append(tensor)
    head = json.dumps(answer | {"outputs": tensors}).encode()
    return head + tail, len(head) if tail else None


def response_header(request: Json) -> Json:
    """Return the beginning of an answer: the `id` of the request, if it has one.

    Raises:
        RequestError: 400, the id is not a string.
    """
    if not isinstance(request.get("id", ""), str):
        raise _bad_request("'id' is not a string")
    return {"id": request["id"]} if "id" in request else {}


def requested_outputs(request: Json, known: list[str]) -> dict[str, bool]:
    """Return the outputs that a request names, by default all of them; each with True if it is binary.

    Raises:
        RequestError: 400, the request names an unknown output.
    """
    binary = _parameters(request).get("binary_data_output") is True
    named = request.get("outputs", [])
    if not isinstance(named, list):
        raise _bad_request("'outputs' is not a list")
    outputs = {}
    for output in named or [{"name": name} for name in known]:
        name = output.get("name") if isinstance(output, dict) else None
        if name not in known:
            raise _bad_request(f"unknown output {_short(name)}: the outputs are {', '.join(known)}")
        outputs[name] = _parameters(output).get("binary_data", binary) is True
    return outputs


def _length(header_length: str, body_length: int) -> int:
    if not (header_length.isascii() and header_length.isdigit() and len(header_length) < 12):
        raise _bad_request(f"Inference-Header-Content-Length is {_short(header_length)}: it must be a number of bytes")
    if int(header_length) > body_length:
        raise _bad_request(f"Inference-Header-Content-Length is {header_length}, but the body has {body_length} bytes")
    return int(header_length)


def _only_input(request: Json) -> Json:
    inputs = request.get("inputs")
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        raise _bad_request("'inputs' must be a list of one tensor")
    tensor: Json = inputs[0]
    if tensor.get("name") != IMAGES or tensor.get("datatype") != "UINT8":
        raise _bad_request(
            f"the input is {_short(tensor.get('name'))}, {_short(tensor.get('datatype'))}: give 'images', 'UINT8'"
        )
    return tensor


def _shape(tensor: Json) -> tuple[int, int, int]:
    shape: Any = tensor.get("shape")
    is_list = isinstance(shape, list) and len(shape) == 3 and all(type(length) is int for length in shape)
    if not is_list or shape[1:] != [SIDE, SIDE] or not 1 <= shape[0] < 2**31:
        raise _bad_request(f"the shape is {_short(shape)}: it must be [n, {SIDE}, {SIDE}], n at least 1")
    return shape[0], SIDE, SIDE


def _parameters(owner: Json) -> Json:
    parameters = owner.get("parameters", {})
    if not isinstance(parameters, dict):
        raise _bad_request("'parameters' is not an object")
    return parameters


def _from_bytes(raw: bytes, shape: tuple[int, int, int], size: object) -> NDArray[np.uint8]:
    if size != math.prod(shape) or len(raw) != size:
        raise _bad_request(
            f"a tensor of shape {list(shape)} has {math.prod(shape)} bytes, binary_data_size is {_short(size)} and "
            f"{len(raw)} bytes follow the JSON: these must be equal"
        )
    return np.frombuffer(raw, np.uint8).reshape(shape)


def _from_json(data: object, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    try:
        values = np.asarray(data)
    except (ValueError, OverflowError, RecursionError):
        raise _bad_request("the rows of the data differ in length") from None
    if values.size != math.prod(shape):
        raise _bad_request(f"the data has {values.size} values: the shape {list(shape)} needs {math.prod(shape)}")
    if values.dtype.kind not in "iu" or values.min() < 0 or values.max() > 255:
        raise _bad_request("the data must be whole numbers, 0 paper .. 255 ink")
    return values.astype(np.uint8).reshape(shape)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _bad_request(reason: str) -> RequestError:
    return RequestError(400, reason)
