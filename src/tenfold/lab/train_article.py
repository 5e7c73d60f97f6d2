"""Train the article's network and compute the figures that the article shows. Prints nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.datasets import mnist
from tenfold.errors import DataError
from tenfold.evaluation.calibration import fit_temperature
from tenfold.evaluation.metrics import Evaluation, evaluate
from tenfold.networks.onelayer import OneLayerNet

SAMPLE = 3  # index of the training image that the article classifies with its network
# The last training images, at most this many, set the temperature: those not trained on, or all images if the network
# was trained on all.
VALIDATION_IMAGES = 10_000


@dataclass(frozen=True, eq=False)
class ArticleRun:
    """The article's network, trained, and the figures that the article shows.

    Attributes:
        network: the trained network.
        images, epochs: the number of images it was trained on, and how often.
        seconds: wall time of its training, without loading the data.
        first_label, first_scores: the label of the first training image, and its scores by a second network trained on
            that image alone.
        sample, sample_label, sample_digit: the index of the training image that the article classifies (3; the last if
            there are fewer), its label, and the digit that the trained network reads.
        evaluation: the evaluation on all test images.
        data: the folder that the images were read from; None for MNIST.
    """

    network: OneLayerNet
    images: int
    epochs: int
    seconds: float
    first_label: int
    first_scores: NDArray[np.float64]
    sample: int
    sample_label: int
    sample_digit: int
    evaluation: Evaluation
    data: str | None

    def save(self, path: str | Path) -> None:
        """Write the network's folder with its model card."""
        self.network.save(path, **self._facts())

    def _facts(self) -> dict[str, Any]:
        low, high = self.evaluation.interval
        return {
            "name": "the article's network",
            "data": self.data or "MNIST",
            "images": self.images,
            "epochs": self.epochs,
            "temperature": self.network.temperature,
            "test_images": len(self.evaluation.labels),
            "test_accuracy": self.evaluation.accuracy,
            "test_interval_95": [low, high],
            "test_calibration_error": self.evaluation.calibration_error,
        }


def train_article(
    images: int = 1000,
    epochs: int = 5,
    alpha: float = 1e-7,
    data: str | Path | None = None,
    callback: Callable[[int, int], None] | None = None,
) -> ArticleRun:
    """Train the article's network as the article does, on the first `images` training images.

    Args:
        images: 1 up to the number of training images.
        epochs: how often to train on all of them, at least 1.
        alpha: learning rate.
        data: a folder for `tenfold.load_data`; None for MNIST.
        callback: called with the progress, see `OneLayerNet.fit`.

    Raises:
        DataError: the data cannot be read, or `images` or `epochs` is out of range.
        DivergenceError: alpha is too large.
    """
    (x_train, y_train), (x_test, y_test) = mnist.load_data(data)
    if not 1 <= images <= len(x_train):
        raise DataError(f"images is {images}: it must be 1 or more, and there are {len(x_train)} training images")
    if epochs < 1:
        raise DataError(f"epochs is {epochs}: it must be 1 or more")
    first = OneLayerNet(alpha).fit(x_train[:1], y_train[:1], epochs)
    network = OneLayerNet(alpha)
    started = time.perf_counter()
    network.fit(x_train[:images], y_train[:images], epochs, callback)
    seconds = time.perf_counter() - started
    untrained = slice(max(images, len(x_train) - VALIDATION_IMAGES), None) if images < len(x_train) else slice(None)
    network.temperature = fit_temperature(network.scores(x_train[untrained]), y_train[untrained])
    sample = min(SAMPLE, len(x_train) - 1)
    return ArticleRun(
        network=network,
        images=images,
        epochs=epochs,
        seconds=seconds,
        first_label=int(y_train[0]),
        first_scores=first.scores(x_train[:1])[0],
        sample=sample,
        sample_label=int(y_train[sample]),
        sample_digit=int(network.predict(x_train[sample : sample + 1])[0]),
        evaluation=evaluate(network, x_test, y_test),
        data=None if data is None else str(data),
    )
