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

    The random numbers of an update depend only on the seed and the number of the update. Therefore an
    interrupted and resumed run ends with the same weights as an uninterrupted one, on the same machine with the same
    number of threads.

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
        epoch, position = divmod(self.step, len(self._images) // recipe.batch)
        if epoch != self._epoch:
            self._epoch, self._order = epoch, self._shuffled(epoch)
        indices = self._order[position * recipe.batch : (position + 1) * recipe.batch]
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + self.step)
        pixels, labels = self._sample_batch(indices, rng)
        return functional.cross_entropy(self._logits(self._augment(pixels, rng)), labels, label_smoothing=SMOOTHING)

    def _shuffled(self, epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(self.seed * 1_000_033 + epoch)
        return torch.randperm(len(self._images), generator=generator).to(self._images.device)

    def _sample_batch(self, indices: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """The images and labels of a batch; some are synthetic, some are non-digits."""
        pixels, labels, count, device = self._images[indices], self._labels[indices], len(indices), self._images.device
        if self._synthetic is not None:
            is_synthetic = (torch.rand(count, generator=rng) < self.recipe.synthetic_fraction).to(device)
            copy = torch.randint(len(self._synthetic), (count,), generator=rng).to(device)
            pixels = torch.where(is_synthetic[:, None, None], self._synthetic[copy, indices], pixels)
        if self._negatives is not None:
            is_negative = (torch.rand(count, generator=rng) < self.recipe.negative_fraction).to(device)
            index = torch.randint(len(self._negatives), (count,), generator=rng).to(device)
            pixels = torch.where(is_negative[:, None, None], self._negatives[index], pixels)
            labels = torch.where(is_negative, DIGITS, labels)
        return pixels, labels

    def _augment(self, pixels: Tensor, rng: torch.Generator) -> Tensor:
        """A batch, `(n, 1, 28, 28)` 0..1, each image rotated, sheared, scaled, shifted and distorted."""
        count, device = len(pixels), pixels.device
        batch = pixels[:, None].float() / 255
        first, last = self.recipe.augmentation
        if first:
            strength = last + (first - last) * (1 - self.step / self.total)
            rotation, shear, x_scale, y_scale, x_shift, y_shift = (
                torch.randn(6, count, generator=rng).to(device) * strength
            )
            rotation, shear = rotation * 0.1, shear * 0.1
            x_scale, y_scale = torch.exp(x_scale * 0.08), torch.exp(y_scale * 0.08)
            cosine, sine = torch.cos(rotation), torch.sin(rotation)
            matrix = [x_scale * cosine, sine, shear - sine, y_scale * cosine]
            affine = torch.stack([*matrix, x_shift * 0.07, y_shift * 0.07], dim=1).view(count, 3, 2)
            # Elastic distortion (Simard et al., 2003): smooth shifts of about 0.8 pixels, on a grid of 4 x 4.
            elastic = torch.randn(count, 16, 2, generator=rng).to(device) * (strength * 0.057)
            # One product for all images; affine_grid and interpolate take four times as long.
            coefficients = torch.cat([affine, elastic], dim=1).transpose(0, 1).reshape(3 + 16, 2 * count)
            grid = (self._basis @ coefficients).view(SIDE, SIDE, count, 2).permute(2, 0, 1, 3).contiguous()
            batch = functional.grid_sample(batch, grid, align_corners=False)
        return batch.contiguous(memory_format=torch.channels_last)


def _displacement_basis() -> Tensor:
    """The displacement of each pixel for a unit of each coefficient, `(784, 19)`: x, y, 1, and 16 smooth bumps."""
    centers = (2 * torch.arange(SIDE) + 1) / SIDE - 1  # pixel centres in the coordinates of `grid_sample`
    y, x = torch.meshgrid(centers, centers, indexing="ij")
    points = torch.eye(16).view(16, 1, 4, 4)
    bumps = functional.interpolate(points, size=(SIDE, SIDE), mode="bicubic", align_corners=True)
    return torch.cat([x[None], y[None], torch.ones(1, SIDE, SIDE), bumps[:, 0]]).flatten(1).T.contiguous()


def build(layers: Layers, classes: int = DIGITS) -> nn.Sequential:
    """The network: convolutions, each with batch norm and a rectified linear unit, and one linear layer to the logits.

    The input is `(n, 1, 28, 28)` floats 0..1.
    """
    modules, channels, side = backbone(layers)
    last = nn.Linear(channels * side * side, classes)
    nn.init.zeros_(last.weight)  # at the start all digits have the same logit
    return nn.Sequential(*modules, nn.Flatten(), last)


def backbone(layers: Layers) -> tuple[list[nn.Module], int, int]:
    """The convolutions of a network, the number of their output channels, and the rows that 28 input rows become."""
    modules: list[nn.Module] = []
    channels, side = 1, SIDE
    for width, kernel, stride, padding in layers:
        modules += conv_bn_relu(nn.Conv2d(channels, width, kernel, stride, padding, bias=False))
        channels, side = width, (side + 2 * padding - kernel) // stride + 1
    return modules, channels, side


def conv_bn_relu(convolution: nn.Conv2d) -> list[nn.Module]:
    """A convolution, followed by batch norm and a rectified linear unit."""
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
    """The number of trained weights."""
    return sum(weight.numel() for weight in network.parameters())


def best_device() -> torch.device:
    """CUDA or MPS if available, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
