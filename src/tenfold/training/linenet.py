"""The line network in PyTorch: a convolutional network run along a line image, trained by CTC (Graves et al., 2006)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tenfold.arrays import DIGITS, SIDE
from tenfold.synthesis.numbers.synthetic_lines import CHARACTERS, SyntheticLine
from tenfold.training.convnet import best_device, conv_bn_relu
from tenfold.training.recipes import LineRecipe
from tenfold.training.trainer import Trainer

BLANK = len(CHARACTERS)  # the class of steps without a character
IGNORE_INDEX = -1  # the target of a step that may be a character or blank
CTC_WEIGHT = 0.3  # of a line whose positions are not known, beside those that are trained on them


class LineTraining(Trainer):
    """A network in training on line images and their texts.

    The random numbers of an update depend only on the seed and the number of the update.

    In the first part of training every step of a line whose positions are known has a target: the character whose
    center is nearest, or blank between characters. CTC, which has to find the positions itself, then only has to learn
    to separate neighbours. Lines without positions are trained by CTC from the beginning.

    Args:
        recipe: architecture and schedule.
        lines: line images, their texts, and the centers of their characters.
        seed: seeds weights, order and augmentation.
    """

    def __init__(self, recipe: LineRecipe, lines: list[SyntheticLine], seed: int) -> None:
        self.recipe, self.seed = recipe, seed
        self._images = [torch.from_numpy(line.image) for line in lines]
        self._targets = [torch.tensor([CHARACTERS.index(c) for c in line.text]) for line in lines]
        self._centers = [torch.tensor(line.centers) for line in lines]
        self._digits_only = torch.tensor([line.digits_only for line in lines])
        widths = np.array([line.image.shape[1] for line in lines])
        by_width = np.argsort(widths, kind="stable")
        count = len(by_width) // recipe.batch * recipe.batch
        self._batches = by_width[:count].reshape(-1, recipe.batch)  # lines of similar width share a batch
        torch.manual_seed(seed)
        network = build(recipe)
        total = max(1, round(recipe.epochs * len(self._batches)))
        super().__init__(network.to(best_device(), memory_format=torch.channels_last), total)

    def _loss(self) -> Tensor:
        """Cross-entropy per step in the aligned part of training, then CTC per character."""
        epoch, position = divmod(self.step, len(self._batches))
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self._batches))
        indices = self._batches[order[position]]
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + self.step)
        width = max(self._images[i].shape[1] for i in indices)
        batch = torch.stack([functional.pad(self._images[i], (0, width - self._images[i].shape[1])) for i in indices])
        augmented, x_scales = self._augment(batch[:, None].float() / 255, rng)
        logits = self._logits(augmented.to(best_device()))
        if self.step >= self.recipe.aligned_fraction * self.total:
            return self._ctc(logits, indices)
        known = np.array([len(self._centers[i]) > 0 for i in indices])
        loss = logits.sum() * 0
        if known.any():
            targets = [self._targets[i] for i in indices[known]]
            centers = [
                _scale_columns(self._centers[i], x_scale, width)
                for i, x_scale in zip(indices[known], x_scales[torch.from_numpy(known)], strict=True)
            ]
            frames = _frame_targets(targets, centers, logits.shape[1], self.recipe).to(logits.device)
            loss = loss + functional.cross_entropy(
                logits[torch.from_numpy(known)].flatten(0, 1), frames.flatten(), ignore_index=IGNORE_INDEX
            )
        if not known.all():
            share = float((~known).mean())
            loss = loss + CTC_WEIGHT * share * self._ctc(logits[torch.from_numpy(~known)], indices[~known])
        return loss

    def _ctc(self, logits: Tensor, indices: NDArray[np.int64]) -> Tensor:
        """The CTC loss per character; where only digits are told, signs count as blank."""
        targets = [self._targets[i] for i in indices]
        log_probabilities = functional.log_softmax(logits, dim=2).transpose(0, 1).cpu()  # MPS has no CTC
        rest = torch.logsumexp(log_probabilities[..., DIGITS:], dim=2, keepdim=True)
        blank = torch.where(self._digits_only[indices][None, :, None], rest, log_probabilities[..., BLANK:])
        log_probabilities = torch.cat([log_probabilities[..., :BLANK], blank], dim=2)
        lengths = torch.tensor([len(target) for target in targets])
        steps = torch.full((len(targets),), len(log_probabilities))
        loss = functional.ctc_loss(
            log_probabilities, torch.cat(targets), steps, lengths, blank=BLANK, zero_infinity=True
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


def _frame_targets(targets: list[Tensor], centers: list[Tensor], steps: int, recipe: LineRecipe) -> Tensor:
    """The target of each step, `(n, steps)`: the nearest character, blank, or `IGNORE_INDEX` where both are right.

    Between two equal characters that are three steps apart or less, a step stays blank.
    """
    frames = torch.full((len(targets), steps), BLANK)
    for row, characters, columns in zip(frames, targets, centers, strict=True):
        at = (columns - recipe.first_center) / recipe.step
        nearest = at.round().long().clamp(0, steps - 1)
        row[torch.cat([at.floor().long(), at.ceil().long()]).clamp(0, steps - 1)] = IGNORE_INDEX
        twice = (characters[1:] == characters[:-1]) & (nearest[1:] - nearest[:-1] <= 3)
        row[((nearest[1:] + nearest[:-1]) // 2)[twice]] = BLANK
        row[nearest] = characters
    return frames


def build(recipe: LineRecipe) -> nn.Sequential:
    """The network: convolutions to one row, some along the steps, and a linear layer to the logits of each step.

    The input is `(n, 1, 28, w)` floats 0..1, the output `(n, steps, characters + 1)`.
    """
    modules: list[nn.Module] = []
    channels, rows = 1, SIDE
    for width, kernel, down, along in recipe.layers:
        modules += conv_bn_relu(nn.Conv2d(channels, width, kernel, (down, along), bias=False))
        channels, rows = width, (rows - kernel) // down + 1
    if rows != 1:
        raise ValueError(f"the layers leave {rows} rows of {SIDE}: they must leave 1")
    for width, kernel, dilation in recipe.context:
        padding = (0, dilation * (kernel // 2))
        modules += conv_bn_relu(
            nn.Conv2d(channels, width, (1, kernel), padding=padding, dilation=(1, dilation), bias=False)
        )
        channels = width
    last = nn.Linear(channels, len(CHARACTERS) + 1)
    nn.init.zeros_(last.weight)
    return nn.Sequential(*modules, ToSequence(), last)


class ToSequence(nn.Module):  # type: ignore[misc]  # torch is not read by the checker
    """Reshape features in one row, `(n, channels, 1, steps)`, to `(n, steps, channels)`."""

    def forward(self, features: Tensor) -> Tensor:
        """See the class."""
        return features[:, :, 0].transpose(1, 2)


def logits(network: nn.Sequential, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The logits of a line image, `(28, w) uint8`: `(steps, characters + 1) float32`, computed by torch."""
    device: Any = next(network.parameters()).device
    with torch.no_grad():
        result = network(torch.from_numpy(image.copy())[None, None].float().to(device) / 255)
    array: NDArray[np.float32] = result[0].cpu().numpy()
    return array


def loss_at(scores: list[NDArray[np.float32]], texts: list[str], temperature: float) -> float:
    """The mean CTC loss of texts, in nats per line; scores, `(steps, classes)` each, are divided by the temperature."""
    losses = []
    for array, text in zip(scores, texts, strict=True):
        log_probabilities = functional.log_softmax(torch.from_numpy(array) / temperature, dim=1)[:, None]
        target, steps, length = (
            torch.tensor([[CHARACTERS.index(c) for c in text]]),
            torch.tensor([len(array)]),
            len(text),
        )
        loss = functional.ctc_loss(
            log_probabilities, target, steps, torch.tensor([length]), BLANK, "sum", zero_infinity=True
        )
        losses.append(float(loss))
    return float(np.mean(losses))
