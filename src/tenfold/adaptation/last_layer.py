"""The last layer of a digit network's ONNX file: read, replaced, and what it reads. Does not fit anything.

The file is parsed as far as this needs: an ONNX file is a protocol buffer, whose wire format is a list of fields, each
with a number, a type and a value (https://protobuf.dev/programming-guides/encoding/). The package onnx, which does the
same, is only in the extra [train].
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, SIDE, Images
from tenfold.errors import NetworkError
from tenfold.networks.onnx_classifier import BATCH, INPUTS, LOGITS_AND_OTHER
from tenfold.networks.onnx_session import open_session, with_output

CLASSES = DIGITS + 1  # the ten digits, and "not a digit"
FEATURES = "features"  # the tensor that the last layer of `training.onnx_export` reads
WEIGHT, BIAS = "weight_half", "bias"  # its weights, float16, and biases, float32
NAME_BYTES = 8  # of the SHA-256 of the ONNX file
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # types of fields
GRAPH = 7  # numbers of fields: ModelProto.graph
INITIALIZER = 5  # GraphProto
TENSOR_NAME, RAW_DATA = 8, 9  # TensorProto


class LastLayer(NamedTuple):
    """The logits of the classes are `features @ weights.T + bias`.

    Attributes:
        weights: `(11, features) float16`; the last row is "not a digit".
        bias: `(11,) float32`.
    """

    weights: NDArray[np.float16]
    bias: NDArray[np.float32]

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The logits, `(n, 11) float32`, of `(n, features) float32`."""
        logits: NDArray[np.float32] = features @ self.weights.astype(np.float32).T + self.bias
        return logits

    def as_text(self, model: bytes) -> str:
        """The layer as base64: what names the network, then the weights and the biases, little-endian."""
        data = _name(model) + self.weights.astype("<f2").tobytes() + self.bias.astype("<f4").tobytes()
        return base64.b64encode(data).decode()

    @classmethod
    def from_text(cls, text: str, model: bytes) -> Self:
        """The layer that `as_text` wrote.

        Args:
            text: the base64.
            model: the bytes of the ONNX file of the network that was taught.

        Raises:
            NetworkError: the text is damaged, or was written for another network.
        """
        like = last_layer(model)
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise NetworkError("the taught layer is not base64: teach again") from None
        size = NAME_BYTES + like.weights.nbytes + like.bias.nbytes
        if len(data) != size or data[:NAME_BYTES] != _name(model):
            raise NetworkError(f"the taught layer, {len(data)} bytes, belongs to another network: teach again")
        weights = np.frombuffer(data, "<f2", like.weights.size, NAME_BYTES).reshape(like.weights.shape)
        bias = np.frombuffer(data, "<f4", CLASSES, NAME_BYTES + like.weights.nbytes)
        if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
            raise NetworkError("the taught layer holds a value that is not a finite number: teach again")
        return cls(weights.astype(np.float16), bias.astype(np.float32))


def _name(model: bytes) -> bytes:
    """What names the network that a layer belongs to."""
    return hashlib.sha256(model).digest()[:NAME_BYTES]


def last_layer(model: bytes) -> LastLayer:
    """Read the last layer of an ONNX file.

    Raises:
        NetworkError: the file has no such layer, or does not know "not a digit".
    """
    (weights_from, weights_to), (bias_from, bias_to) = _places(model)
    bias = np.frombuffer(model[bias_from:bias_to], "<f4")
    weights = np.frombuffer(model[weights_from:weights_to], "<f2")
    if len(bias) != CLASSES or weights.size == 0 or weights.size % CLASSES:
        raise NetworkError(
            f"the last layer has {len(bias)} biases and {weights.size} weights: only a network with {CLASSES} classes, "
            "ten digits and none, can be taught"
        )
    return LastLayer(weights.reshape(CLASSES, -1).astype(np.float16), bias.astype(np.float32))


def with_last_layer(model: bytes, layer: LastLayer) -> bytes:
    """The same ONNX file with another last layer of the same shape."""
    (weights_from, weights_to), (bias_from, bias_to) = _places(model)
    data = bytearray(model)
    data[weights_from:weights_to] = layer.weights.astype("<f2").tobytes()
    data[bias_from:bias_to] = layer.bias.astype("<f4").tobytes()
    if len(data) != len(model):
        raise ValueError("the layer has another shape")
    return bytes(data)


def features_of(model: bytes, images: Images) -> NDArray[np.float32]:
    """What the last layer reads, `(n, features) float32`, from `(n, 28, 28) uint8`."""
    count = last_layer(model).weights.shape[1]
    outputs = [(FEATURES, "tensor(float)", [count])]
    session = open_session(with_output(model, FEATURES), INPUTS, [[*LOGITS_AND_OTHER, *outputs]])
    features = np.empty((len(images), count), np.float32)
    for first in range(0, len(images), BATCH):
        part = {"images": images[first : first + BATCH].reshape(-1, SIDE, SIDE)}
        (features[first : first + BATCH],) = session.run([FEATURES], part)
    return features


def _places(model: bytes) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where the bytes of the weights and of the biases start and end."""
    found: dict[str, tuple[int, int]] = {}
    for number, start, end in _fields(model, 0, len(model)):
        if number != GRAPH:
            continue
        for inner, first, last in _fields(model, start, end):
            if inner == INITIALIZER:
                parts = {field: (begin, stop) for field, begin, stop in _fields(model, first, last)}
                begin, stop = parts.get(TENSOR_NAME, (0, 0))
                name = model[begin:stop].decode("utf-8", "replace")
                if name in {WEIGHT, BIAS} and RAW_DATA in parts:
                    found[name] = parts[RAW_DATA]
    if len(found) < 2:
        raise NetworkError("the ONNX file has no last layer as tenfold writes it: only such a network can be taught")
    return found[WEIGHT], found[BIAS]


def _fields(data: bytes, position: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The fields of a message: the number, and where the value starts and ends."""
    while position < end:
        key, position = _varint(data, position, end)
        kind = key & 7
        if kind == VARINT:
            start, (_, position) = position, _varint(data, position, end)
        else:
            if kind == BYTES:
                length, position = _varint(data, position, end)
            else:
                length = {FIXED64: 8, FIXED32: 4}.get(kind, end)
            start, position = position, position + length
        if position > end:
            raise NetworkError("the ONNX file is damaged: save the network again")
        yield key >> 3, start, position


def _varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    """A whole number in groups of seven bits, the lowest first, and the position behind it."""
    value = shift = 0
    while position < end and shift < 64:
        byte = data[position]
        value |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            return value, position
    raise NetworkError("the ONNX file is damaged: save the network again")
