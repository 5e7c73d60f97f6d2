"""The web application: the pages, and the HTTP interface to a `Reader`.

No sockets, signals or processes here; those are in `launch`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect

from tenfold.errors import PictureError
from tenfold.http.limits import Limits, RequestError
from tenfold.http.middleware import SecurityMiddleware
from tenfold.http.prometheus import CONTENT_TYPE, Metrics
from tenfold.http.uploads import check_type, picture_in
from tenfold.recognition.attribution import explain
from tenfold.recognition.reader import Reader
from tenfold.server import lab_routes, schemas
from tenfold.server.inference_routes import HEADER_LENGTH, inference_router

STATIC_FILES = Path(__file__).with_name("static")

CLIENT_DISCONNECTED = 499  # nginx's status for a client that disconnected before its answer; only metrics see it
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": schemas.Error, "description": description}
    for status, description in {
        408: "The body took too long to arrive.",
        413: "The body is too large, or the picture has too many pixels.",
        415: "By its content type, the body is not a picture.",
        422: "The body is not a picture, or is damaged.",
        429: "Too many requests from this address at one moment.",
        503: "Too many requests at one moment, or the reading took too long.",
    }.items()
}
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "schema": {
        "type": "object",
        "required": ["picture"],
        "properties": {"picture": {"type": "string", "format": "binary", "contentMediaType": "image/jpeg"}},
    }
}
PICTURE_BODY = {
    "requestBody": {
        "required": True,
        "description": "JPEG, PNG, GIF, BMP, TIFF, WebP, AVIF, JPEG 2000, PPM, TGA or HEIC.",
        "content": {
            "image/jpeg": _BYTES,
            "image/png": _BYTES,
            "application/octet-stream": _BYTES,
            "multipart/form-data": _FORM,
        },
    }
}


def create_app(reader: Reader | None = None, limits: Limits | None = None, origins: Sequence[str] = ()) -> FastAPI:
    """Create the ASGI application; `uvicorn --factory tenfold.server:create_app` serves it.

    `/v1` reads pictures, `/v2` is the Open Inference Protocol, `/metrics` is for Prometheus, and `/openapi.json`
    describes all three. Every other path is a file of the folder `static`; `/lab/` is `static/lab/index.html`.

    Args:
        reader: reads the pictures of all requests; by default a `Reader` with the default network.
        limits: by default `Limits()`.
        origins: sites whose pages may call the interface (CORS), such as "https://example.org"; "*" is any.
    """
    reader = reader or Reader()
    limits = limits or Limits()
    metrics = Metrics(lambda: limits.in_flight)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        limits.close()

    app = FastAPI(
        title="tenfold",
        summary="Reads handwritten digits.",
        version=version("tenfold"),
        docs_url=None,  # FastAPI's documentation page loads scripts from another host
        redoc_url=None,
        lifespan=lifespan,
    )
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=[HEADER_LENGTH],
            expose_headers=[HEADER_LENGTH],
        )
    app.add_middleware(SecurityMiddleware, metrics=metrics, origins=origins)  # the last added is the outermost
    app.exception_handler(HTTPException)(_no_such_route)
    app.exception_handler(RequestError)(_request_error)
    app.exception_handler(PictureError)(_picture_error)
    app.exception_handler(ClientDisconnect)(_disconnected)

    async def answer(request: Request, work: Callable[[str, bytes], dict[str, Any]]) -> Response:
        content_type = request.headers.get("content-type", "")
        check_type(content_type)
        body = await limits.result(request, lambda body: _json(work(*picture_in(body, content_type))))
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    def add_reading_route(path: str, summary: str, model: type, work: Callable[[str, bytes], dict[str, Any]]) -> None:
        async def endpoint(request: Request) -> Response:
            return await answer(request, work)

        app.add_api_route(
            f"/v1/{path}",
            endpoint,
            methods=["POST"],
            summary=summary,
            tags=["Reading"],
            operation_id=path,
            responses=ERROR_RESPONSES | {200: {"model": model}},
            openapi_extra=PICTURE_BODY,
        )

    add_reading_route(
        "read", "Read one digit", schemas.Digit, lambda name, picture: schemas.digit(name, reader.read(picture))
    )
    add_reading_route(
        "read-number",
        "Read a number of any digits",
        schemas.Number,
        lambda name, picture: schemas.number(name, reader.read_number(picture)),
    )
    add_reading_route(
        "stages",
        "Read one digit and show every stage",
        schemas.DigitInStages,
        lambda name, picture: schemas.digit_in_stages(name, reader.read(picture)),
    )
    add_reading_route(
        "explain",
        "Compute which pixels are evidence for the digit",
        schemas.Why,
        lambda name, picture: schemas.why(name, explain(reader.read(picture))),
    )

    app.include_router(inference_router(reader.network, limits))

    @app.get(
        "/metrics",
        summary="Return metrics for Prometheus",
        tags=["Server"],
        response_class=Response,
        responses={200: {"content": {CONTENT_TYPE: {"schema": {"type": "string"}}}}},
    )
    async def prometheus() -> Response:
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    app.include_router(lab_routes.router(reader.network, limits))
    _add_files(app)
    return app


def _add_files(app: FastAPI) -> None:
    """Add a route for each file of the pages. Other paths never reach the disk."""
    files = StaticFiles(directory=STATIC_FILES)
    for file in STATIC_FILES.rglob("*.*"):
        path = file.relative_to(STATIC_FILES).as_posix()

        async def endpoint(request: Request, path: str = path) -> Response:
            return await files.get_response(path, request.scope)

        app.add_route("/" + path.removesuffix("index.html"), endpoint, include_in_schema=False)


def _error(status: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    return Response(_json({"error": reason}), status, headers, media_type="application/json")


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"  # the line break is for terminals


async def _no_such_route(request: Request, error: HTTPException) -> Response:
    problem = {404: "this path does not exist", 405: f"this path does not accept {request.method}"}.get(
        error.status_code
    )
    reason = f"{problem}: see /openapi.json" if problem else str(error.detail)
    return _error(error.status_code, reason, dict(error.headers or {}))


async def _request_error(_: Request, error: RequestError) -> Response:
    return _error(error.status, error.reason, error.headers)


async def _picture_error(_: Request, error: PictureError) -> Response:
    return _error(422, str(error))


async def _disconnected(_: Request, __: Exception) -> Response:
    return Response(status_code=CLIENT_DISCONNECTED)
