"""The convolutional network: its layers, its training in PyTorch, its ONNX graph. The only module that imports torch.

Knows optimisation. Does not know files of images, nor which images are held out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from tenfold.images import DIGITS, SIDE
from tenfold.recipes import Layers, Recipe

Images = NDArray[np.uint8]

# One value serves all recipes; chosen, like the recipes, on training images kept aside.
MOMENTUM = 0.8
MATRIX_RATE = 0.3  # learning rate of the convolutions, at its highest
WEIGHT_DECAY = 0.01  # of the convolutions, times their learning rate
VECTOR_RATE = 0.5  # learning rate of batch norm and the last layer
SMOOTHING = 0.1  # of the labels: a tenth is shared out among all digits
WARM_UP = 0.15  # the learning rates rise linearly over this share of the updates, then fall linearly to 0
NORM_RATE = 0.3  # share of a batch in the running mean and variance of batch norm


class Training:
    """A network in training, from scratch or from where an earlier run stopped.

    The random numbers of an update depend only on the seed and the number of the update. So a run that was broken off
    and resumed ends in the same weights as an unbroken one, on the same machine at the same number of threads.

    Args:
        recipe: what to train and how.
        images: `(n, 28, 28) uint8`, 0 paper .. 255 ink.
        labels: `(n,) uint8`, 0..9.
        simulated: `(copies, n, 28, 28) uint8` of the same digits; None where the recipe takes none.
        seed: of weights, order and variation.
        resume: what `arrays` gave in an earlier run of the same recipe, images and seed.

    Attributes:
        done: updates made.
        total: updates in all.
    """

    def __init__(
        self,
        recipe: Recipe,
        images: Images,
        labels: Images,
        simulated: Images | None,
        seed: int,
        resume: dict[str, NDArray[Any]] | None = None,
    ) -> None:
        self.recipe, self.seed = recipe, seed
        self.done, self.total = 0, max(1, round(recipe.epochs * (len(images) // recipe.batch)))
        device = _device()
        self._images = torch.from_numpy(images.copy()).to(device)
        self._labels = torch.from_numpy(labels.astype(np.int64)).to(device)
        self._simulated = None if simulated is None else torch.from_numpy(simulated.copy()).to(device)
        torch.manual_seed(seed)
        self._network = build(recipe.layers).to(device, memory_format=torch.channels_last)
        self._momenta = [torch.zeros_like(weight) for weight in self._network.parameters()]
        if resume is not None:
            self._restore(resume)
        self._order = self._order_of(self._epoch())

    def run(self, updates: int) -> float:
        """Make up to so many updates; returns their mean loss (cross-entropy, in nats)."""
        self._network.train()
        losses = [self._update() for _ in range(min(updates, self.total - self.done))]
        return float(torch.stack(losses).mean()) if losses else 0.0

    def network(self) -> nn.Sequential:
        """The network as it is now, ready to read."""
        return self._network.eval()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that a later run needs to go on from here."""
        named = {f"network.{name}": value for name, value in self._network.state_dict().items()}
        named |= {f"momentum.{i}": momentum for i, momentum in enumerate(self._momenta)}
        return {"done": np.int64(self.done)} | {name: value.cpu().numpy() for name, value in named.items()}

    def _restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        self.done = int(arrays["done"])
        state = self._network.state_dict()
        self._network.load_state_dict({name: torch.from_numpy(arrays[f"network.{name}"]) for name in state})
        for i, momentum in enumerate(self._momenta):
            momentum.copy_(torch.from_numpy(arrays[f"momentum.{i}"]))

    def _update(self) -> Tensor:
        recipe = self.recipe
        epoch, place = divmod(self.done, len(self._images) // recipe.batch)
        if place == 0:
            self._order = self._order_of(epoch)
        chosen = self._order[place * recipe.batch : (place + 1) * recipe.batch]
        batch = self._varied(chosen, torch.Generator().manual_seed(self.seed * 1_000_003 + self.done))
        loss = functional.cross_entropy(self._network(batch), self._labels[chosen], label_smoothing=SMOOTHING)
        gradients = torch.autograd.grad(loss, list(self._network.parameters()))
        self.done += 1
        progress = self.done / self.total
        self._step(gradients, min(progress / WARM_UP, (1 - progress) / (1 - WARM_UP)))
        return loss.detach()

    def _step(self, gradients: Sequence[Tensor], pace: float) -> None:
        """Convolutions move by Muon (Jordan et al., 2024), the rest by gradient descent; momentum is Nesterov's."""
        weights = self._network.parameters()
        for weight, gradient, momentum in zip(weights, gradients, self._momenta, strict=True):
            momentum.lerp_(gradient, 1 - MOMENTUM)
            direction = gradient.lerp(momentum, MOMENTUM)
            if weight.ndim == 4:
                direction = _orthogonal(direction.flatten(1)).view_as(weight)
                weight.data.mul_(1 - pace * MATRIX_RATE * WEIGHT_DECAY).sub_(direction, alpha=pace * MATRIX_RATE)
            else:
                weight.data.sub_(direction, alpha=pace * VECTOR_RATE)

    def _epoch(self) -> int:
        return self.done // (len(self._images) // self.recipe.batch)

    def _order_of(self, epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(self.seed * 1_000_033 + epoch)
        return torch.randperm(len(self._images), generator=generator).to(self._images.device)

    def _varied(self, chosen: Tensor, rng: torch.Generator) -> Tensor:
        """A batch, `(n, 1, 28, 28)` 0..1: some from the simulation, all turned, slanted, scaled, shifted, bent."""
        pixels = self._images[chosen]
        count, device = len(chosen), pixels.device
        if self._simulated is not None:
            other = (torch.rand(count, generator=rng) < self.recipe.simulated).to(device)
            copy = torch.randint(len(self._simulated), (count,), generator=rng).to(device)
            pixels = torch.where(other[:, None, None], self._simulated[copy, chosen], pixels)
        batch = pixels[:, None].float() / 255
        first, last = self.recipe.variation
        if first:
            strength = last + (first - last) * (1 - self.done / self.total)
            turn, slant, wide, high, across, down = torch.randn(6, count, generator=rng).to(device) * strength
            turn, slant, wide, high = turn * 0.1, slant * 0.1, torch.exp(wide * 0.08), torch.exp(high * 0.08)
            rows = [wide * torch.cos(turn), slant - torch.sin(turn), across * 0.07]
            rows += [torch.sin(turn), high * torch.cos(turn), down * 0.07]
            matrix = torch.stack(rows, dim=1).view(count, 2, 3)
            # Bends, as in Simard et al., 2003: a smooth field of shifts of about 0.8 pixels, drawn on a grid of 4 x 4.
            bends = torch.randn(count, 2, 4, 4, generator=rng).to(device) * (strength * 0.057)
            bends = functional.interpolate(bends, size=(SIDE, SIDE), mode="bicubic", align_corners=True)
            grid = functional.affine_grid(matrix, list(batch.shape), align_corners=False) + bends.permute(0, 2, 3, 1)
            batch = functional.grid_sample(batch, grid, align_corners=False)
        return batch.contiguous(memory_format=torch.channels_last)


def build(layers: Layers) -> nn.Sequential:
    """The network: convolutions, each with batch norm and a rectified linear unit, and one linear layer to ten logits.

    It takes `(n, 1, 28, 28)` floats 0..1.
    """
    modules: list[nn.Module] = []
    channels, side = 1, SIDE
    for wider, kernel, stride, padding in layers:
        convolution = nn.Conv2d(channels, wider, kernel, stride, padding, bias=False)
        modules += [convolution, nn.BatchNorm2d(wider, momentum=NORM_RATE), nn.ReLU(inplace=True)]
        channels, side = wider, (side + 2 * padding - kernel) // stride + 1
    last = nn.Linear(channels * side * side, DIGITS)
    nn.init.zeros_(last.weight)  # no digit is favoured at the start
    return nn.Sequential(*modules, nn.Flatten(), last)


def logits(network: nn.Sequential, images: Images) -> NDArray[np.float32]:
    """The logits of `(n, 28, 28) uint8` images, `(n, 10) float32`, computed by torch."""
    device = next(network.parameters()).device
    parts = [torch.from_numpy(images[first : first + 1000].copy()) for first in range(0, len(images), 1000)]
    with torch.no_grad():
        results = [network(part.to(device)[:, None].float() / 255).cpu() for part in parts]
    array: NDArray[np.float32] = torch.cat(results).numpy()
    return array


def parameters(network: nn.Sequential) -> int:
    """How many numbers training sets."""
    return sum(weight.numel() for weight in network.parameters())


def to_onnx(network: nn.Sequential, temperature: float = 1.0) -> bytes:
    """The network as an ONNX graph: `images`, `(n, 28, 28) uint8`, to `logits`, `(n, 10) float32`.

    Scaling of the pixels, batch norm (folded into the convolutions) and the temperature are inside.
    """
    nodes = [
        helper.make_node("Cast", ["images"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "scale"], ["scaled"]),
        helper.make_node("Reshape", ["scaled", "shape"], ["layer0"]),
    ]
    values = {"scale": np.float32(1 / 255), "shape": np.array([-1, 1, SIDE, SIDE], np.int64)}
    modules = list(network)
    convolutions = [(modules[i], modules[i + 1]) for i in range(0, len(modules) - 2, 3)]
    for i, (convolution, norm) in enumerate(convolutions):
        values[f"weight{i}"], values[f"bias{i}"] = _folded(convolution, norm)
        pads, strides = [convolution.padding[0]] * 4, list(convolution.stride)
        inputs = [f"layer{i}", f"weight{i}", f"bias{i}"]
        nodes += [
            helper.make_node("Conv", inputs, [f"sum{i}"], pads=pads, strides=strides),
            helper.make_node("Relu", [f"sum{i}"], [f"layer{i + 1}"]),
        ]
    linear = modules[-1]
    values["weight"] = linear.weight.detach().cpu().numpy() / np.float32(temperature)
    values["bias"] = linear.bias.detach().cpu().numpy() / np.float32(temperature)
    nodes += [
        helper.make_node("Flatten", [f"layer{len(convolutions)}"], ["features"]),
        helper.make_node("Gemm", ["features", "weight", "bias"], ["logits"], transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tenfold",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", SIDE, SIDE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", DIGITS])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def versions() -> dict[str, str]:
    """Of the libraries that train."""
    return {"torch": torch.__version__, "onnx": onnx.__version__}


def _orthogonal(matrix: Tensor) -> Tensor:
    """Nearly the orthogonal matrix that is closest to this one, `(rows, columns)`, by Newton and Schulz's iteration.

    Its singular values come out between about 0.7 and 1.1; the coefficients are Jordan's (Muon, 2024).
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(3):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.T if tall else x


def _folded(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One convolution with a bias that does what a convolution and its batch norm do."""
    factor = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    weight = convolution.weight.double() * factor[:, None, None, None]
    bias = norm.bias.double() - norm.running_mean.double() * factor
    return weight.detach().cpu().numpy().astype(np.float32), bias.detach().cpu().numpy().astype(np.float32)


def _device() -> torch.device:
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
