"""What each layer of a digit network makes of an image: its feature maps, in the order of the layers. Draws nothing."""

from __future__ import annotations

from functools import lru_cache, reduce
from itertools import count, takewhile
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.arrays import SIDE, checked_images
from tenfold.networks.classifier import Classifier
from tenfold.networks.onnx_classifier import OnnxClassifier
from tenfold.networks.onnx_session import open_unchecked, with_output


def activations(network: Classifier, image: ArrayLike) -> list[NDArray[np.float32]]:
    """The feature maps of an image, after each convolution and its rectified linear unit.

    Args:
        network: any network; one that is not an ONNX file has no hidden layers to show.
        image: `(28, 28) uint8`.

    Returns:
        an array for each layer, `(channels, height, width) float32`, 0 or more. A layer that sees the whole image has
        maps of 1 x 1.

    Raises:
        DataError: the image breaks the rules of `Classifier.scores`.
    """
    if not isinstance(network, OnnxClassifier):
        return []
    pixels = checked_images(np.asarray(image)[None]).reshape(1, SIDE, SIDE)
    names, session = _opened(network.model)
    return [
        maps[0].reshape(maps.shape[1], *(maps.shape[2:] or (1, 1))) for maps in session.run(names, {"images": pixels})
    ]


@lru_cache(maxsize=2)
def _opened(model: bytes) -> tuple[list[str], Any]:
    """The names of the layers that `training.onnx_export` writes, and a session that gives them."""
    names = list(takewhile(lambda name: name.encode() in model, (f"layer{i}" for i in count(1))))
    return names, open_unchecked(reduce(with_output, names, model))
