"""How convolutional networks are built and trained, one table. Knows numbers; does not import torch.

Every number was chosen on the last 5,000 training images, which no recipe trains on.
"""

from __future__ import annotations

from dataclasses import dataclass

Layers = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Recipe:
    """How a network is built and trained.

    Attributes:
        layers: (channels, kernel, stride) of each convolution, which batch norm and a rectified linear unit follow.
        epochs: times that the training images are gone through.
        batch: images of one update.
        learning_rate: at its highest; it rises linearly over the first `warm_up` and then falls linearly to 0.
        warm_up: share of the updates, 0..1.
        weight_decay: of the convolutions and the last layer.
        averaging: decay per update of the running average of the weights, which is what is kept.
        variation: strength of random turn, slant, scale and shift: 0 none, 1 about 6 degrees and 2 pixels.
        simulated: share of the images taken from the simulation, 0..1.
        copies: how often the simulation writes each image.
    """

    layers: Layers
    epochs: float
    batch: int = 256
    learning_rate: float = 0.3
    warm_up: float = 0.15
    weight_decay: float = 5e-4
    averaging: float = 0.999
    variation: float = 1.0
    simulated: float = 0.0
    copies: int = 0


RECIPES = {
    "15s": Recipe(
        layers=((16, 5, 2), (32, 3, 2), (48, 3, 1), (64, 3, 2)),
        epochs=3,
        batch=128,
        learning_rate=0.25,
        averaging=0.98,
        variation=0.2,
    ),
    "best": Recipe(
        layers=((16, 5, 2), (32, 3, 1), (64, 3, 2), (64, 3, 1), (128, 3, 2)), epochs=56, simulated=0.3, copies=3
    ),
}
