"""Corrected digits to a network that reads their writer: `teach`. Loaded at first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenfold.adaptation.teaching import Taught, teach

_HOME = {"Taught": "teaching", "teach": "teaching"}

__all__ = ["Taught", "teach"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'tenfold.adaptation' has no attribute {name!r}")
    value = getattr(import_module(f"tenfold.adaptation.{_HOME[name]}"), name)
    globals()[name] = value
    return value
