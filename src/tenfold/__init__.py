"""tenfold reads handwritten digits: from any picture to the right digit, on any machine, with nothing hidden.

Names are loaded when they are first used, so that `import tenfold` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenfold.errors import (
        DataError,
        DivergenceError,
        NetworkError,
        OutputError,
        PictureError,
        ServeError,
        TenfoldError,
    )
    from tenfold.explanation import Explanation, explain
    from tenfold.mnist import load_data
    from tenfold.network import load_network
    from tenfold.notebook import show
    from tenfold.number import NumberReading
    from tenfold.onelayer import OneLayerNet
    from tenfold.reader import Reader, read, read_number
    from tenfold.reading import Reading

_HOME = {
    "DataError": "errors",
    "DivergenceError": "errors",
    "Explanation": "explanation",
    "NetworkError": "errors",
    "NumberReading": "number",
    "OneLayerNet": "onelayer",
    "OutputError": "errors",
    "PictureError": "errors",
    "Reader": "reader",
    "Reading": "reading",
    "ServeError": "errors",
    "TenfoldError": "errors",
    "explain": "explanation",
    "load_data": "mnist",
    "load_network": "network",
    "read": "reader",
    "read_number": "reader",
    "show": "notebook",
}

__all__ = [
    "DataError",
    "DivergenceError",
    "Explanation",
    "NetworkError",
    "NumberReading",
    "OneLayerNet",
    "OutputError",
    "PictureError",
    "Reader",
    "Reading",
    "ServeError",
    "TenfoldError",
    "explain",
    "load_data",
    "load_network",
    "read",
    "read_number",
    "show",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("tenfold")
    if name not in _HOME:
        raise AttributeError(f"module 'tenfold' has no attribute {name!r}")
    value = getattr(import_module(f"tenfold.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
