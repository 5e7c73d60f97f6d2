"""Answers compressed with gzip, for clients that accept it. Small answers are sent as they are."""

from __future__ import annotations

import gzip
import re

from starlette.requests import Request
from starlette.responses import Response

MIN_BYTES = 2_000  # smaller answers fit into two packets with or without compression
FAST, SMALL = 1, 9  # levels of gzip: for answers that somebody waits for, and for files compressed once

_GZIP = re.compile(r"(?:^|[\s,])(?:gzip|\*)\s*(?:;\s*q\s*=\s*([\d.]+))?\s*(?:,|$)", re.I)


def accepts_gzip(request: Request) -> bool:
    """True if the client accepts answers in gzip."""
    found = _GZIP.search(request.headers.get("accept-encoding", ""))
    return found is not None and found[1] not in {"0", "0.0", "0.00", "0.000"}


def compressed(request: Request, response: Response) -> Response:
    """The response, compressed if the client accepts that and it is worth it."""
    response.headers["Vary"] = "Accept-Encoding"
    if len(response.body) >= MIN_BYTES and accepts_gzip(request):
        response.body = gzip.compress(response.body, FAST, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))
    return response
