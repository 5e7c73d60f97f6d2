"""The context network from its ONNX file: views of regions in, what each shows out. No decision here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, VIEW_SIDE, View
from tenfold.networks import serialization
from tenfold.networks.classifier import softmax
from tenfold.networks.onnx_session import TensorSpecs, open_session

# What a view may show besides the ten digits, in the order of the network's outputs after them.
NON_DIGITS = ("nothing", "other", "several", "turned", "part")
INPUTS: TensorSpecs = [("views", "tensor(uint8)", [2, VIEW_SIDE, VIEW_SIDE])]
LOGITS: TensorSpecs = [("logits", "tensor(float)", [DIGITS + len(NON_DIGITS)])]


class ContextNetwork:
    """The network that sees a digit with its surroundings.

    Args:
        path: the folder that holds its ONNX file.

    Raises:
        NetworkError: the file is damaged, or its graph has other inputs or outputs.
    """

    def __init__(self, path: Path) -> None:
        self._model = serialization.load_model(path)
        self._session = open_session(self._model, INPUTS, [LOGITS])

    def __getstate__(self) -> dict[str, Any]:
        return {"_model": self._model}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._model = state["_model"]
        self._session = open_session(self._model, INPUTS, [LOGITS])

    def probabilities(self, views: list[View]) -> NDArray[np.float32]:
        """The probabilities of the ten digits and of `NON_DIGITS`, `(n, 15) float32`; rows sum to 1.

        Args:
            views: `(2, 40, 40) uint8` each; see `tenfold.preprocessing.views.view_of`.
        """
        (logits,) = self._session.run(["logits"], {"views": np.stack(views)})
        return softmax(logits)
