from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tenfold
from helpers.project import Mnist
from reference import plain_python
from tenfold.arrays import checked_images
from tenfold.networks import jit, onelayer, sparse_pixels

WITHOUT_NUMBA = """
import hashlib, logging, sys
sys.modules["numba"] = None
logging.basicConfig(format="%(message)s", level=logging.INFO)
import tenfold
(images, labels), (x_test, y_test) = tenfold.load_data()
net = tenfold.OneLayerNet().fit(images[:1000], labels[:1000], 5)
print(hashlib.sha256(net.weights.tobytes()).hexdigest(), net.score(x_test, y_test))
"""


@pytest.fixture
def without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (jit, onelayer, sparse_pixels):
        monkeypatch.setattr(module, "numba_is_installed", lambda: False)


def test_without_numba_the_article_network_has_the_same_bits_and_the_log_says_how_to_be_faster() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMBA], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.split() == ["c3c091c810be2ddeeb9b866885c435c64032fd5d2cd2ec3870292c0541af7283", "0.7447"]
    assert done.stderr == "numba is not installed, so training is slow: pip install numba\n"


def test_numpy_gives_the_bits_of_plain_python(mnist: Mnist, without_numba: None) -> None:
    (images, labels), _ = mnist
    net = tenfold.OneLayerNet().fit(images[:10], labels[:10], 2)
    rows = plain_python.start()
    plain_python.fit(rows, images[:10].reshape(10, 784).tolist(), labels[:10].tolist(), 2, 1e-7)
    assert net.weights.tobytes() == np.array(rows).tobytes()
    expected = [plain_python.scores(rows, image) for image in images[:5].reshape(5, 784).tolist()]
    assert net.scores(images[:5]).tobytes() == np.array(expected).tobytes()


def test_numpy_finds_the_same_nonzero_pixels_as_the_compiled_loop(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = checked_images(np.concatenate([mnist[0][0][:50], np.zeros((2, 28, 28), np.uint8)]))
    compiled = sparse_pixels.sparse_pixels(images)
    monkeypatch.setattr(sparse_pixels, "numba_is_installed", lambda: False)
    with_numpy = sparse_pixels.sparse_pixels(images)
    assert np.array_equal(compiled.starts, with_numpy.starts)
    assert np.array_equal(compiled.pixels[:-1], with_numpy.pixels[:-1])
    assert np.array_equal(compiled.values[:-1], with_numpy.values[:-1])
    assert compiled.pixels.dtype == with_numpy.pixels.dtype


def test_blank_images_score_zero_without_a_sign(without_numba: None) -> None:
    scores = tenfold.OneLayerNet(weights=np.full((10, 784), -1.0)).scores(np.zeros((3, 784), np.uint8))
    assert scores.tobytes() == np.zeros((3, 10)).tobytes()


def test_compiling_leaves_numbas_settings_as_they_were() -> None:
    import numba

    tenfold.OneLayerNet().fit(np.ones((20, 784), np.uint8), [3] * 20, 1)
    assert numba.config.SLP_VECTORIZE == 0


def train(cache: Path) -> subprocess.CompletedProcess[str]:
    """`tenfold train article` with a folder for compiled code."""
    command = [sys.executable, "-m", "tenfold", "train", "article"]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=300)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled code of one training."""
    folder = tmp_path_factory.mktemp("cache")
    assert "compiling update" in train(folder).stderr
    return folder


def test_compiling_for_the_first_time_says_so_once(cache: Path) -> None:
    assert "compiling" not in train(cache).stderr


def test_a_damaged_cache_of_compiled_code_only_costs_time(cache: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(cache, tmp_path / "cache")
    for file in damaged.rglob("*.nb*"):
        file.write_bytes(b"junk")
    done = train(damaged)
    assert "compiling update" in done.stderr
    assert "74.47 %" in done.stdout
