"""The web application. `create_app` is loaded at first use, so that importing the package stays fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenfold.server.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    if name != "create_app":
        raise AttributeError(f"module 'tenfold.server' has no attribute {name!r}")
    from tenfold.server.app import create_app

    return create_app
