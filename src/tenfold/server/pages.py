"""The files of the pages: put together once, compressed once, sent with an ETag. No pictures here.

A page is a file `*.html` in `static` that holds what only it has: comments such as `<!-- title: ... -->`, then
its content. `layout.html` holds what all pages share. All links are relative, so that the pages work under any prefix.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from fastapi.responses import Response
from starlette.requests import Request

from tenfold.http.compression import SMALL, accepts_gzip

STATIC_FILES = Path(__file__).with_name("static")
NOT_FOUND = "404.html"
LAYOUT = "layout.html"
API_VIEWER = ("swagger-ui-bundle.js", "swagger-ui.css")  # from the package fastapi-offline
NOT_SERVED = {LAYOUT, NOT_FOUND}

_META = re.compile(r"<!-- (\w+): (.*?) -->\n")
_BLOCK = re.compile(r"\{(if|unless) (\w+)\}(.*?)\{end\}", re.S)


@dataclass(frozen=True)
class _File:
    body: bytes
    media_type: str
    etag: str

    @cached_property
    def compressed(self) -> bytes:
        """The body in gzip, computed when it is first asked for."""
        return gzip.compress(self.body, SMALL, mtime=0)


class Pages:
    """Every file of the pages by its path, such as "lab/" or "style.css".

    Args:
        review: whether the pages have a link to the review of a form.
    """

    def __init__(self, review: bool = False) -> None:
        layout = (STATIC_FILES / LAYOUT).read_text(encoding="utf-8")
        self._files: dict[str, _File] = {}
        for file in sorted(STATIC_FILES.rglob("*.*")):
            path = file.relative_to(STATIC_FILES).as_posix()
            if path in NOT_SERVED:
                continue
            body = file.read_bytes()
            if path.endswith(".html"):
                path = path.removesuffix("index.html")
                root = "../" * path.count("/") or "./"
                body = page(layout, body.decode(), path, root, review).encode()
            self._files[path] = _file(body, path)
        for name, body in _api_viewer().items():
            self._files[f"docs/{name}"] = _file(body, name)
        self._review = review
        self._layout, self._not_found = layout, (STATIC_FILES / NOT_FOUND).read_text(encoding="utf-8")

    @property
    def paths(self) -> list[str]:
        """The paths of all files; that of the first page is ""."""
        return list(self._files)

    def response(self, path: str, request: Request) -> Response:
        """The answer to a request for a file."""
        file = self._files[path]
        gzipped = accepts_gzip(request) and len(file.compressed) < len(file.body)
        etag = f'"{file.etag}-gzip"' if gzipped else f'"{file.etag}"'
        headers = {"ETag": etag, "Vary": "Accept-Encoding"}
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if gzipped:
            headers["Content-Encoding"] = "gzip"
        return Response(file.compressed if gzipped else file.body, media_type=file.media_type, headers=headers)

    def not_found(self, root_path: str) -> Response:
        """The page for a path that does not exist; its links start at `root_path`, because its depth is unknown."""
        body = page(self._layout, self._not_found, NOT_FOUND, f"{root_path}/", self._review)
        return Response(body, 404, media_type="text/html")


def page(layout: str, source: str, path: str, root: str, review: bool = False) -> str:
    """A whole page.

    Args:
        layout: the text of `layout.html`.
        source: the text of the page's own file.
        path: the path of the page, such as "lab/update/".
        root: the link from the page to the first page, such as "../../".
        review: whether it has a link to the review of a form.
    """
    values = dict(_META.findall(source))
    values |= {
        "content": _META.sub("", source).strip().replace("{root}", root),
        "root": root,
        "lab": "1" if path.startswith("lab/") else "",
        "review": "1" if review else "",
    }
    values |= {"at_" + re.sub(r"\W", "", path or "draw"): ' aria-current="page"'}
    layout = _BLOCK.sub(lambda block: block[3] if bool(values.get(block[2])) == (block[1] == "if") else "", layout)
    return re.sub(r"\{(\w+)\}", lambda name: values.get(name[1], ""), layout)


def _file(body: bytes, path: str) -> _File:
    media_type = "text/html" if path.endswith("/") or not path else mimetypes.guess_type(path)[0]
    etag = hashlib.sha256(body).hexdigest()[:20]
    return _File(body, media_type or "application/octet-stream", etag)


def _api_viewer() -> dict[str, bytes]:
    """The files of Swagger UI, from the installed package fastapi-offline; nothing is loaded from another host."""
    package = find_spec("fastapi_offline")
    folders = list(package.submodule_search_locations or []) if package else []
    found = [Path(folder) / "static" for folder in folders]
    return {name: (folder / name).read_bytes() for folder in found for name in API_VIEWER if (folder / name).is_file()}
