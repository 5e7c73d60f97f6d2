"""tenfold reads handwritten digits: from any picture to the right digit, on any machine, with nothing hidden.

Names are loaded when they are first used, so that `import tenfold` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenfold.datasets.mnist import load_data
    from tenfold.errors import (
        DataError,
        DivergenceError,
        FormError,
        NetworkError,
        OutputError,
        PictureError,
        ServeError,
        TenfoldError,
    )
    from tenfold.evaluation.metrics import evaluate
    from tenfold.forms.form_project import Form
    from tenfold.networks.mlp import MLP
    from tenfold.networks.onelayer import OneLayerNet
    from tenfold.networks.registry import load_network
    from tenfold.recognition.attribution import Explanation, explain
    from tenfold.recognition.reader import Reader, read, read_many, read_number
    from tenfold.recognition.results import NumberReading, Reading
    from tenfold.visualization.notebook import show

__version__ = "0.1.0"

_HOME = {
    "MLP": "networks.mlp",
    "DataError": "errors",
    "DivergenceError": "errors",
    "Explanation": "recognition.attribution",
    "Form": "forms.form_project",
    "FormError": "errors",
    "NetworkError": "errors",
    "NumberReading": "recognition.results",
    "OneLayerNet": "networks.onelayer",
    "OutputError": "errors",
    "PictureError": "errors",
    "Reader": "recognition.reader",
    "Reading": "recognition.results",
    "ServeError": "errors",
    "TenfoldError": "errors",
    "evaluate": "evaluation.metrics",
    "explain": "recognition.attribution",
    "load_data": "datasets.mnist",
    "load_network": "networks.registry",
    "read": "recognition.reader",
    "read_many": "recognition.reader",
    "read_number": "recognition.reader",
    "show": "visualization.notebook",
}

__all__ = [
    "MLP",
    "DataError",
    "DivergenceError",
    "Explanation",
    "Form",
    "FormError",
    "NetworkError",
    "NumberReading",
    "OneLayerNet",
    "OutputError",
    "PictureError",
    "Reader",
    "Reading",
    "ServeError",
    "TenfoldError",
    "evaluate",
    "explain",
    "load_data",
    "load_network",
    "read",
    "read_many",
    "read_number",
    "show",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'tenfold' has no attribute {name!r}")
    value = getattr(import_module(f"tenfold.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
