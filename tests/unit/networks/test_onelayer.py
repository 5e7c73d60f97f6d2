from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

import tenfold
from helpers.project import Mnist
from reference import plain_python
from tenfold.networks.onelayer import CHUNK


def sha256(net: tenfold.OneLayerNet) -> str:
    return hashlib.sha256(net.weights.astype("<f8").tobytes()).hexdigest()


@pytest.mark.parametrize(
    ("images", "epochs", "expected", "accuracy", "of_first_100"),
    [
        (1, 5, "cd1b84117636b8e906a459734ac81861e0e75d20895ecd2b84075152de0d0629", None, None),
        (1000, 5, "c3c091c810be2ddeeb9b866885c435c64032fd5d2cd2ec3870292c0541af7283", 0.7447, 0.76),
        (1000, 45, "f8193dc44a2019901be8ddc5be81f975380e2a63221cfe0b0219414b4153059d", 0.7116, 0.77),
        (60000, 1, "292be22987cb03833dfff5e9bcbaafdd703809edee355f3955274b7865d3c839", 0.7592, None),
        (60000, 5, "12fd7d37cb77a2eb1958b79c6e3c24ce2feb26e287137862bfb30223b90b5664", 0.7607, None),
    ],
)
def test_weights_have_the_checksums_of_the_articles_program(
    mnist: Mnist, images: int, epochs: int, expected: str, accuracy: float | None, of_first_100: float | None
) -> None:
    (x_train, y_train), (x_test, y_test) = mnist
    net = tenfold.OneLayerNet(alpha=1e-7).fit(x_train[:images], y_train[:images], epochs=epochs)
    assert sha256(net) == expected
    if accuracy is not None:
        assert net.score(x_test, y_test) == accuracy
    if of_first_100 is not None:
        assert net.score(x_test[:100], y_test[:100]) == of_first_100


def test_the_first_image_gets_the_scores_that_the_articles_program_prints(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    net = tenfold.OneLayerNet().fit(images[:1], labels[:1], epochs=5)
    assert net.scores(images[:1])[0].tolist() == [
        0.0,
        0.03036370905054081,
        0.06072741810108162,
        0.09109112715162263,
        0.12145483620216324,
        1.1407872249800253,
        0.18218225430324525,
        0.21254596335378556,
        0.24290967240432648,
        0.2732733814548679,
    ]


PIXELS = arrays.arrays(np.uint8, st.tuples(st.integers(0, 3), st.just(784)), elements=st.integers(0, 255))
MOSTLY_PAPER = arrays.arrays(
    np.uint8, st.tuples(st.integers(1, 4), st.just(784)), elements=st.integers(0, 255), fill=st.just(0)
)


@given(
    images=PIXELS | MOSTLY_PAPER,
    seed=st.integers(0, 2**32 - 1),
    epochs=st.integers(0, 3),
    # 2 / (784 * 255**2) = 3.9e-8 is stable for every image; a few steps beyond it stay finite
    alpha=st.floats(-1e-6, 1e-6) | st.floats(0, 1e-3),
    random_start=st.booleans(),
)
def test_training_matches_the_plain_twin_bit_for_bit(
    images: NDArray[np.uint8], seed: int, epochs: int, alpha: float, random_start: bool
) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, len(images), dtype=np.uint8)
    weights = rng.normal(0, 0.1, (10, 784)).tolist() if random_start else plain_python.start()
    net = tenfold.OneLayerNet(alpha, weights).fit(images, labels, epochs)
    plain_python.fit(weights, images.tolist(), labels.tolist(), epochs, alpha)
    assert net.weights.tobytes() == np.array(weights).tobytes()
    assert net.scores(images).tolist() == [plain_python.scores(weights, image) for image in images.tolist()]


@given(
    count=st.integers(1, 40), pieces=st.lists(st.integers(0, 3), min_size=1, max_size=4), seed=st.integers(0, 2**32 - 1)
)
def test_several_calls_of_fit_with_save_and_load_between_equal_one(
    count: int, pieces: list[int], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    labels = rng.integers(0, 10, count, dtype=np.uint8)
    whole = tenfold.OneLayerNet(3e-9).fit(images, labels, sum(pieces))
    folder = tmp_path_factory.mktemp("net")
    net: object = tenfold.OneLayerNet(3e-9)
    for epochs in pieces:
        assert isinstance(net, tenfold.OneLayerNet)
        net.fit(images, labels, epochs).save(folder)
        net = tenfold.load_network(folder)
    assert isinstance(net, tenfold.OneLayerNet)
    assert net.weights.tobytes() == whole.weights.tobytes()


def test_chunks_of_images_do_not_show_in_the_weights(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    count = CHUNK + 7
    whole = tenfold.OneLayerNet().fit(images[:count], labels[:count], 1)
    in_two = tenfold.OneLayerNet().fit(images[:100], labels[:100], 1).fit(images[100:count], labels[100:count], 1)
    assert whole.weights.tobytes() == in_two.weights.tobytes()


def test_compiled_scores_equal_those_of_the_same_loops_run_by_python(mnist: Mnist) -> None:
    _, (images, _) = mnist
    net = tenfold.load_network("article")
    one_by_one = np.concatenate([net.scores(images[i : i + 1]) for i in range(40)])
    assert net.scores(images[:40]).tobytes() == one_by_one.tobytes()


def test_with_the_compiler_off_python_itself_gives_the_same_weights(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    program = (
        "import hashlib, tenfold; (x, y), _ = tenfold.load_data();"
        "net = tenfold.OneLayerNet().fit(x[:20], y[:20], 2);"
        "print(hashlib.sha256(net.weights.astype('<f8').tobytes()).hexdigest())"
    )
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.strip() == sha256(tenfold.OneLayerNet().fit(images[:20], labels[:20], 2))


@pytest.mark.skipif(platform.machine() != "x86_64", reason="looks for the names of x86-64 instructions")
def test_the_ten_sums_are_compiled_to_vector_instructions_without_fusing(tmp_path: Path) -> None:
    program = (
        "import numpy as np, tenfold; from tenfold.networks.onelayer import _update;"
        "tenfold.OneLayerNet().fit(np.ones((1, 784), np.uint8), [3], 1);"
        "print(*_update._function.inspect_asm().values())"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}  # numba keeps no assembly of code loaded from disk
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.count("addpd") > done.stdout.count("addsd")
    assert "fmadd" not in done.stdout
    assert "fmsub" not in done.stdout


def test_ties_go_to_the_smaller_digit() -> None:
    net = tenfold.OneLayerNet(weights=np.zeros((10, 784)))
    assert net.predict(np.ones((1, 28, 28), np.uint8)).tolist() == [0]


def test_fit_returns_the_network_and_continues_from_its_weights(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    net = tenfold.OneLayerNet()
    assert net.fit(images[:1], labels[:1], 2) is net
    net.fit(images[:1], labels[:1], 3)
    assert sha256(net) == "cd1b84117636b8e906a459734ac81861e0e75d20895ecd2b84075152de0d0629"


def test_divergence_names_alpha_and_the_limit_and_leaves_the_weights_alone(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    net = tenfold.OneLayerNet(alpha=1e-3)
    before = net.weights
    longest = int((images[:200].reshape(200, -1).astype(np.int64) ** 2).sum(axis=1).max())
    with pytest.raises(tenfold.DivergenceError) as raised:
        net.fit(images[:200], labels[:200], 5)
    assert "alpha 0.001" in str(raised.value)
    assert f"between 0 and {2 / longest:.3g}" in str(raised.value)
    assert np.array_equal(net.weights, before)


def test_an_interrupted_fit_keeps_the_updates_made_so_far(mnist: Mnist) -> None:
    (images, labels), _ = mnist

    def interrupt(done: int, _: int) -> None:
        if done == 2 * CHUNK:
            raise KeyboardInterrupt

    net = tenfold.OneLayerNet()
    with pytest.raises(KeyboardInterrupt):
        net.fit(images, labels, 1, callback=interrupt)
    expected = tenfold.OneLayerNet().fit(images[: 2 * CHUNK], labels[: 2 * CHUNK], 1)
    assert net.weights.tobytes() == expected.weights.tobytes()


def test_the_callback_counts_up_to_all_updates(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    heard: list[tuple[int, int]] = []
    tenfold.OneLayerNet().fit(
        images[: CHUNK + 1], labels[: CHUNK + 1], 2, callback=lambda done, total: heard.append((done, total))
    )
    total = 2 * (CHUNK + 1)
    assert heard == [(CHUNK, total), (CHUNK + 1, total), (2 * CHUNK + 1, total), (total, total)]


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 27, 28), np.uint8), [1, 2], r"images have shape \(2, 27, 28\).*\(n, 28, 28\)"),
        (np.zeros((2, 28, 28), np.uint8), [1], "2 images and 1 labels"),
        (
            np.full((1, 28, 28), 0.5) + 1,
            [1],
            "images run from 1.5 to 1.5 with fractions: give whole numbers 0..255, or",
        ),
        (np.full((1, 28, 28), 256), [1], "images run from 256 to 256"),
        (np.zeros((1, 28, 28), np.uint8), [10], "labels run from 10 to 10: they must lie within 0..9"),
        (np.zeros((1, 28, 28), np.uint8), [[1]], r"labels have shape \(1, 1\)"),
        ([[1], [1, 2]], [1], "images are not an array"),
        (["a"], [1], "images are <U1"),
    ],
)
def test_bad_images_and_labels_are_named(images: object, labels: object, message: str) -> None:
    with pytest.raises(tenfold.DataError, match=message):
        tenfold.OneLayerNet().fit(images, labels)  # type: ignore[arg-type]


@pytest.mark.parametrize("alpha", [float("nan"), float("inf"), -float("inf")])
def test_alpha_must_be_finite(alpha: float) -> None:
    with pytest.raises(tenfold.NetworkError, match="alpha is"):
        tenfold.OneLayerNet(alpha)


def test_starting_weights_must_be_finite_and_ten_rows() -> None:
    with pytest.raises(tenfold.NetworkError, match=r"shape \(784, 10\)"):
        tenfold.OneLayerNet(weights=np.zeros((784, 10)))
    with pytest.raises(tenfold.NetworkError, match="infinite"):
        tenfold.OneLayerNet(weights=np.full((10, 784), np.inf))


def test_the_packaged_network_is_what_its_card_says(mnist: Mnist) -> None:
    import json

    (images, labels), (x_test, y_test) = mnist
    card = json.loads((Path(tenfold.__file__).parent / "networks" / "pretrained" / "article" / "card.json").read_text())
    net = tenfold.OneLayerNet(card["alpha"]).fit(images[: card["images"]], labels[: card["images"]], card["epochs"])
    packaged = tenfold.load_network("article")
    assert isinstance(packaged, tenfold.OneLayerNet)
    assert packaged.weights.tobytes() == net.weights.tobytes()
    assert sha256(net) == card["weights_sha256"]
    assert packaged.score(x_test, y_test) == card["test_accuracy"]


def test_divergence_in_a_later_chunk_restores_the_weights_from_before() -> None:
    images = np.zeros((6000, 784), np.uint8)
    images[5500:] = 255
    net = tenfold.OneLayerNet(alpha=1e-3)
    before = net.weights
    with pytest.raises(tenfold.DivergenceError):
        net.fit(images, np.zeros(6000, np.uint8), 1)
    assert np.array_equal(net.weights, before)


def test_minus_zero_in_starting_weights_changes_no_bit() -> None:
    weights = np.full((10, 784), -0.0)
    image = np.zeros(784, np.uint8)
    image[5] = 9
    net = tenfold.OneLayerNet(-1e-3, weights).fit(image[None], [3], 2)
    rows = (weights + 0.0).tolist()
    plain_python.fit(rows, [image.tolist()], [3], 2, -1e-3)
    assert net.weights.tobytes() == np.array(rows).tobytes()
