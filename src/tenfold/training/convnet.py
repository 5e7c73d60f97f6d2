"""The digit network in PyTorch: its layers, its training batches and their augmentation. Does not read files."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tenfold.arrays import DIGITS, SIDE
from tenfold.training.recipes import Layers, Recipe
from tenfold.training.trainer import Trainer

Images = NDArray[np.uint8]

SMOOTHING = 0.1  # label smoothing: this fraction of each label is distributed among all classes
NORM_RATE = 0.3  # weight of a batch in the running mean and variance of batch normalization


class Training(Trainer):
    """A network in training.

    The random numbers of an update depend only on the seed and the number of the update. So an interrupted and resumed
    run ends in the same weights as an uninterrupted one, on the same machine with the same number of threads.

    Args:
        recipe: architecture and schedule.
        images: `(n, 28, 28) uint8`, 0 paper .. 255 ink.
        labels: `(n,) uint8`, 0..9.
        synthetic: `(copies, n, 28, 28) uint8` the same digits, restyled; None if the recipe uses none.
        negatives: `(m, 28, 28) uint8`, images of non-digits; None if the recipe uses none.
        seed: seeds weights, order and augmentation.
    """

    def __init__(
        self,
        recipe: Recipe,
        images: Images,
        labels: Images,
        synthetic: Images | None,
        negatives: Images | None,
        seed: int,
    ) -> None:
        self.recipe, self.seed = recipe, seed
        device = best_device()
        self._images = torch.from_numpy(images.copy()).to(device)
        self._labels = torch.from_numpy(labels.astype(np.int64)).to(device)
        self._synthetic = None if synthetic is None else torch.from_numpy(synthetic.copy()).to(device)
        self._negatives = None if negatives is None else torch.from_numpy(negatives.copy()).to(device)
        self._basis = _displacement_basis().to(device)
        torch.manual_seed(seed)
        network = build(recipe.layers, DIGITS + (negatives is not None))
        total = max(1, round(recipe.epochs * (len(images) // recipe.batch)))
        super().__init__(network.to(device, memory_format=torch.channels_last), total)
        self._epoch, self._order = -1, torch.empty(0, dtype=torch.int64)

    def _loss(self) -> Tensor:
        """The cross-entropy per image of the next batch."""
        recipe = self.recipe
        epoch, place = divmod(self.done, len(self._images) // recipe.batch)
        if epoch != self._epoch:
            self._epoch, self._order = epoch, self._order_of(epoch)
        chosen = self._order[place * recipe.batch : (place + 1) * recipe.batch]
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + self.done)
        pixels, labels = self._sample_batch(chosen, rng)
        return functional.cross_entropy(self._logits(self._augment(pixels, rng)), labels, label_smoothing=SMOOTHING)

    def _order_of(self, epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(self.seed * 1_000_033 + epoch)
        return torch.randperm(len(self._images), generator=generator).to(self._images.device)

    def _sample_batch(self, chosen: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """The images and labels of a batch; some are synthetic, some are non-digits."""
        pixels, labels, count, device = self._images[chosen], self._labels[chosen], len(chosen), self._images.device
        if self._synthetic is not None:
            is_synthetic = (torch.rand(count, generator=rng) < self.recipe.synthetic_fraction).to(device)
            copy = torch.randint(len(self._synthetic), (count,), generator=rng).to(device)
            pixels = torch.where(is_synthetic[:, None, None], self._synthetic[copy, chosen], pixels)
        if self._negatives is not None:
            is_negative = (torch.rand(count, generator=rng) < self.recipe.negative_fraction).to(device)
            which = torch.randint(len(self._negatives), (count,), generator=rng).to(device)
            pixels = torch.where(is_negative[:, None, None], self._negatives[which], pixels)
            labels = torch.where(is_negative, DIGITS, labels)
        return pixels, labels

    def _augment(self, pixels: Tensor, rng: torch.Generator) -> Tensor:
        """A batch, `(n, 1, 28, 28)` 0..1, each image rotated, sheared, scaled, shifted and distorted."""
        count, device = len(pixels), pixels.device
        batch = pixels[:, None].float() / 255
        first, last = self.recipe.augmentation
        if first:
            strength = last + (first - last) * (1 - self.done / self.total)
            turn, slant, wide, high, across, down = torch.randn(6, count, generator=rng).to(device) * strength
            turn, slant, wide, high = turn * 0.1, slant * 0.1, torch.exp(wide * 0.08), torch.exp(high * 0.08)
            rows = [wide * torch.cos(turn), torch.sin(turn), slant - torch.sin(turn), high * torch.cos(turn)]
            moves = torch.stack([*rows, across * 0.07, down * 0.07], dim=1).view(count, 3, 2)
            # Elastic distortion (Simard et al., 2003): smooth shifts of about 0.8 pixels, on a grid of 4 x 4.
            bends = torch.randn(count, 16, 2, generator=rng).to(device) * (strength * 0.057)
            # One product for all images; affine_grid and interpolate take four times as long.
            ways = torch.cat([moves, bends], dim=1).transpose(0, 1).reshape(3 + 16, 2 * count)
            grid = (self._basis @ ways).view(SIDE, SIDE, count, 2).permute(2, 0, 1, 3).contiguous()
            batch = functional.grid_sample(batch, grid, align_corners=False)
        return batch.contiguous(memory_format=torch.channels_last)


def _displacement_basis() -> Tensor:
    """How far each pixel goes with each way to vary an image, `(784, 19)`: x, y, 1, and 16 smooth hills."""
    places = (2 * torch.arange(SIDE) + 1) / SIDE - 1  # of the middles of pixels, as `grid_sample` counts
    down, across = torch.meshgrid(places, places, indexing="ij")
    points = torch.eye(16).view(16, 1, 4, 4)
    hills = functional.interpolate(points, size=(SIDE, SIDE), mode="bicubic", align_corners=True)
    return torch.cat([across[None], down[None], torch.ones(1, SIDE, SIDE), hills[:, 0]]).flatten(1).T.contiguous()


def build(layers: Layers, classes: int = DIGITS) -> nn.Sequential:
    """The network: convolutions, each with batch norm and a rectified linear unit, and one linear layer to the logits.

    It takes `(n, 1, 28, 28)` floats 0..1.
    """
    modules, channels, side = backbone(layers)
    last = nn.Linear(channels * side * side, classes)
    nn.init.zeros_(last.weight)  # no digit is favoured at the start
    return nn.Sequential(*modules, nn.Flatten(), last)


def backbone(layers: Layers) -> tuple[list[nn.Module], int, int]:
    """The convolutions of a network; the channels and the rows that 28 rows come to."""
    modules: list[nn.Module] = []
    channels, side = 1, SIDE
    for wider, kernel, stride, padding in layers:
        modules += conv_bn_relu(nn.Conv2d(channels, wider, kernel, stride, padding, bias=False))
        channels, side = wider, (side + 2 * padding - kernel) // stride + 1
    return modules, channels, side


def conv_bn_relu(convolution: nn.Conv2d) -> list[nn.Module]:
    """A convolution with its batch norm and rectified linear unit."""
    return [convolution, nn.BatchNorm2d(convolution.out_channels, momentum=NORM_RATE), nn.ReLU(inplace=True)]


def logits(network: nn.Sequential, images: Images) -> NDArray[np.float32]:
    """The logits of `(n, 28, 28) uint8` images, `(n, classes) float32`, computed by torch."""
    device = next(network.parameters()).device
    parts = [torch.from_numpy(images[first : first + 1000].copy()) for first in range(0, len(images), 1000)]
    with torch.no_grad():
        results = [network(part.to(device)[:, None].float() / 255).cpu() for part in parts]
    array: NDArray[np.float32] = torch.cat(results).numpy()
    return array


def parameters(network: nn.Sequential) -> int:
    """How many numbers training sets."""
    return sum(weight.numel() for weight in network.parameters())


def best_device() -> torch.device:
    """CUDA or MPS where there is one, else the processor."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
