"""A network in an ONNX file, read with onnxruntime. Knows nothing of training, nor of torch."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold import folder
from tenfold.classifier import Classifier
from tenfold.errors import NetworkError
from tenfold.images import SIDE, checked_images

BATCH = 250  # images that go through together: their layers fit the processor's cache


class OnnxNet(Classifier):
    """A network whose ONNX graph takes `images`, `(n, 28, 28) uint8`, and gives `logits`, `(n, 10) float32`.

    Args:
        model: the bytes of the ONNX file.
        parameters: how many numbers training set.
        threads: that one call may use.

    Raises:
        NetworkError: it is no ONNX file, or its graph has other inputs and outputs.
    """

    kind = "conv"

    def __init__(self, model: bytes, parameters: int = 0, threads: int = 1) -> None:
        self.model, self._parameters, self._threads = model, parameters, threads
        inputs = [(value.name, value.type, value.shape[1:]) for value in self._session.get_inputs()]
        outputs = [(value.name, value.type, value.shape[1:]) for value in self._session.get_outputs()]
        if inputs != [("images", "tensor(uint8)", [SIDE, SIDE])] or outputs != [("logits", "tensor(float)", [10])]:
            raise NetworkError(
                f"the ONNX graph takes {inputs} and gives {outputs}: it must take 'images', (n, 28, 28) uint8, and "
                "give 'logits', (n, 10) float32"
            )

    @functools.cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(self.model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors are of many classes
            raise NetworkError(f"the ONNX file cannot be used ({error}): train or save the network again") from error

    def scores(self, images: ArrayLike) -> NDArray[np.float32]:
        """The logits, `(n, 10) float32`; see `Classifier.scores`."""
        pixels = checked_images(images).reshape(-1, SIDE, SIDE)
        scores = np.empty((len(pixels), 10), np.float32)
        for first in range(0, len(pixels), BATCH):
            (logits,) = self._session.run(["logits"], {"images": pixels[first : first + BATCH]})
            scores[first : first + BATCH] = logits
        return scores

    @property
    def parameters(self) -> int:
        """As given."""
        return self._parameters

    def save(self, path: str | Path, **facts: Any) -> None:
        """Write the folder `path`: model.onnx, and card.json with what the network is and the `facts` given."""
        folder.save_model(path, self.model, facts | {"kind": self.kind, "parameters": self.parameters})

    @classmethod
    def load(cls, path: Path) -> Self:
        """The network that `save` wrote."""
        return cls(folder.load_model(path), int(folder.card(path).get("parameters", 0)))
