"""Request targets as clients and proxies send them: absolute, below a prefix, or with a slash at the end."""

from __future__ import annotations

import re

from starlette.types import Scope

_AUTHORITY = re.compile(r"https?://[^/]*", re.I)
_API_PATH_WITH_SLASH = re.compile(r"(?:^|/)v[12](?:/[^/]+)*/$")


def normalize(scope: Scope, root_path: str) -> None:
    """Change the path of a request to the one that has a route.

    Args:
        scope: of an HTTP request.
        root_path: the prefix under which a reverse proxy serves the application, such as "/digits"; "" for none. The
            proxy may strip it or not.
    """
    path: str = scope["path"]
    if authority := _AUTHORITY.match(path):  # RFC 9112, section 3.2.2: servers must accept the absolute form
        path = path[authority.end() :] or "/"
    if _API_PATH_WITH_SLASH.search(path):
        path = path.rstrip("/")
    if root_path and not scope.get("root_path"):
        scope["root_path"] = root_path  # routers take it off the path if it is there
    scope["path"] = path
