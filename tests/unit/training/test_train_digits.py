from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenfold
from helpers.project import Mnist
from tenfold.networks.onnx_classifier import OnnxClassifier
from tenfold.synthesis.synthetic_digits import synthesize_digits, synthesize_negatives
from tenfold.training import train_digits as training_module
from tenfold.training.checkpoint import load_checkpoint
from tenfold.training.recipes import RECIPES, Recipe

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")
convnet = pytest.importorskip("tenfold.training.convnet", reason="torch, of the extra [train], is not installed")
trainer = pytest.importorskip("tenfold.training.trainer")
onnx = pytest.importorskip("onnx")
to_onnx = pytest.importorskip(
    "tenfold.training.onnx_export", reason="onnx, of the extra [train], is not installed"
).to_onnx

TINY = Recipe(
    layers=((8, 5, 2, 0), (8, 4, 2, 1)),
    epochs=2,
    batch=64,
    augmentation=(0.5, 0),
    synthetic_fraction=0.3,
    copies=1,
    negative_fraction=0.1,
)


def trained(mnist: Mnist, updates: int = 10**9, resume: object = None, seed: int = 0) -> Any:
    (images, labels), _ = mnist
    copies = images[None, 1000:2000]
    training = convnet.Training(TINY, images[:1000], labels[:1000], copies, images[2000:2200], seed)
    if resume is not None:
        training.load_state_dict(resume)
    training.run(updates)
    return training


def test_onnx_gives_the_logits_of_torch_to_the_precision_of_float16(mnist: Mnist) -> None:
    _, (images, _) = mnist
    training = trained(mnist)
    expected = convnet.logits(training.network(), images[:600])
    net = OnnxClassifier(to_onnx(training.network()))
    np.testing.assert_allclose(net.scores(images[:600]), expected[:, :10], atol=5e-3)
    halved = OnnxClassifier(to_onnx(training.network(), temperature=2.0))
    np.testing.assert_allclose(halved.scores(images[:600]), expected[:, :10] / 2, atol=5e-3)


def test_a_convolution_over_the_whole_image_equals_its_matrix_product(mnist: Mnist) -> None:
    _, (images, _) = mnist
    network = convnet.build((*TINY.layers, (16, 6, 1, 0)))
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(generator=torch.Generator().manual_seed(1))
    model = to_onnx(network.eval())
    assert [node.op_type for node in onnx.load_from_string(model).graph.node].count("Gemm") == 2
    expected = convnet.logits(network, images[:50])
    np.testing.assert_allclose(OnnxClassifier(model).scores(images[:50]), expected, atol=2e-3 * np.abs(expected).max())


def test_missing_probability_is_that_of_the_eleventh_class(mnist: Mnist) -> None:
    _, (images, _) = mnist
    training = trained(mnist)
    probabilities = torch.softmax(torch.from_numpy(convnet.logits(training.network(), images[:100])), 1).numpy()
    net = OnnxClassifier(to_onnx(training.network()))
    assert net.rejects
    np.testing.assert_allclose(net.probabilities(images[:100]), probabilities[:, :10], atol=2e-3)
    assert probabilities[:, 10].max() > 0.01


def test_a_network_with_ten_classes_rejects_nothing(mnist: Mnist) -> None:
    _, (images, _) = mnist
    net = OnnxClassifier(to_onnx(convnet.build(TINY.layers).eval()))
    assert not net.rejects
    np.testing.assert_allclose(net.probabilities(images[:9]).sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("stop", [1, 7, 15, 22])
def test_an_interrupted_and_resumed_run_ends_with_the_same_weights(mnist: Mnist, stop: int) -> None:
    uninterrupted = trained(mnist).state_dict()
    resumed = trained(mnist, resume=trained(mnist, stop).state_dict()).state_dict()
    assert int(resumed["done"]) == int(uninterrupted["done"]) == 30
    for name, array in uninterrupted.items():
        assert np.array_equal(array, resumed[name]), name


@pytest.mark.parametrize("shape", [(16, 36), (64, 576), (40, 9)])
def test_muon_steps_nearly_along_the_orthogonal_factor(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(0).normal(size=shape)
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    found = trainer._orthogonal(torch.from_numpy(matrix)).numpy()
    assert (found * (left @ right)).sum() / np.linalg.norm(found) / np.linalg.norm(left @ right) > 0.95
    sizes = np.linalg.svd(found, compute_uv=False)
    assert 0.4 < sizes.min() < sizes.max() < 1.3


def test_the_fastest_recipe_reads_99_percent_of_the_validation_set(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    training = convnet.Training(RECIPES["2s"], images[:-5000], labels[:-5000], None, None, seed=0)
    training.run(training.total)
    found = convnet.logits(training.network(), images[-5000:]).argmax(axis=1)
    assert (found == labels[-5000:]).mean() > 0.988


def test_bfloat16_is_used_if_the_processor_has_it_and_hardly_changes_an_update(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = {}
    for has in (False, True):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda has=has: {"avx512_bf16": has})
        training = trained(mnist, updates=3)
        weights[has] = training.state_dict()["network.3.weight"]
        assert training._logits(torch.zeros(2, 1, 28, 28)).dtype == torch.float32
    assert not np.array_equal(weights[False], weights[True])
    np.testing.assert_allclose(weights[False], weights[True], atol=0.05)


def test_the_seed_decides_the_weights(mnist: Mnist) -> None:
    one, same, other = (trained(mnist, 3, seed=seed).state_dict()["network.0.weight"] for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_training_saves_a_folder_that_loads_with_a_correct_card(
    mnist: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "tiny", Recipe(layers=((8, 5, 2, 0), (16, 3, 2, 0)), epochs=0.5))
    monkeypatch.setattr(training_module, "CHECKPOINT_SECONDS", 0)
    reports: list[tuple[str, int, int]] = []
    data = training_module.examples("tiny")
    run = training_module.train_digits(data, out=tmp_path / "net", callback=lambda *report: reports.append(report))
    assert reports[-1][1] == reports[-1][2] == run.updates
    assert (tmp_path / "net" / "checkpoint.npz").exists()  # until the network is saved
    run.save(tmp_path / "net")
    assert not (tmp_path / "net" / "checkpoint.npz").exists()
    net = tenfold.load_network(tmp_path / "net")
    card = json.loads((tmp_path / "net" / "card.json").read_text())
    _, (images, labels) = mnist
    assert net.score(images, labels) == card["test_accuracy"] > 0.5
    assert net.parameters == card["parameters"]
    assert card["seed"] == 0


def test_a_resumed_run_continues_from_its_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES, "tiny", Recipe(layers=((4, 5, 4, 0), (4, 3, 2, 0)), epochs=0.05))
    monkeypatch.setattr(training_module, "CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(training_module, "UPDATES", 1)
    data, reports = training_module.examples("tiny"), []

    def interrupt(what: str, done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    assert not training_module.train_digits(data, out=tmp_path, callback=interrupt).complete
    run = training_module.train_digits(
        data, out=tmp_path, resume=True, callback=lambda *report: reports.append(report[1])
    )
    assert run.complete
    assert reports == list(range(4, run.updates + 1))


QUICK = """
import sys
from tenfold import __main__
from tenfold.training import recipes, train_digits
train_digits.CHECKPOINT_SECONDS, train_digits.UPDATES = 0, 1
recipes.RECIPES["quick"] = recipes.Recipe(layers=((4, 5, 4, 0), (4, 3, 2, 0)), epochs=8, augmentation=(0.3, 0))
__main__.main()
"""


def test_the_command_line_resumes_a_killed_run_and_ends_with_the_same_network(mnist: Mnist, tmp_path: Path) -> None:
    (images, labels), (x_test, y_test) = mnist
    np.savez(
        tmp_path / "mnist.npz", x_train=images[:6000], y_train=labels[:6000], x_test=x_test[:500], y_test=y_test[:500]
    )
    command = [sys.executable, "-c", QUICK, "train", "digits", "--budget", "quick", "--data", str(tmp_path), "--out"]
    interrupted, uninterrupted = tmp_path / "interrupted", tmp_path / "uninterrupted"
    with subprocess.Popen(
        [*command, str(interrupted)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while not (interrupted / "checkpoint.npz").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert not (interrupted / "model.onnx").exists()
    resumed = subprocess.run([*command, str(interrupted), "--resume"], capture_output=True, text=True, check=True)
    assert "updates" in resumed.stdout
    subprocess.run([*command, str(uninterrupted)], capture_output=True, check=True)
    assert (interrupted / "model.onnx").read_bytes() == (uninterrupted / "model.onnx").read_bytes()
    assert not list(interrupted.glob("*.npz"))


def test_a_damaged_checkpoint_and_one_of_another_run_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.npz").write_bytes(b"junk")
    with pytest.raises(tenfold.NetworkError, match="is damaged"):
        load_checkpoint(tmp_path / "checkpoint.npz", "x")
    np.savez(tmp_path / "checkpoint.npz", identity=np.str_("y"))
    with pytest.raises(tenfold.NetworkError, match="belongs to another run"):
        load_checkpoint(tmp_path / "checkpoint.npz", "x")


def test_synthetic_digits_depend_only_on_the_seed(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels = (part[:60] for part in mnist[0])
    monkeypatch.setattr("tenfold.synthesis.synthetic_digits.BLOCK_SIZE", 20)
    one = synthesize_digits(images, labels, 2, seed=3)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert np.array_equal(one, synthesize_digits(images, labels, 2, seed=3))
    assert not np.array_equal(one[0], one[1])
    other = synthesize_digits(images, labels, 1, seed=4)
    assert not np.array_equal(one[0], other[0])


@pytest.mark.skipif(
    not Path(f"/proc/self/task/{os.getpid()}/children").exists(),
    reason="only Linux lists the children of a process",
)
def test_a_killed_synthesis_leaves_no_processes_behind() -> None:
    code = """
import numpy as np
from tenfold.synthesis.synthetic_digits import synthesize_digits

if __name__ == "__main__":
    images, labels = np.full((60_000, 28, 28), 9, np.uint8), np.zeros(60_000, np.uint8)
    synthesize_digits(images, labels, 1, 0, lambda done, total: print(done, flush=True))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert children
        process.kill()
    deadline = time.monotonic() + 120
    while any(map(runs, children)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [child for child in children if runs(child)]


def runs(process: str) -> bool:
    """True if a process exists and is not a zombie, which has ended but waits for its parent."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_synthetic_negatives_depend_only_on_the_seed(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels = (part[:60] for part in mnist[0])
    monkeypatch.setattr("tenfold.synthesis.synthetic_digits.BLOCK_SIZE", 20)
    one = synthesize_negatives(images, labels, 60, seed=3)
    assert one.shape == (60, 28, 28)
    assert one.any(axis=(1, 2)).all()
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert np.array_equal(one, synthesize_negatives(images, labels, 60, seed=3))


def test_onnx_files_that_are_not_digit_networks_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(tenfold.NetworkError, match="the ONNX file cannot be used"):
        OnnxClassifier(b"junk")
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "other", [value], [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    with pytest.raises(tenfold.NetworkError, match=r"must have the inputs .*'images'"):
        OnnxClassifier(model.SerializeToString())
