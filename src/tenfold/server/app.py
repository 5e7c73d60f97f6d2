"""The web application: the pages, and the HTTP interface to a `Reader`.

No sockets, signals or processes here; those are in `launch`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect

from tenfold.errors import DataError, PictureError, ServeError, TenfoldError
from tenfold.http.compression import compressed
from tenfold.http.limits import Limits, RequestError
from tenfold.http.middleware import SecurityMiddleware
from tenfold.http.prometheus import CONTENT_TYPE, Metrics
from tenfold.http.uploads import check_type
from tenfold.io.documents import MAX_PAGES
from tenfold.recognition.reader import Reader
from tenfold.server import schemas
from tenfold.server.number_conditions import PARAMETERS, conditions_in
from tenfold.server.pages import Pages
from tenfold.server.reading_work import Answer, ReadingWork, Task, set_up_worker
from tenfold.server.routes import lab_routes
from tenfold.server.routes.inference_routes import HEADER_LENGTH, inference_router
from tenfold.server.routes.teach_routes import teach_router
from tenfold.server.teaching_work import json_bytes
from tenfold.worker_calls import LostCallError, WorkerCalls

if TYPE_CHECKING:
    from tenfold.forms.form_project import Form

NOT_STORED = {"Cache-Control": "no-store"}
CLIENT_DISCONNECTED = 499  # nginx's status for a client that disconnected before its answer; only metrics see it
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": schemas.Error, "description": description}
    for status, description in {
        408: "The body took too long to arrive.",
        413: "The body is too large, or the picture has too many pixels.",
        415: "By its content type, the body is not a picture.",
        422: "The body is not a picture, or is damaged, or breaks a rule.",
        429: "Too many requests from this address at one moment.",
        500: "The picture crashed the process that read it.",
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
_TEXT_IN_JSON = {
    "schema": {
        "type": "object",
        "required": ["picture"],
        "properties": {"picture": {"type": "string", "description": "the picture in base64, or as a data: URL"}},
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
            "application/json": _TEXT_IN_JSON,
        },
    }
}


def create_app(
    reader: Reader | None = None,
    limits: Limits | None = None,
    origins: Sequence[str] = (),
    workers: int | None = None,
    root_path: str = "",
    form: Form | None = None,
) -> FastAPI:
    """Create the ASGI application; `uvicorn --factory tenfold.server:create_app` serves it.

    `/v1` reads pictures and teaches, `/v2` is the Open Inference Protocol, `/metrics` is for Prometheus, and
    `/openapi.json` describes all three; `/docs/` shows it. Every other path is a file of the pages.

    Args:
        reader: reads the pictures of all requests; by default a `Reader` with the default network.
        limits: by default `Limits()`.
        origins: sites whose pages may call the interface (CORS), such as "https://example.org"; "*" is any.
        workers: how many processes read, which then need a reader that can be pickled. None to read in threads of this
            process: that needs less memory, but the threads share Python's lock, and one that hangs cannot be replaced.
        root_path: the prefix under which a reverse proxy serves the application, such as "/digits".
        form: the form whose doubtful fields are reviewed at `/review/`.

    Raises:
        ServeError: the prefix does not start with a slash.
    """
    root_path = _checked(root_path)
    reader = reader or Reader()
    limits = limits or Limits(threads=workers)
    calls = WorkerCalls(partial(set_up_worker, reader), workers, limits.work_seconds) if workers else None
    work = _in_workers(calls) if calls else ReadingWork(reader)
    metrics = Metrics(lambda: limits.in_flight, lambda: calls.replaced if calls else 0)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if calls:
            calls.start()
        yield
        limits.close()
        if calls:
            calls.close()

    app = FastAPI(
        title="tenfold",
        summary="Reads handwritten digits.",
        version=version("tenfold"),
        docs_url=None,  # FastAPI's documentation page loads scripts from another host
        redoc_url=None,
        redirect_slashes=False,  # it redirects to absolute URLs, which a proxy does not know
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
    # The last added is the outermost.
    app.add_middleware(SecurityMiddleware, metrics=metrics, origins=origins, root_path=root_path)
    app.exception_handler(RequestError)(_request_error)
    app.exception_handler(PictureError)(_picture_error)
    app.exception_handler(DataError)(_picture_error)
    app.exception_handler(ClientDisconnect)(_disconnected)

    def add_reading_route(path: str, summary: str, model: type, with_conditions: bool = False) -> None:
        async def endpoint(request: Request) -> Response:
            content_type = request.headers.get("content-type", "")
            check_type(content_type)
            conditions = conditions_in(request.query_params) if with_conditions else {}
            body, _ = await limits.result(request, lambda body: work(Task(path, content_type, body, conditions)))
            return compressed(request, Response(body, media_type="application/json", headers=NOT_STORED))

        app.add_api_route(
            f"/v1/{path}",
            endpoint,
            methods=["POST"],
            summary=summary,
            tags=["Reading"],
            operation_id=path,
            responses=ERROR_RESPONSES | {200: {"model": model}},
            openapi_extra=PICTURE_BODY | ({"parameters": PARAMETERS} if with_conditions else {}),
        )

    add_reading_route("read", "Read one digit", schemas.Digit)
    add_reading_route("read-number", "Read the numbers in a picture", schemas.Number, with_conditions=True)
    add_reading_route("stages", "Read one digit and show every stage", schemas.DigitInStages)
    add_reading_route("explain", "Compute which pixels are evidence for the digit", schemas.Why)
    add_reading_route("inside", "Show what each layer of the network makes of a digit", schemas.Inside)

    _add_page_route(app, limits, work)

    def is_ready() -> bool:
        if calls is None:
            return True
        calls.start()  # a mounted application is not told that the server starts
        return calls.ready

    app.include_router(teach_router(limits, work, ERROR_RESPONSES))
    app.include_router(inference_router(reader.network, limits, work, is_ready))

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
    _add_review(app, form)
    _add_pages(app, form is not None)
    return app


def _add_page_route(app: FastAPI, limits: Limits, work: Callable[[Task], Answer]) -> None:
    number_schema = {"type": "integer", "minimum": 1, "maximum": MAX_PAGES, "default": 1}

    @app.post(
        "/v1/page",
        summary="Return one page of a PDF or a TIFF file as a picture",
        tags=["Reading"],
        operation_id="page",
        response_class=Response,
        responses=ERROR_RESPONSES | {200: {"model": schemas.Page}},
        openapi_extra={
            "parameters": [{"name": "number", "in": "query", "schema": number_schema}],
            "requestBody": {"required": True, "content": {"application/octet-stream": _BYTES}},
        },
    )
    async def page(request: Request) -> Response:
        number = request.query_params.get("number", "1")
        if not (number.isascii() and number.isdigit() and 1 <= int(number[:10]) <= MAX_PAGES):
            raise RequestError(422, f"number is {number[:40]!r}: it must be a whole number from 1 to {MAX_PAGES:,}")
        body, _ = await limits.result(request, lambda body: work(Task("page", number, body)))
        return Response(body, media_type="application/json", headers=NOT_STORED)


def _add_review(app: FastAPI, form: Form | None) -> None:
    if form is not None:
        from tenfold.server.routes import review_routes  # and with it the database

        app.include_router(review_routes.router(form))


def _add_pages(app: FastAPI, review: bool) -> None:
    """Add a route for each file of the pages, and the page for paths without a route. No path reaches the disk."""
    pages = Pages(review)
    for path in pages.paths:

        async def endpoint(request: Request, path: str = path) -> Response:
            return pages.response(path, request)

        app.add_route("/" + path, endpoint, include_in_schema=False)
        if path.endswith("/"):
            app.add_route("/" + path.removesuffix("/"), _add_slash, include_in_schema=False)

    @app.exception_handler(HTTPException)
    async def no_such_route(request: Request, error: HTTPException) -> Response:
        root_path = request.scope.get("root_path", "")
        if error.status_code == 404 and request.scope["path"] == root_path:
            return _add_slash(request)
        if error.status_code == 404 and "text/html" in request.headers.get("accept", ""):
            return pages.not_found(root_path)
        problem = {404: "this path does not exist", 405: f"this path does not accept {request.method}"}.get(
            error.status_code
        )
        reason = f"{problem}: see /openapi.json" if problem else str(error.detail)
        return _error(error.status_code, reason, dict(error.headers or {}))


def _add_slash(request: Request) -> Response:
    """Redirect to a folder; relative, because a proxy may change everything before its name."""
    query = f"?{request.url.query}" if request.url.query else ""
    return Response(status_code=307, headers={"Location": request.scope["path"].rpartition("/")[2] + "/" + query})


def _checked(root_path: str) -> str:
    if root_path.strip("/") and not root_path.startswith("/"):
        raise ServeError(f"the prefix is {root_path!r}: it must start with a slash, such as /digits")
    return root_path.rstrip("/")


def _in_workers(calls: WorkerCalls) -> Callable[[Task], Answer]:
    """Work in worker processes; a lost call is an error of its request."""

    def work(task: Task) -> Answer:
        try:
            answer: Answer = calls(task)
            return answer
        except LostCallError as lost:
            if lost.crashed:
                raise RequestError(500, f"reading it {lost}: send the picture in another format") from None
            raise RequestError(
                503, f"reading it {lost}: try again, or send a smaller picture", **{"Retry-After": "1"}
            ) from None

    return work


def _error(status: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    return Response(json_bytes({"error": reason}), status, headers, media_type="application/json")


async def _request_error(_: Request, error: RequestError) -> Response:
    return _error(error.status, error.reason, error.headers)


async def _picture_error(_: Request, error: TenfoldError) -> Response:
    return _error(422, str(error))


async def _disconnected(_: Request, __: Exception) -> Response:
    return Response(status_code=CLIENT_DISCONNECTED)
