"""Networks that train in a second, for tests of everything around training. Imports torch only when it trains."""

from __future__ import annotations

from typing import Any

from helpers.project import Mnist
from tenfold.training.recipes import LineRecipe, Recipe

TINY = Recipe(
    layers=((8, 5, 2, 0), (8, 4, 2, 1)),
    epochs=2,
    batch=64,
    augmentation=(0.5, 0),
    synthetic_fraction=0.3,
    copies=1,
    negative_fraction=0.1,
)
TINY_LINES = LineRecipe(
    layers=((8, 5, 2, 2), (8, 3, 1, 1), (8, 3, 1, 1), (8, 4, 2, 1), (16, 3, 1, 1)),
    context=((16, 3, 1), (12, 3, 2)),
    lines=64,
    epochs=16,
    batch=16,
    augmentation=0.5,
    aligned_fraction=0.5,
)


def trained(mnist: Mnist, updates: int = 10**9, resume: dict[str, Any] | None = None, seed: int = 0) -> Any:
    from tenfold.training import convnet

    (images, labels), _ = mnist
    copies = images[None, 1000:2000]
    training = convnet.Training(TINY, images[:1000], labels[:1000], copies, images[2000:2200], seed)
    if resume is not None:
        training.load_state_dict(resume)
    training.run(updates)
    return training
