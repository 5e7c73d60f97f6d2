"""A reader -> a web application: the page, and the interface for programs.

Knows HTTP. Does not know sockets, signals or processes; `serve` does.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from tenfold import lab
from tenfold.reader import Reader

PAGE = Path(__file__).parent / "page"


def create_app(reader: Reader) -> FastAPI:
    """The web application that reads with `reader`.

    `/` and all else that is no part of the interface comes from the folder `page`; `page/lab/index.html` is `/lab/`.
    """
    app = FastAPI(title="tenfold", docs_url=None, redoc_url=None)
    app.state.reader = reader
    app.add_exception_handler(HTTPException, _as_json)  # type: ignore[arg-type]
    app.include_router(lab.router(reader))
    app.mount("/", StaticFiles(directory=PAGE, html=True))
    return app


async def _as_json(_: Request, error: HTTPException) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)
