"""The routes of the Open Inference Protocol v2, for clients of Triton and KServe: images in, scores out.

No preprocessing here: images must be as the network takes them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from tenfold.arrays import DIGITS, SIDE
from tenfold.http.limits import Limits
from tenfold.networks.classifier import Classifier
from tenfold.server.reading_work import Answer, Task
from tenfold.server.schemas import Error
from tenfold.server.tensors import IMAGES, OUTPUT_DATATYPES, VERSION

HEADER_LENGTH = "Inference-Header-Content-Length"  # the number of bytes of JSON; binary tensors follow them

Parameters = dict[str, bool | int | float | str]


class TensorKind(BaseModel):
    """An input or output tensor of the network; -1 is any number of images."""

    name: str
    datatype: str
    shape: list[int]


class Tensor(TensorKind):
    """A tensor of a request or an answer; `data` is absent if its bytes follow the JSON."""

    parameters: Parameters = Field({}, description="binary_data_size: how many bytes follow the JSON")
    data: list[Any] = Field([], description="row by row, nested or flat")


class InferAnswer(BaseModel):
    """The answer of the network."""

    model_name: str
    model_version: str
    id: str = ""
    outputs: list[Tensor]


class NetworkMetadata(BaseModel):
    """The input and output tensors of a network."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorKind]
    outputs: list[TensorKind]


class ServerMetadata(BaseModel):
    """The server, and the extensions of the protocol that it supports."""

    name: str
    version: str
    extensions: list[str]


class Live(BaseModel):
    """True if the server answers."""

    live: bool


class Ready(BaseModel):
    """True if requests can be sent."""

    ready: bool


ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Error} for status in (400, 408, 413, 415, 429, 503)
}
INPUTS = [TensorKind(name=IMAGES, datatype="UINT8", shape=[-1, SIDE, SIDE])]
OUTPUTS = [
    TensorKind(name=name, datatype=datatype, shape=[-1] if name == "digits" else [-1, DIGITS])
    for name, datatype in OUTPUT_DATATYPES.items()
]
NAMES = [output.name for output in OUTPUTS]
_PARAMETERS = {"type": "object"}
REQUEST = {
    "type": "object",
    "required": ["inputs"],
    "properties": {
        "id": {"type": "string"},
        "parameters": _PARAMETERS | {"description": "binary_data_output: true for binary outputs"},
        "inputs": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "datatype", "shape"],
                "properties": {
                    "name": {"const": IMAGES},
                    "datatype": {"const": "UINT8"},
                    "shape": {
                        "type": "array",
                        "prefixItems": [{"type": "integer", "minimum": 1}, {"const": SIDE}, {"const": SIDE}],
                        "minItems": 3,
                        "maxItems": 3,
                    },
                    "parameters": _PARAMETERS | {"description": "binary_data_size: how many bytes follow the JSON"},
                    "data": {
                        "type": "array",
                        "description": "0 paper .. 255 ink, row by row, nested or flat",
                    },
                },
            },
        },
        "outputs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"enum": NAMES},
                    "parameters": _PARAMETERS
                    | {"description": "binary_data: true if its bytes should follow the JSON"},
                },
            },
        },
    },
}
DIGIT_ONE = [0] * 98 + ([0] * 13 + [255] * 2 + [0] * 13) * 20 + [0] * 126  # an upright stroke, 28 x 28
EXAMPLE = {
    "inputs": [{"name": IMAGES, "datatype": "UINT8", "shape": [1, SIDE, SIDE], "data": DIGIT_ONE}],
    "outputs": [{"name": "digits"}, {"name": "probabilities"}],
}


def inference_router(
    network: Classifier, limits: Limits, work: Callable[[Task], Answer], is_ready: Callable[[], bool]
) -> APIRouter:
    """Create the routes under /v2 for one network. The name of the model is the kind of the network.

    Args:
        network: the network that `work` uses.
        limits: an inference counts as a request in flight.
        work: answers a `Task` of the kind "infer".
        is_ready: returns True if `work` can answer.
    """
    router = APIRouter(prefix="/v2", tags=["Open Inference Protocol v2"])
    model = f"/models/{network.kind}"
    versioned_model = f"{model}/versions/{VERSION}"

    @router.get("", summary="Describe the server")
    async def server() -> ServerMetadata:
        return ServerMetadata(name="tenfold", version=version("tenfold"), extensions=["binary_tensor_data"])

    @router.get("/health/live", summary="Check that the server is alive")
    async def live() -> Live:
        return Live(live=True)

    @router.get("/health/ready", summary="Check that the server is ready")
    @router.get(f"{model}/ready", summary="Check that the network is ready")
    @router.get(f"{versioned_model}/ready", include_in_schema=False)
    async def ready(response: Response) -> Ready:
        if not is_ready():
            response.status_code = 503
        return Ready(ready=is_ready())

    @router.get(model, summary="Describe the tensors of the network")
    @router.get(versioned_model, include_in_schema=False)
    async def metadata() -> NetworkMetadata:
        return NetworkMetadata(
            name=network.kind, versions=[VERSION], platform="tenfold", inputs=INPUTS, outputs=OUTPUTS
        )

    @router.post(f"{versioned_model}/infer", include_in_schema=False)
    @router.post(
        f"{model}/infer",
        summary="Compute scores, probabilities and digits of images",
        responses=ERROR_RESPONSES | {200: {"model": InferAnswer}},
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": REQUEST, "example": EXAMPLE}}}
        },
    )
    async def infer(request: Request) -> Response:
        header_length = request.headers.get(HEADER_LENGTH)
        body, length = await limits.result(request, lambda body: work(Task("infer", header_length, body)))
        if length is None:
            return Response(body, media_type="application/json")
        return Response(body, media_type="application/octet-stream", headers={HEADER_LENGTH: str(length)})

    return router
