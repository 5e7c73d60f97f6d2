from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import tenfold
from helpers.project import Mnist
from tenfold.networks.mlp import MLP, Loss

Layers = list[tuple[NDArray[np.float64], NDArray[np.float64]]]


def loss_of(layers: Layers, image: NDArray[np.float64], label: int, loss: Loss) -> float:
    """The loss of one image in float64 NumPy, written from its definition."""
    values = image
    for weights, bias in layers[:-1]:
        values = np.maximum(values @ weights + bias, 0)
    scores = values @ layers[-1][0] + layers[-1][1]
    if loss == "squared":
        return float(((scores - np.eye(10)[label]) ** 2).sum() / 2)
    return float(np.log(np.exp(scores).sum()) - scores[label])


def one_update(net: MLP, image: NDArray[np.uint8], label: int) -> tuple[Layers, Layers]:
    """The layers before one update, and the slopes that the update took, in float64."""
    before = [(weights.astype(np.float64), bias.astype(np.float64)) for weights, bias in net.layers]
    net.fit(image[None], [label], 1)
    rate = net.learning_rate
    slopes = [((w - wn) / rate, (b - bn) / rate) for (w, b), (wn, bn) in zip(before, net.layers, strict=True)]
    return before, slopes


@pytest.mark.parametrize("hidden", [0, 7])
@pytest.mark.parametrize("loss", ["squared", "cross-entropy"])
@given(seed=st.integers(0, 2**32 - 1))
def test_an_update_follows_the_numerical_gradient(hidden: int, loss: Loss, seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = (rng.integers(0, 256, 784) * (rng.random(784) < 0.2)).astype(np.uint8)
    label = int(rng.integers(10))
    net = MLP(hidden=hidden, loss=loss, learning_rate=2.0**-4, seed=seed)
    before, slopes = one_update(net, image, label)
    for layer in range(len(before)):
        for part in range(2):
            array, slope = before[layer][part], slopes[layer][part]
            for place in rng.choice(array.size, 6, replace=False):
                value = array.flat[place]
                ends = []
                for step in (1e-5, -1e-5):
                    array.flat[place] = value + step
                    ends.append(loss_of(before, image / 255, label, loss))
                array.flat[place] = value
                assert slope.flat[place] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=2e-4)


@pytest.mark.parametrize("loss", ["squared", "cross-entropy"])
@pytest.mark.parametrize("hidden", [0, 32])
def test_an_update_takes_the_gradients_of_torch(mnist: Mnist, hidden: int, loss: Loss) -> None:
    torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")
    (images, labels), _ = mnist
    net = MLP(hidden=hidden, loss=loss, learning_rate=0.002)
    net.fit(images[:500], labels[:500], 1)
    net.learning_rate = 2.0**-4  # a step whose slope float32 can still show
    before, slopes = one_update(net, images[600], int(labels[600]))
    tensors = [torch.tensor(array, requires_grad=True) for layer in before for array in layer]
    values = torch.tensor(images[600].reshape(-1) / 255.0)
    for weights, bias in zip(tensors[:-2:2], tensors[1:-2:2], strict=True):
        values = torch.relu(values @ weights + bias)
    scores = values @ tensors[-2] + tensors[-1]
    goal = torch.tensor(int(labels[600]))
    if loss == "squared":
        value = ((scores - torch.nn.functional.one_hot(goal, 10)) ** 2).sum() / 2
    else:
        value = torch.nn.functional.cross_entropy(scores, goal)
    value.backward()
    for tensor, slope in zip(tensors, [array for layer in slopes for array in layer], strict=True):
        np.testing.assert_allclose(slope, tensor.grad.numpy(), atol=1e-5)


def test_softmax_beats_the_articles_network_on_the_same_images(mnist: Mnist) -> None:
    (images, labels), (x_test, y_test) = mnist
    net = MLP().fit(images[:10000], labels[:10000], 3)
    assert net.score(x_test, y_test) > 0.89
    assert net.parameters == 7850


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    nets = [MLP(hidden=16, seed=seed).fit(images[:300], labels[:300], 2) for seed in (1, 1, 2)]
    assert np.array_equal(nets[0].layers[0][0], nets[1].layers[0][0])
    assert not np.array_equal(nets[0].layers[0][0], nets[2].layers[0][0])


@pytest.mark.parametrize("hidden", [0, 5])
def test_saving_and_loading_keeps_every_score(mnist: Mnist, tmp_path: Path, hidden: int) -> None:
    (images, labels), _ = mnist
    net = MLP(hidden=hidden, loss="squared", learning_rate=0.001).fit(images[:100], labels[:100], 1)
    net.temperature = 0.5
    net.save(tmp_path)
    again = tenfold.load_network(tmp_path)
    assert isinstance(again, MLP)
    assert np.array_equal(again.scores(images[:50]), net.scores(images[:50]))
    assert (again.loss, again.learning_rate, again.temperature) == ("squared", 0.001, 0.5)


def test_divergence_is_an_error_and_leaves_the_weights_alone(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    net = MLP(loss="squared", learning_rate=50.0)
    before = net.layers[0][0].copy()
    with pytest.raises(tenfold.DivergenceError, match=r"learning rate 50.0.*try a tenth"):
        net.fit(images[:1000], labels[:1000], 1)
    assert np.array_equal(net.layers[0][0], before)


def test_settings_out_of_range_are_named() -> None:
    with pytest.raises(tenfold.NetworkError, match="hidden is -1"):
        MLP(hidden=-1)
    with pytest.raises(tenfold.NetworkError, match="loss is 'hinge'"):
        MLP(loss="hinge")  # type: ignore[arg-type]
    with pytest.raises(tenfold.NetworkError, match="learning_rate is nan"):
        MLP(learning_rate=float("nan"))


def test_progress_counts_each_rung_to_its_end(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    heard: list[tuple[int, int]] = []
    MLP().fit(images[:1500], labels[:1500], 2, lambda done, total: heard.append((done, total)))
    assert heard == [(1000, 3000), (1500, 3000), (2500, 3000), (3000, 3000)]
