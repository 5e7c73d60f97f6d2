"""The convolutional network: its layers, its training in PyTorch, its ONNX graph. The only module that imports torch.

Knows optimisation. Does not know files of images, nor which images are held out.
"""

from __future__ import annotations

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

AVERAGE_EVERY = 5  # updates between two steps of the running average


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
        self._average = build(recipe.layers).to(device)
        self._average.load_state_dict(self._network.state_dict())
        matrices = [weight for weight in self._network.parameters() if weight.ndim > 1]
        vectors = [weight for weight in self._network.parameters() if weight.ndim == 1]
        groups = [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
        self._optimizer = torch.optim.SGD(groups, lr=0.0, momentum=0.9, nesterov=True)
        if resume is not None:
            self._restore(resume)
        self._order = self._order_of(self._epoch())

    def run(self, updates: int) -> float:
        """Make up to so many updates; returns their mean loss (cross-entropy, in nats)."""
        self._network.train()
        losses = [self._update() for _ in range(min(updates, self.total - self.done))]
        return float(torch.stack(losses).mean()) if losses else 0.0

    def network(self) -> nn.Sequential:
        """The network as it is now, with the running average of the weights, ready to read."""
        return self._average.eval()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that a later run needs to go on from here."""
        named = {f"network.{name}": value for name, value in self._network.state_dict().items()}
        named |= {f"average.{name}": value for name, value in self._average.state_dict().items()}
        named |= {
            f"momentum.{i}": self._optimizer.state[weight]["momentum_buffer"]
            for i, weight in enumerate(self._network.parameters())
            if weight in self._optimizer.state
        }
        return {"done": np.int64(self.done)} | {name: value.cpu().numpy() for name, value in named.items()}

    def _restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        self.done = int(arrays["done"])
        for part, module in (("network", self._network), ("average", self._average)):
            module.load_state_dict({name: torch.from_numpy(arrays[f"{part}.{name}"]) for name in module.state_dict()})
        for i, weight in enumerate(self._network.parameters()):
            if f"momentum.{i}" in arrays:
                momentum = torch.from_numpy(arrays[f"momentum.{i}"]).to(weight.device)
                self._optimizer.state[weight]["momentum_buffer"] = momentum.contiguous(
                    memory_format=torch.channels_last if weight.ndim == 4 else torch.contiguous_format
                )

    def _update(self) -> Tensor:
        recipe = self.recipe
        epoch, place = divmod(self.done, len(self._images) // recipe.batch)
        if place == 0:
            self._order = self._order_of(epoch)
        chosen = self._order[place * recipe.batch : (place + 1) * recipe.batch]
        batch = self._varied(chosen, torch.Generator().manual_seed(self.seed * 1_000_003 + self.done))
        progress = (self.done + 1) / self.total
        rising, falling = progress / recipe.warm_up, (1 - progress) / (1 - recipe.warm_up)
        for group in self._optimizer.param_groups:
            group["lr"] = recipe.learning_rate * min(rising, falling)
        loss = functional.cross_entropy(self._network(batch), self._labels[chosen])
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._optimizer.step()
        self.done += 1
        if self.done % AVERAGE_EVERY == 0 or self.done == self.total:
            self._move_average()
        return loss.detach()

    def _epoch(self) -> int:
        return self.done // (len(self._images) // self.recipe.batch)

    def _order_of(self, epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(self.seed * 1_000_033 + epoch)
        return torch.randperm(len(self._images), generator=generator).to(self._images.device)

    def _varied(self, chosen: Tensor, rng: torch.Generator) -> Tensor:
        """A batch, `(n, 1, 28, 28)` 0..1: some images from the simulation, all turned, slanted, scaled and shifted."""
        pixels = self._images[chosen]
        count, device = len(chosen), pixels.device
        if self._simulated is not None:
            other = (torch.rand(count, generator=rng) < self.recipe.simulated).to(device)
            copy = torch.randint(len(self._simulated), (count,), generator=rng).to(device)
            pixels = torch.where(other[:, None, None], self._simulated[copy, chosen], pixels)
        batch = pixels[:, None].float() / 255
        if self.recipe.variation:
            turn, slant, wide, high, across, down = (
                torch.randn(6, count, generator=rng).to(device) * self.recipe.variation
            )
            turn, slant, wide, high = turn * 0.1, slant * 0.1, torch.exp(wide * 0.08), torch.exp(high * 0.08)
            rows = [wide * torch.cos(turn), slant - torch.sin(turn), across * 0.07]
            rows += [torch.sin(turn), high * torch.cos(turn), down * 0.07]
            matrix = torch.stack(rows, dim=1).view(count, 2, 3)
            grid = functional.affine_grid(matrix, list(batch.shape), align_corners=False)
            batch = functional.grid_sample(batch, grid, align_corners=False)
        return batch.contiguous(memory_format=torch.channels_last)

    def _move_average(self) -> None:
        keep = min(self.recipe.averaging**AVERAGE_EVERY, self.done / (self.done + 30))
        states = zip(self._average.state_dict().values(), self._network.state_dict().values(), strict=True)
        for average, value in states:
            if average.is_floating_point():
                average.lerp_(value, 1 - keep)
            else:
                average.copy_(value)


def build(layers: Layers) -> nn.Sequential:
    """The network: convolutions, the mean over what is left of the image, one linear layer to ten logits.

    It takes `(n, 1, 28, 28)` floats 0..1.
    """
    modules: list[nn.Module] = []
    channels = 1
    for wider, kernel, stride in layers:
        convolution = nn.Conv2d(channels, wider, kernel, stride, kernel // 2, bias=False)
        modules += [convolution, nn.BatchNorm2d(wider), nn.ReLU()]
        channels = wider
    return nn.Sequential(*modules, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, DIGITS))


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
    convolutions = [(modules[i], modules[i + 1]) for i in range(0, len(modules) - 3, 3)]
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
        helper.make_node("GlobalAveragePool", [f"layer{len(convolutions)}"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["features"]),
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
