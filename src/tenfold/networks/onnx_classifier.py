"""A network in an ONNX file, read with onnxruntime. Knows nothing of training, nor of torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.arrays import DIGITS, SIDE, checked_images
from tenfold.networks import serialization
from tenfold.networks.classifier import Classifier, softmax
from tenfold.networks.onnx_session import TensorSpecs, open_session

INPUTS: TensorSpecs = [("images", "tensor(uint8)", [SIDE, SIDE])]
OUTPUTS: TensorSpecs = [("logits", "tensor(float)", [DIGITS])]
OTHER: TensorSpecs = [("other", "tensor(float)", [1])]
BATCH = 250  # images that go through together: their layers fit the processor's cache


class OnnxClassifier(Classifier):
    """A network whose ONNX graph takes `images`, `(n, 28, 28) uint8`, and gives `logits`, `(n, 10) float32`.

    It may give `other` too, `(n, 1) float32`: the logit of "no digit".

    The temperature that training found is inside the graph. One that is set divides once more, and is not saved.

    Args:
        model: the bytes of the ONNX file.
        parameters: how many numbers training set.
        threads: that one call may use.

    Raises:
        NetworkError: it is no ONNX file, or its graph has other inputs and outputs.
    """

    kind = "digits"

    def __init__(self, model: bytes, parameters: int = 0, threads: int = 1) -> None:
        self.model, self._parameters = model, parameters
        self._session = open_session(model, INPUTS, [OUTPUTS, OUTPUTS + OTHER], threads)
        self._outputs = [output.name for output in self._session.get_outputs()]
        self.rejects = len(self._outputs) > 1

    def scores(self, images: ArrayLike) -> NDArray[np.float32]:
        """The logits, `(n, 10) float32`; see `Classifier.scores`."""
        return self._all_scores(images)[:, :DIGITS]

    def probabilities(self, images: ArrayLike) -> NDArray[np.float32]:
        """As of every network, `(n, 10) float32`; what a row lacks to 1 is the probability that it is no digit."""
        return softmax(self._all_scores(images), self.temperature)[:, :DIGITS]

    def _all_scores(self, images: ArrayLike) -> NDArray[np.float32]:
        """`(n, 10) float32`, or `(n, 11)` where the network knows what is no digit."""
        pixels = checked_images(images).reshape(-1, SIDE, SIDE)
        scores = np.empty((len(pixels), DIGITS + len(self._outputs) - 1), np.float32)
        for first in range(0, len(pixels), BATCH):
            parts = self._session.run(self._outputs, {"images": pixels[first : first + BATCH]})
            scores[first : first + BATCH] = np.concatenate(parts, axis=1)
        return scores

    @property
    def parameters(self) -> int:
        """As given."""
        return self._parameters

    def save(self, path: str | Path, **facts: Any) -> None:
        """Write the folder `path`: model.onnx, and card.json with what the network is and the `facts` given."""
        serialization.save_model(path, self.model, facts | {"kind": self.kind, "parameters": self.parameters})

    @classmethod
    def load(cls, path: Path) -> Self:
        """The network that `save` wrote."""
        told = serialization.card(path).get("parameters")
        return cls(serialization.load_model(path), told if isinstance(told, int) else 0)
