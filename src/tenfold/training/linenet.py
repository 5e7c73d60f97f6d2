"""The line network in PyTorch: a convolutional network run along a line image, trained by CTC (Graves et al., 2006)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tenfold.arrays import DIGITS, SIDE
from tenfold.networks.line_network import STRIDE
from tenfold.recognition.ctc_decoder import BLANK_CLASS
from tenfold.training.convnet import backbone, best_device, conv_bn_relu
from tenfold.training.recipes import LineRecipe
from tenfold.training.trainer import Trainer

IGNORE_INDEX = -1  # the target of a frame that may be a digit or blank


class LineTraining(Trainer):
    """A network in training on line images and their digits.

    The random numbers of an update depend only on the seed and the number of the update.

    In the first part of training every frame has a target: the digit whose center is nearest, or blank between
    digits. CTC, which has to find the positions itself, then only has to learn to separate neighbours.

    Args:
        recipe: architecture and schedule.
        images: line images, `(28, w) uint8` each, 0 paper .. 255 ink.
        texts: the digits of each line.
        centers: the centers of the digits of each line, in columns of its image.
        seed: seeds weights, order and augmentation.
    """

    def __init__(
        self,
        recipe: LineRecipe,
        images: list[NDArray[np.uint8]],
        texts: list[str],
        centers: list[list[float]],
        seed: int,
    ) -> None:
        self.recipe, self.seed = recipe, seed
        self._images = [torch.from_numpy(image.copy()) for image in images]
        self._targets = [torch.tensor([int(digit) for digit in text]) for text in texts]
        self._centers = [torch.tensor(columns) for columns in centers]
        widths = np.array([image.shape[1] for image in images])
        by_width = np.argsort(widths, kind="stable")
        count = len(by_width) // recipe.batch * recipe.batch
        self._batches = by_width[:count].reshape(-1, recipe.batch)  # lines of similar width share a batch
        torch.manual_seed(seed)
        network = build(recipe)
        total = max(1, round(recipe.epochs * len(self._batches)))
        super().__init__(network.to(best_device(), memory_format=torch.channels_last), total)

    def _loss(self) -> Tensor:
        """Cross-entropy per frame in the aligned part of training, then CTC per digit."""
        epoch, position = divmod(self.step, len(self._batches))
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self._batches))
        indices = self._batches[order[position]]
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + self.step)
        width = max(self._images[i].shape[1] for i in indices)
        batch = torch.stack([functional.pad(self._images[i], (0, width - self._images[i].shape[1])) for i in indices])
        augmented, x_scales = self._augment(batch[:, None].float() / 255, rng)
        logits = self._logits(augmented.to(best_device())).transpose(0, 1)
        targets = [self._targets[i] for i in indices]
        if self.step < self.recipe.aligned_fraction * self.total:
            centers = [
                _scale_columns(self._centers[i], x_scale, width) for i, x_scale in zip(indices, x_scales, strict=True)
            ]
            frames = _frame_targets(targets, centers, len(logits)).to(logits.device)
            return functional.cross_entropy(
                logits.reshape(-1, DIGITS + 1), frames.T.reshape(-1), ignore_index=IGNORE_INDEX
            )
        lengths = torch.tensor([len(target) for target in targets])
        steps = torch.full((len(targets),), len(logits))
        log_probabilities = functional.log_softmax(logits, dim=2).cpu()  # MPS has no CTC
        loss = functional.ctc_loss(
            log_probabilities, torch.cat(targets), steps, lengths, blank=BLANK_CLASS, zero_infinity=True
        )
        return loss.to(logits.device)

    def _augment(self, batch: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Line images, `(n, 1, 28, w)` 0..1, with random shear, scale, shift and ink; and the x scale of each."""
        count, _, _, width = batch.shape
        strength = self.recipe.augmentation
        shear, x_scale, y_scale, y_shift, ink = torch.randn(5, count, generator=rng) * strength
        zero, ratio = torch.zeros(count), SIDE / width
        x_scale, y_scale = torch.exp(x_scale * 0.07), torch.exp(y_scale * 0.1)
        rows = [x_scale, shear * 0.12 * ratio, zero, zero, y_scale, y_shift * 0.07]
        grid = functional.affine_grid(
            torch.stack(rows, dim=1).view(count, 2, 3), list(batch.shape), align_corners=False
        )
        moved = functional.grid_sample(batch, grid, align_corners=False)
        darkened = moved.clamp_min(1e-6) ** torch.exp(ink * 0.2)[:, None, None, None]
        return darkened.contiguous(memory_format=torch.channels_last), x_scale


def _scale_columns(columns: Tensor, x_scale: Tensor, width: int) -> Tensor:
    """The new positions of columns after an image of this width was shrunk by `x_scale` about its middle."""
    half = (width - 1) / 2
    return (columns - half) / x_scale + half


def _frame_targets(targets: list[Tensor], centers: list[Tensor], steps: int) -> Tensor:
    """The target of each frame, `(n, steps)`: the nearest digit, blank, or `IGNORE_INDEX` where both are right."""
    frames = torch.full((len(targets), steps), BLANK_CLASS)
    for row, digits, columns in zip(frames, targets, centers, strict=True):
        at = (columns - SIDE / 2) / STRIDE
        neighbours = torch.cat([at.floor().long(), at.ceil().long()]).clamp(0, steps - 1)
        row[neighbours] = IGNORE_INDEX
        row[at.round().long().clamp(0, steps - 1)] = digits
    return frames


def build(recipe: LineRecipe) -> nn.Sequential:
    """The network: the convolutions of a digit network, some along the frames, and a linear layer to eleven logits.

    The input is `(n, 1, 28, w)` floats 0..1, the output `(n, steps, 11)`.
    """
    modules, channels, side = backbone(recipe.layers)
    if side != 1:
        raise ValueError(f"the layers leave {side} rows of 28: they must leave 1")
    for width in recipe.context_channels:
        kernel = (1, recipe.context_width)
        modules += conv_bn_relu(nn.Conv2d(channels, width, kernel, padding=(0, recipe.context_width // 2), bias=False))
        channels = width
    last = nn.Linear(channels, DIGITS + 1)
    nn.init.zeros_(last.weight)
    return nn.Sequential(*modules, ToSequence(), last)


class ToSequence(nn.Module):  # type: ignore[misc]  # torch is not read by the checker
    """Reshape features in one row, `(n, channels, 1, steps)`, to `(n, steps, channels)`."""

    def forward(self, features: Tensor) -> Tensor:
        """See the class."""
        return features[:, :, 0].transpose(1, 2)


def logits(network: nn.Sequential, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The logits of a line image, `(28, w) uint8`: `(steps, 11) float32`, computed by torch."""
    device: Any = next(network.parameters()).device
    with torch.no_grad():
        result = network(torch.from_numpy(image.copy())[None, None].float().to(device) / 255)
    array: NDArray[np.float32] = result[0].cpu().numpy()
    return array


def loss_at(scores: list[NDArray[np.float32]], texts: list[str], temperature: float) -> float:
    """The mean CTC loss of texts, in nats per line; scores, `(steps, 11)` each, are divided by the temperature."""
    losses = []
    for array, text in zip(scores, texts, strict=True):
        log_probabilities = functional.log_softmax(torch.from_numpy(array) / temperature, dim=1)[:, None]
        target, steps, length = torch.tensor([[int(digit) for digit in text]]), torch.tensor([len(array)]), len(text)
        loss = functional.ctc_loss(
            log_probabilities, target, steps, torch.tensor([length]), BLANK_CLASS, "sum", zero_infinity=True
        )
        losses.append(float(loss))
    return float(np.mean(losses))
