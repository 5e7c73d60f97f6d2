"""The training recipes: architectures and schedules of all networks, in one table. Does not import torch.

Architectures and schedules were chosen on the last 5,000 training images, which no recipe trains on. The numbers of
synthetic images, lines and epochs were chosen by the time that training may take.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Layers = tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True)
class Recipe:
    """How a network is built and trained.

    Attributes:
        layers: (channels, kernel, stride, padding) of each convolution.
        epochs: how often to train on all images.
        batch: the number of images in one update.
        augmentation: strength of random rotation, shear, scale, shift and distortion at the first update and at the
            last; 0 is none, 1 is about 6 degrees and 1 pixel. If it falls, weights and batch normalization adapt to
            undistorted digits in the end.
        synthetic_fraction: fraction of the images that are synthetic, 0..1.
        copies: the number of synthetic versions of each image.
        negative_fraction: fraction of the images that are non-digits, 0..1, an eleventh class; 0 for ten classes.
        negative_images: the number of synthetic non-digits.
    """

    layers: Layers
    epochs: float
    batch: int = 256
    augmentation: tuple[float, float] = (1.0, 1.0)
    synthetic_fraction: float = 0.0
    copies: int = 0
    negative_fraction: float = 0.0
    negative_images: int = 0


RECIPES = {
    "2s": Recipe(layers=((16, 6, 2, 0), (32, 4, 2, 0), (64, 3, 1, 0), (64, 3, 1, 0)), epochs=0.6, augmentation=(0, 0)),
    "15s": Recipe(
        layers=((16, 5, 2, 0), (32, 3, 2, 1), (64, 3, 1, 0), (64, 3, 1, 0)), epochs=3.5, augmentation=(0.8, 0)
    ),
    "120s": Recipe(
        layers=((16, 5, 2, 0), (32, 3, 1, 0), (48, 3, 1, 0), (64, 4, 2, 0), (128, 3, 1, 0)),
        epochs=19,
        augmentation=(1.4, 0.2),
    ),
    "best": Recipe(
        layers=((16, 5, 2, 0), (32, 3, 1, 0), (48, 3, 1, 0), (80, 4, 2, 0), (256, 3, 1, 0)),
        epochs=48,
        augmentation=(1.2, 0.3),
        synthetic_fraction=0.35,
        copies=3,
        negative_fraction=0.17,
        negative_images=90_000,
    ),
}


@dataclass(frozen=True)
class LineRecipe:
    """How the line network is built and trained.

    Attributes:
        layers: (channels, kernel, stride down, stride along) of each convolution; together they must reduce 28 rows to
            one.
        context: (channels, width, dilation) of each layer after them, which compares steps along the line; widths odd.
        lines: the number of synthetic lines.
        epochs: how often to train on all lines.
        batch: the number of lines in one update.
        augmentation: strength of random shear, scale, shift and ink; 0 is none.
        aligned_fraction: fraction of the updates, the first ones, that train on the positions of the characters, 0..1.
    """

    layers: Layers
    context: tuple[tuple[int, int, int], ...]
    lines: int
    epochs: float
    batch: int
    augmentation: float
    aligned_fraction: float

    @property
    def step(self) -> int:
        """Columns of a line image between two steps of the network."""
        return math.prod(along for _, _, _, along in self.layers)

    @property
    def first_center(self) -> float:
        """The column in the middle of what the first step sees, before the context layers."""
        seen, stride = 1, 1
        for _, kernel, _, along in self.layers:
            seen, stride = seen + (kernel - 1) * stride, stride * along
        return (seen - 1) / 2


LINES = LineRecipe(
    layers=((40, 5, 2, 2), (56, 3, 1, 1), (72, 3, 1, 1), (136, 4, 2, 1), (272, 3, 1, 1)),
    context=((208, 5, 1), (208, 5, 2), (176, 5, 4)),
    lines=260_000,
    epochs=3,
    batch=64,
    augmentation=0.7,
    aligned_fraction=0.6,
)


@dataclass(frozen=True)
class ContextRecipe:
    """How the context network is built and trained.

    Attributes:
        layers: as in `Recipe`.
        scenes: the number of synthetic scenes, each with about two views.
        epochs: how often to train on all views.
        batch: the number of views in one update.
        augmentation: strength of random scale, shear, shift and ink; 0 is none.
    """

    layers: Layers
    scenes: int
    epochs: float
    batch: int
    augmentation: float


CONTEXT = ContextRecipe(
    layers=((16, 5, 2, 0), (32, 3, 1, 0), (32, 3, 1, 0), (64, 4, 2, 0), (96, 3, 1, 0), (192, 4, 1, 0)),
    scenes=80_000,
    epochs=5,
    batch=128,
    augmentation=1.0,
)
