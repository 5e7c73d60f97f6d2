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

IGNORE_INDEX = -1  # of a step that may see a digit or none


class LineTraining(Trainer):
    """A network in training on strips and their digits.

    The random numbers of an update depend only on the seed and the number of the update.

    At first every step is told what to see: the digit whose middle it looks at, or none between digits. CTC,
    which has to find out where the digits are, then only has to tell neighbours apart.

    Args:
        recipe: what to train and how.
        strips: `(28, w) uint8` each, 0 paper .. 255 ink.
        texts: the digits of each.
        middles: of the digits of each, in columns of the strip.
        seed: of weights, order and variation.
    """

    def __init__(
        self,
        recipe: LineRecipe,
        strips: list[NDArray[np.uint8]],
        texts: list[str],
        middles: list[list[float]],
        seed: int,
    ) -> None:
        self.recipe, self.seed = recipe, seed
        self._strips = [torch.from_numpy(strip.copy()) for strip in strips]
        self._goals = [torch.tensor([int(digit) for digit in text]) for text in texts]
        self._middles = [torch.tensor(places) for places in middles]
        widths = np.array([strip.shape[1] for strip in strips])
        by_width = np.argsort(widths, kind="stable")
        whole = len(by_width) // recipe.batch * recipe.batch
        self._batches = by_width[:whole].reshape(-1, recipe.batch)  # strips of about one width go through together
        torch.manual_seed(seed)
        network = build(recipe)
        total = max(1, round(recipe.epochs * len(self._batches)))
        super().__init__(network.to(best_device(), memory_format=torch.channels_last), total)

    def _loss(self) -> Tensor:
        """Cross-entropy a step, then CTC a digit."""
        epoch, place = divmod(self.done, len(self._batches))
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self._batches))
        chosen = self._batches[order[place]]
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + self.done)
        width = max(self._strips[i].shape[1] for i in chosen)
        batch = torch.stack([functional.pad(self._strips[i], (0, width - self._strips[i].shape[1])) for i in chosen])
        varied, wide = self._varied(batch[:, None].float() / 255, rng)
        logits = self._logits(varied.to(best_device())).transpose(0, 1)
        goals = [self._goals[i] for i in chosen]
        if self.done < self.recipe.aligned_fraction * self.total:
            middles = [_moved(self._middles[i], share, width) for i, share in zip(chosen, wide, strict=True)]
            seen = _frame_targets(goals, middles, len(logits)).to(logits.device)
            return functional.cross_entropy(
                logits.reshape(-1, DIGITS + 1), seen.T.reshape(-1), ignore_index=IGNORE_INDEX
            )
        lengths = torch.tensor([len(goal) for goal in goals])
        steps = torch.full((len(goals),), len(logits))
        shares = functional.log_softmax(logits, dim=2).cpu()  # MPS has no CTC
        loss = functional.ctc_loss(shares, torch.cat(goals), steps, lengths, blank=BLANK_CLASS, zero_infinity=True)
        return loss.to(logits.device)

    def _varied(self, batch: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Strips, `(n, 1, 28, w)` 0..1, slanted, scaled, shifted, inked more or less; and how much narrower each is."""
        count, _, _, width = batch.shape
        strength = self.recipe.augmentation
        slant, wide, high, down, dark = torch.randn(5, count, generator=rng) * strength
        zero, ratio = torch.zeros(count), SIDE / width
        wide, high = torch.exp(wide * 0.07), torch.exp(high * 0.1)
        rows = [wide, slant * 0.12 * ratio, zero, zero, high, down * 0.07]
        grid = functional.affine_grid(
            torch.stack(rows, dim=1).view(count, 2, 3), list(batch.shape), align_corners=False
        )
        moved = functional.grid_sample(batch, grid, align_corners=False)
        inked = moved.clamp_min(1e-6) ** torch.exp(dark * 0.2)[:, None, None, None]
        return inked.contiguous(memory_format=torch.channels_last), wide


def _moved(middles: Tensor, wide: Tensor, width: int) -> Tensor:
    """Where columns of a strip of so many columns lie after it was made narrower about its middle."""
    half = (width - 1) / 2
    return (middles - half) / wide + half


def _frame_targets(goals: list[Tensor], middles: list[Tensor], steps: int) -> Tensor:
    """The target of each frame, `(n, steps)`: the nearest digit, blank, or `IGNORE_INDEX` where either will do."""
    seen = torch.full((len(goals), steps), BLANK_CLASS)
    for row, digits, places in zip(seen, goals, middles, strict=True):
        at = (places - SIDE / 2) / STRIDE
        beside = torch.cat([at.floor().long(), at.ceil().long()]).clamp(0, steps - 1)
        row[beside] = IGNORE_INDEX
        row[at.round().long().clamp(0, steps - 1)] = digits
    return seen


def build(recipe: LineRecipe) -> nn.Sequential:
    """The network: convolutions as of the one that reads digits, some across the steps, and a layer to eleven logits.

    It takes `(n, 1, 28, w)` floats 0..1 and gives `(n, steps, 11)`.
    """
    modules, channels, side = backbone(recipe.layers)
    if side != 1:
        raise ValueError(f"the layers leave {side} rows of 28: they must leave 1")
    for wider in recipe.context_channels:
        sees = (1, recipe.context_width)
        modules += conv_bn_relu(nn.Conv2d(channels, wider, sees, padding=(0, recipe.context_width // 2), bias=False))
        channels = wider
    last = nn.Linear(channels, DIGITS + 1)
    nn.init.zeros_(last.weight)
    return nn.Sequential(*modules, ToSequence(), last)


class ToSequence(nn.Module):  # type: ignore[misc]  # torch is not read by the checker
    """Features in one row, `(n, channels, 1, steps)`, as `(n, steps, channels)`."""

    def forward(self, features: Tensor) -> Tensor:
        """See the class."""
        return features[:, :, 0].transpose(1, 2)


def logits(network: nn.Sequential, strip: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The logits of a strip, `(28, w) uint8`: `(steps, 11) float32`, computed by torch."""
    device: Any = next(network.parameters()).device
    with torch.no_grad():
        result = network(torch.from_numpy(strip.copy())[None, None].float().to(device) / 255)
    array: NDArray[np.float32] = result[0].cpu().numpy()
    return array


def loss_at(scores: list[NDArray[np.float32]], texts: list[str], temperature: float) -> float:
    """The mean loss (CTC, in nats a line) of texts under scores, `(steps, 11)` each, divided by a temperature."""
    losses = []
    for array, text in zip(scores, texts, strict=True):
        shares = functional.log_softmax(torch.from_numpy(array) / temperature, dim=1)[:, None]
        goal, steps, length = torch.tensor([[int(digit) for digit in text]]), torch.tensor([len(array)]), len(text)
        loss = functional.ctc_loss(shares, goal, steps, torch.tensor([length]), BLANK_CLASS, "sum", zero_infinity=True)
        losses.append(float(loss))
    return float(np.mean(losses))
