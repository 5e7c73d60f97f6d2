from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenfold
from conftest import Mnist
from tenfold import train_conv as training_module
from tenfold.onnxnet import OnnxNet
from tenfold.recipes import RECIPES, Recipe
from tenfold.simulated import simulate

torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")
convnet = pytest.importorskip("tenfold.convnet", reason="torch and onnx, of the extra [train], are not installed")

TINY = Recipe(layers=((8, 5, 2, 0), (8, 4, 2, 1)), epochs=2, batch=64, variation=(0.5, 0), simulated=0.3, copies=1)


def trained(mnist: Mnist, updates: int = 10**9, resume: object = None, seed: int = 0) -> Any:
    (images, labels), _ = mnist
    copies = images[None, 1000:2000]
    training = convnet.Training(TINY, images[:1000], labels[:1000], copies, seed, resume)
    training.run(updates)
    return training


def test_onnx_gives_the_logits_of_torch(mnist: Mnist) -> None:
    _, (images, _) = mnist
    training = trained(mnist)
    expected = convnet.logits(training.network(), images[:600])
    net = OnnxNet(convnet.to_onnx(training.network()))
    np.testing.assert_allclose(net.scores(images[:600]), expected, atol=2e-5)
    halved = OnnxNet(convnet.to_onnx(training.network(), temperature=2.0))
    np.testing.assert_allclose(halved.scores(images[:600]), expected / 2, atol=2e-5)


@pytest.mark.parametrize("stop", [1, 7, 15, 22])
def test_a_run_broken_off_anywhere_and_resumed_ends_in_the_same_weights(mnist: Mnist, stop: int) -> None:
    unbroken = trained(mnist).arrays()
    resumed = trained(mnist, resume=trained(mnist, stop).arrays()).arrays()
    assert int(resumed["done"]) == int(unbroken["done"]) == 30
    for name, array in unbroken.items():
        assert np.array_equal(array, resumed[name]), name


@pytest.mark.parametrize("shape", [(16, 36), (64, 576), (40, 9)])
def test_muon_steps_nearly_along_the_orthogonal_factor(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(0).normal(size=shape)
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    found = convnet._orthogonal(torch.from_numpy(matrix)).numpy()
    assert (found * (left @ right)).sum() / np.linalg.norm(found) / np.linalg.norm(left @ right) > 0.95
    sizes = np.linalg.svd(found, compute_uv=False)
    assert 0.4 < sizes.min() < sizes.max() < 1.3


def test_the_quickest_recipe_reads_99_percent_of_what_it_has_not_seen(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    training = convnet.Training(RECIPES["2s"], images[:-5000], labels[:-5000], None, seed=0)
    training.run(training.total)
    found = convnet.logits(training.network(), images[-5000:]).argmax(axis=1)
    assert (found == labels[-5000:]).mean() > 0.988


def test_the_seed_decides_the_weights(mnist: Mnist) -> None:
    one, same, other = (trained(mnist, 3, seed=seed).arrays()["network.0.weight"] for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_training_saves_a_folder_that_reads_and_whose_card_is_true(
    mnist: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "tiny", Recipe(layers=((8, 5, 2, 0), (16, 3, 2, 0)), epochs=0.5))
    monkeypatch.setattr(training_module, "CHECKPOINT_SECONDS", 0)
    heard: list[tuple[str, int, int]] = []
    given = training_module.examples("tiny")
    run = training_module.train_conv(given, out=tmp_path / "net", callback=lambda *told: heard.append(told))
    assert not (tmp_path / "net" / "checkpoint.npz").exists()
    assert heard[-1][1] == heard[-1][2] == run.updates
    run.save(tmp_path / "net")
    net = tenfold.load_network(tmp_path / "net")
    card = json.loads((tmp_path / "net" / "card.json").read_text())
    _, (images, labels) = mnist
    assert net.score(images, labels) == card["test_accuracy"] > 0.5
    assert net.parameters == card["parameters"]
    assert card["seed"] == 0


def test_a_checkpoint_of_another_run_or_damaged_is_named(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.npz").write_bytes(b"junk")
    with pytest.raises(tenfold.NetworkError, match="is damaged"):
        training_module._resumed(tmp_path / "checkpoint.npz", "x")
    np.savez(tmp_path / "checkpoint.npz", identity=np.str_("y"))
    with pytest.raises(tenfold.NetworkError, match="of another run"):
        training_module._resumed(tmp_path / "checkpoint.npz", "x")


def test_the_simulation_depends_on_the_seed_alone(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    (images, labels), _ = mnist
    one = simulate(images[:600], labels[:600], 2, seed=3)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert np.array_equal(one, simulate(images[:600], labels[:600], 2, seed=3))
    assert not np.array_equal(one[0], one[1])
    other = simulate(images[:600], labels[:600], 1, seed=4)
    assert not np.array_equal(one[0], other[0])


def test_what_is_no_network_of_ours_is_named(tmp_path: Path) -> None:
    with pytest.raises(tenfold.NetworkError, match="the ONNX file cannot be used"):
        OnnxNet(b"junk")
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "other", [value], [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    with pytest.raises(tenfold.NetworkError, match="must take 'images'"):
        OnnxNet(model.SerializeToString())
