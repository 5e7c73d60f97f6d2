"""The routes that teach, under /v1/teach: corrected digits in, what they won out. The server keeps nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from tenfold.http.compression import compressed
from tenfold.http.limits import Limits
from tenfold.server import teaching_work
from tenfold.server.reading_work import Answer, Task

ZIP = "application/zip"
NOT_STORED = {"Cache-Control": "no-store"}


def teach_router(limits: Limits, work: Callable[[Task], Answer], errors: dict[int | str, dict[str, Any]]) -> APIRouter:
    """Create the routes for one server.

    Args:
        limits: teaching counts as a request in flight.
        work: answers tasks, in a thread or in a worker process.
        errors: the errors that a request may be answered with, for OpenAPI.
    """
    routes = APIRouter(tags=["Teaching"])

    def add(path: str, summary: str, takes: type[BaseModel], gives: type[BaseModel] | None) -> None:
        media_type = "application/json" if gives else ZIP

        async def endpoint(request: Request) -> Response:
            body, _ = await limits.result(request, lambda body: work(Task(path, None, body)))
            answer = Response(body, media_type=media_type, headers=NOT_STORED)
            return compressed(request, answer) if gives else answer

        archive = {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}
        routes.add_api_route(
            f"/v1/{path}",
            endpoint,
            methods=["POST"],
            summary=summary,
            operation_id=path.replace("/", "-"),
            response_class=Response,
            responses=errors | {200: {"model": gives} if gives else archive},
            openapi_extra={
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": _schema(takes)}},
                }
            },
        )

    add("teach", "Teach the network corrected digits", teaching_work.Corrections, teaching_work.TaughtAnswer)
    add(
        "teach/read", "Read an image before and after teaching", teaching_work.TaughtDigit, teaching_work.BeforeAndAfter
    )
    add("teach/network", "Teach, and return the network's folder as a ZIP archive", teaching_work.Corrections, None)
    return routes


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """A schema without references: a request body outside FastAPI's own has no place for definitions."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})

    def resolved(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                return resolved(definitions[value["$ref"].rpartition("/")[2]])
            return {name: resolved(each) for name, each in value.items()}
        return [resolved(each) for each in value] if isinstance(value, list) else value

    return dict(resolved(schema))
