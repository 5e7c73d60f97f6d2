"""What the server does with corrected digits: JSON in, the bytes of the answer out. In a thread, or in a worker.

Nothing is kept between two requests but what `adaptation.memory` knows of MNIST.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError

from tenfold.adaptation.last_layer import LastLayer, with_last_layer
from tenfold.adaptation.teaching import MAX_CORRECTIONS, Taught, teach
from tenfold.arrays import PIXELS, SIDE, Images
from tenfold.datasets import mnist
from tenfold.errors import NetworkError, TenfoldError
from tenfold.http.limits import RequestError
from tenfold.networks import serialization
from tenfold.networks.classifier import Classifier
from tenfold.networks.onnx_classifier import OnnxClassifier

MAX_EXAMPLES = 12  # test digits that are shown, of those that changed
MAX_QUOTED = 60  # characters of an invalid value that an error message quotes
IMAGE_CHARACTERS = 4 * -(-PIXELS // 3)  # base64 of 784 bytes

Image64 = Annotated[
    str,
    Field(
        min_length=IMAGE_CHARACTERS,
        max_length=IMAGE_CHARACTERS,
        description="784 bytes in base64: 28 x 28 pixels, 0 paper .. 255 ink, row by row",
    ),
]
Digit = Annotated[int, Field(ge=0, le=9)]


class Correction(BaseModel):
    """An image as the network read it, and the digit that it is."""

    image: Image64
    digit: Digit
    group: str | None = Field(
        default=None, max_length=200, description="a sheet or a session; digits of one group may be alike"
    )


class Corrections(BaseModel):
    """Corrected digits of one or a few writers."""

    corrections: Annotated[list[Correction], Field(max_length=MAX_CORRECTIONS)]


class TaughtDigit(BaseModel):
    """A digit to be read with a layer from `/v1/teach`."""

    image: Image64
    layer: str = Field(max_length=100_000, description="`layer` of the answer of /v1/teach")


class Judgement(BaseModel):
    """What one network says of an image."""

    digit: int | None = Field(description="the most probable digit; null if 'not a digit' is more probable")
    confidence: float = Field(ge=0, le=1, description="the probability of the most probable digit")
    probabilities: list[float] = Field(min_length=10, max_length=10)


class BeforeAndAfter(BaseModel):
    """An image read by the packaged and by the taught network."""

    before: Judgement
    after: Judgement


class ChangedDigit(BaseModel):
    """A test digit of MNIST that the two networks read differently."""

    index: int
    image: Image64
    label: int
    before: int
    after: int


class TaughtAnswer(BaseModel):
    """What teaching won, and what else it changed."""

    corrections: int = Field(description="corrected digits")
    misread_before: int = Field(description="of them, by the network as it was")
    misread_after: int = Field(description="of them, each by a layer that was fitted without its group")
    kept: bool = Field(description="true if that is fewer; otherwise do not use the layer")
    test_images: int = Field(description="test digits of MNIST")
    test_errors_before: int
    test_errors_after: int
    newly_wrong: list[ChangedDigit] = Field(
        description=f"test digits that only now are misread; at most {MAX_EXAMPLES}"
    )
    newly_right: list[ChangedDigit] = Field(description=f"those that only now are right; at most {MAX_EXAMPLES}")
    layer: str = Field(description="the taught last layer in base64, for /v1/teach/read")


M = TypeVar("M", bound=BaseModel)


def taught(network: Classifier, body: bytes) -> bytes:
    """The answer to /v1/teach."""
    found = _teach(network, body)
    assert isinstance(network, OnnxClassifier)  # noqa: S101 (`teach` has refused others)
    _, (images, labels) = mnist.load_data()
    return json_bytes(
        {
            "corrections": found.corrections,
            "misread_before": found.misread_before,
            "misread_after": found.misread_after,
            "kept": found.kept,
            "test_images": len(labels),
            "test_errors_before": found.test_errors_before,
            "test_errors_after": found.test_errors_after,
            "newly_wrong": _changed(network, found.network, images, labels, found.newly_wrong),
            "newly_right": _changed(network, found.network, images, labels, found.newly_right),
            "layer": found.layer.as_text(network.model),
        }
    )


def taught_network(network: Classifier, body: bytes) -> bytes:
    """The answer to /v1/teach/network: the folder of the taught network as a ZIP archive."""
    found = _teach(network, body)
    card = found.facts() | {"kind": found.network.kind, "parameters": found.network.parameters}
    with io.BytesIO() as archive:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as folder:
            try:
                found.check_kept()
            except NetworkError as error:
                raise RequestError(422, str(error)) from None
            for name, data in serialization.model_files(found.network.model, card).items():
                folder.writestr(f"taught/{name}", data)
        return archive.getvalue()


def taught_reading(network: Classifier, body: bytes) -> bytes:
    """The answer to /v1/teach/read."""
    request = _parsed(TaughtDigit, body)
    image = _pixels([request.image])
    if not isinstance(network, OnnxClassifier):
        raise RequestError(422, f"the network is of the kind {network.kind!r}: only a digit network can be taught")
    try:
        layer = LastLayer.from_text(request.layer, network.model)
    except NetworkError as error:
        raise RequestError(422, str(error)) from None
    after = OnnxClassifier(with_last_layer(network.model, layer), network.parameters)
    return json_bytes({"before": _judged(network, image), "after": _judged(after, image)})


TEACHING_WORK: dict[str, Callable[[Classifier, bytes], bytes]] = {
    "teach": taught,
    "teach/network": taught_network,
    "teach/read": taught_reading,
}


def json_bytes(value: dict[str, Any]) -> bytes:
    """A value as one line of JSON."""
    return json.dumps(value).encode() + b"\n"  # the line break is for terminals


def _teach(network: Classifier, body: bytes) -> Taught:
    given = _parsed(Corrections, body).corrections
    groups = [f"#{i}" if each.group is None else each.group for i, each in enumerate(given)]
    try:
        return teach(network, _pixels([each.image for each in given]), [each.digit for each in given], groups)
    except TenfoldError as error:
        raise RequestError(422, str(error)) from None


def _parsed(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"]) or "the body"
        value = repr(first.get("input"))
        quoted = value if len(value) <= MAX_QUOTED else value[:MAX_QUOTED] + "..."
        raise RequestError(422, f"{where} is {quoted}: {first['msg']}") from None


def _pixels(texts: list[str]) -> Images:
    """Images in base64 as `(n, 784) uint8`."""
    images = np.zeros((len(texts), PIXELS), np.uint8)
    for i, text in enumerate(texts):
        try:
            data = base64.b64decode(text, validate=True)
        except ValueError:
            data = b""
        if len(data) != PIXELS:
            raise RequestError(422, f"image {i} is not base64 of {PIXELS} bytes: send 28 x 28 pixels, row by row")
        images[i] = np.frombuffer(data, np.uint8)
    return images


def _changed(
    before: OnnxClassifier, after: OnnxClassifier, images: Images, labels: Images, indices: NDArray[np.int64]
) -> list[dict[str, Any]]:
    shown = indices[:MAX_EXAMPLES]
    rows = zip(shown, before.predict(images[shown]), after.predict(images[shown]), strict=True)
    return [
        {
            "index": int(index),
            "image": base64.b64encode(np.ascontiguousarray(images[index]).tobytes()).decode(),
            "label": int(labels[index]),
            "before": int(old),
            "after": int(new),
        }
        for index, old, new in rows
    ]


def _judged(network: OnnxClassifier, image: Images) -> dict[str, Any]:
    probabilities = network.probabilities(image.reshape(1, SIDE, SIDE))[0]
    digit = int(probabilities.argmax())
    is_digit = probabilities[digit] >= 1 - probabilities.sum()
    return {
        "digit": digit if is_digit else None,
        "confidence": float(probabilities[digit]),
        "probabilities": [round(float(each), 6) for each in probabilities],
    }
