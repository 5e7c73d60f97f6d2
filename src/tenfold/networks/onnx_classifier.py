"""The digit network from its ONNX file, run by ONNX Runtime. No training and no torch here."""

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
LOGITS: TensorSpecs = [("logits", "tensor(float)", [DIGITS])]
LOGITS_AND_OTHER: TensorSpecs = [*LOGITS, ("other", "tensor(float)", [1])]
BATCH = 250  # images in one call: the activations of so many fit the processor's cache


class OnnxClassifier(Classifier):
    """A network whose ONNX graph takes `images`, `(n, 28, 28) uint8`, and gives `logits`, `(n, 10) float32`.

    The graph may also give `other`, `(n, 1) float32`: the logit of "not a digit".

    The temperature found in training is part of the graph. Setting `temperature` divides the logits once more; `save`
    does not keep it.

    Args:
        model: the bytes of the ONNX file.
        parameters: the number of trained parameters; the graph does not tell.
        threads: the number of threads that one call may use.

    Raises:
        NetworkError: the bytes are not an ONNX file, or the graph has other inputs or outputs.
    """

    kind = "digits"

    def __init__(self, model: bytes, parameters: int = 0, threads: int = 1) -> None:
        self.model, self._parameters, self.threads = model, parameters, threads
        self._open()

    def _open(self) -> None:
        self._session = open_session(self.model, INPUTS, [LOGITS, LOGITS_AND_OTHER], self.threads)
        self._outputs = [output.name for output in self._session.get_outputs()]
        self.rejects = len(self._outputs) > 1

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_session"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()

    def __repr__(self) -> str:
        return f"OnnxClassifier({len(self.model):,} bytes, {self.parameters:,} parameters)"

    def scores(self, images: ArrayLike) -> NDArray[np.float32]:
        """The logits, `(n, 10) float32`; see `Classifier.scores`."""
        return self._all_scores(images)[:, :DIGITS]

    def probabilities(self, images: ArrayLike) -> NDArray[np.float32]:
        """See `Classifier.probabilities`; a row sums to 1 minus the probability of "not a digit"."""
        return softmax(self._all_scores(images), self.temperature)[:, :DIGITS]

    def _all_scores(self, images: ArrayLike) -> NDArray[np.float32]:
        """`(n, 10) float32`, or `(n, 11)` if the graph gives `other`."""
        pixels = checked_images(images).reshape(-1, SIDE, SIDE)
        scores = np.empty((len(pixels), DIGITS + len(self._outputs) - 1), np.float32)
        for first in range(0, len(pixels), BATCH):
            parts = self._session.run(self._outputs, {"images": pixels[first : first + BATCH]})
            scores[first : first + BATCH] = np.concatenate(parts, axis=1)
        return scores

    @property
    def parameters(self) -> int:
        """The number given to the constructor."""
        return self._parameters

    def save(self, path: str | Path, **facts: Any) -> None:
        """Write the folder `path`: model.onnx, and card.json with the network's kind and size and the given facts."""
        serialization.save_model(path, self.model, facts | {"kind": self.kind, "parameters": self.parameters})

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load the network that `save` wrote."""
        parameters = serialization.card(path).get("parameters")
        return cls(serialization.load_model(path), parameters if isinstance(parameters, int) else 0)
