"""The training loop: convolutions by Muon (Jordan et al., 2024), the rest by gradient descent. The loss is abstract."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

# All recipes share these values. Like the recipes, they were chosen on the validation set.
MOMENTUM = 0.8
MATRIX_RATE = 0.3  # the highest learning rate of the convolutions
WEIGHT_DECAY = 0.01  # weight decay of the convolutions, times their learning rate
VECTOR_RATE = 0.5  # learning rate of batch normalization and the last layer
WARM_UP = 0.15  # fraction of the updates in which the learning rates rise linearly; then they fall linearly to 0


class Trainer(ABC):
    """A network in training, with the momenta of its weights.

    Args:
        network: the network to train.
        total: the number of all updates, which sets the schedule of the learning rates.

    Attributes:
        step: the number of updates made.
        total: the number of all updates.
    """

    def __init__(self, network: nn.Sequential, total: int) -> None:
        self._network = network
        self._momenta = [torch.zeros_like(weight) for weight in network.parameters()]
        self.step, self.total = 0, total

    def _logits(self, batch: Tensor) -> Tensor:
        """The logits of a batch, in float32.

        If the processor multiplies bfloat16, products are computed in it, which is nearly twice as fast; on other
        processors that would be slower. Weights and the loss are float32 in both cases.
        """
        use_bfloat16 = batch.device.type == "cpu" and torch.cpu.get_capabilities().get("avx512_bf16", False)
        with torch.autocast("cpu", torch.bfloat16, enabled=use_bfloat16):
            logits: Tensor = self._network(batch)
        return logits.float()

    @abstractmethod
    def _loss(self) -> Tensor:
        """The loss of the next update, on images that depend only on its number."""

    def run(self, updates: int) -> float:
        """Make up to this many updates, and return their mean loss (in nats), 0.0 if none is left."""
        self._network.train()
        losses = [self._update(self._loss()) for _ in range(min(updates, self.total - self.step))]
        return float(torch.stack(losses).mean()) if losses else 0.0

    def network(self) -> nn.Sequential:
        """The network as it is now, in evaluation mode."""
        return self._network.eval()

    def _update(self, loss: Tensor) -> Tensor:
        """Make one descent step on all weights, with Nesterov momentum. Returns the loss, detached."""
        weights = list(self._network.parameters())
        gradients = torch.autograd.grad(loss, weights)
        self.step += 1
        progress = self.step / self.total
        schedule = min(progress / WARM_UP, (1 - progress) / (1 - WARM_UP))
        for weight, gradient, momentum in zip(weights, gradients, self._momenta, strict=True):
            momentum.lerp_(gradient, 1 - MOMENTUM)
            direction = gradient.lerp(momentum, MOMENTUM)
            if weight.ndim == 4:
                direction = _orthogonal(direction.flatten(1)).view_as(weight)
                weight.data.mul_(1 - schedule * MATRIX_RATE * WEIGHT_DECAY).sub_(
                    direction, alpha=schedule * MATRIX_RATE
                )
            else:
                weight.data.sub_(direction, alpha=schedule * VECTOR_RATE)
        return loss.detach()

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Everything that a later run needs to continue from here, by name, as a checkpoint stores it."""
        tensors = {f"network.{name}": value for name, value in self._network.state_dict().items()}
        tensors |= {f"momentum.{i}": momentum for i, momentum in enumerate(self._momenta)}
        return {"done": np.int64(self.step)} | {name: value.cpu().numpy() for name, value in tensors.items()}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Continue from the state that `state_dict` returned."""
        self.step = int(arrays["done"])
        names = self._network.state_dict()
        self._network.load_state_dict({name: torch.from_numpy(arrays[f"network.{name}"]) for name in names})
        for i, momentum in enumerate(self._momenta):
            momentum.copy_(torch.from_numpy(arrays[f"momentum.{i}"]))


def _orthogonal(matrix: Tensor) -> Tensor:
    """Approximate the nearest orthogonal matrix, `(rows, columns)`, by the Newton-Schulz iteration.

    The singular values of the result are about 0.7 to 1.1; the coefficients are Jordan's (Muon, 2024).
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(3):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.T if tall else x
