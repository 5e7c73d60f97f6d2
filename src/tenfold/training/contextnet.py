"""The context network in PyTorch: its layers, its training batches and their augmentation. Does not read files."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tenfold.arrays import DIGITS, VIEW_SIDE
from tenfold.networks.context_network import NON_DIGITS
from tenfold.preprocessing.views import OUTSIDE
from tenfold.synthesis.synthetic_views import SyntheticViews
from tenfold.training.convnet import best_device, conv_bn_relu
from tenfold.training.recipes import ContextRecipe
from tenfold.training.trainer import Trainer

CLASSES = DIGITS + len(NON_DIGITS)
SMOOTHING = 0.05  # label smoothing: this fraction of each label is distributed among all classes
CHANNELS = 2


class ContextTraining(Trainer):
    """A network in training.

    The random numbers of an update depend only on the seed and the number of the update.

    Args:
        recipe: architecture and schedule.
        data: the views and their labels.
        seed: seeds weights, order and augmentation.
    """

    def __init__(self, recipe: ContextRecipe, data: SyntheticViews, seed: int) -> None:
        self.recipe, self.seed = recipe, seed
        self._views = torch.from_numpy(data.views)
        self._labels = torch.from_numpy(data.labels.astype(np.int64))
        self._paper = torch.tensor([0.0, OUTSIDE / 255]).view(1, CHANNELS, 1, 1)  # of what moves in from outside
        torch.manual_seed(seed)
        network = build(recipe)
        total = max(1, round(recipe.epochs * (len(data.views) // recipe.batch)))
        super().__init__(network.to(best_device(), memory_format=torch.channels_last), total)
        self._epoch, self._order = -1, torch.empty(0, dtype=torch.int64)

    def _loss(self) -> Tensor:
        """The cross-entropy per view of the next batch."""
        batch = self.recipe.batch
        epoch, place = divmod(self.step, len(self._views) // batch)
        if epoch != self._epoch:
            generator = torch.Generator().manual_seed(self.seed * 1_000_033 + epoch)
            self._epoch, self._order = epoch, torch.randperm(len(self._views), generator=generator)
        chosen = self._order[place * batch : (place + 1) * batch]
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + self.step)
        views = self._augment(self._views[chosen].float() / 255, rng).to(best_device())
        labels = self._labels[chosen].to(views.device)
        return functional.cross_entropy(self._logits(views), labels, label_smoothing=SMOOTHING)

    def _augment(self, views: Tensor, rng: torch.Generator) -> Tensor:
        """A batch, `(n, 2, 40, 40)` 0..1, each view scaled, slanted, shifted, and its ink made darker or lighter."""
        count, strength = len(views), self.recipe.augmentation
        wide, high, slant, turn, across, down = torch.randn(6, count, generator=rng) * strength
        scale = torch.exp(wide * 0.06)
        rows = [scale, slant * 0.06, across * 0.04, turn * 0.04, scale * torch.exp(high * 0.04), down * 0.04]
        grid = functional.affine_grid(
            torch.stack(rows, dim=1).view(count, 2, 3), list(views.shape), align_corners=False
        )
        moved = functional.grid_sample(views - self._paper, grid, align_corners=False) + self._paper
        gain = torch.exp(torch.randn(count, 1, 1, generator=rng) * (0.1 * strength))
        moved[:, 0] = (moved[:, 0] * gain).clamp(max=1)
        return moved.contiguous(memory_format=torch.channels_last)


def build(recipe: ContextRecipe) -> nn.Sequential:
    """The network: convolutions, each with batch norm and a rectified linear unit, and one linear layer to the logits.

    It takes `(n, 2, 40, 40)` floats 0..1.
    """
    modules: list[nn.Module] = []
    channels, side = CHANNELS, VIEW_SIDE
    for wider, kernel, stride, padding in recipe.layers:
        modules += conv_bn_relu(nn.Conv2d(channels, wider, kernel, stride, padding, bias=False))
        channels, side = wider, (side + 2 * padding - kernel) // stride + 1
    last = nn.Linear(channels * side * side, CLASSES)
    nn.init.zeros_(last.weight)
    return nn.Sequential(*modules, nn.Flatten(), last)


def logits(network: nn.Sequential, views: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The logits of `(n, 2, 40, 40) uint8` views, `(n, 15) float32`, computed by torch."""
    device = next(network.parameters()).device
    parts = [torch.from_numpy(views[first : first + 500].copy()) for first in range(0, len(views), 500)]
    with torch.no_grad():
        results = [network(part.to(device).float() / 255).cpu() for part in parts]
    array: NDArray[np.float32] = torch.cat(results).numpy()
    return array
