"""Arguments of wrong types and extreme values; each case once raised something other than one TenfoldError."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tenfold
from helpers.pictures import SEVEN


@pytest.mark.parametrize("alpha", ["1e-7", None, [1], 10**400])
def test_alpha_of_a_wrong_type_is_one_error(alpha: object) -> None:
    with pytest.raises(tenfold.NetworkError, match="alpha is"):
        tenfold.OneLayerNet(alpha)  # type: ignore[arg-type]


@pytest.mark.parametrize("weights", ["x", [[1], [1, 2]], object(), np.zeros((10, 784), complex)])
def test_weights_of_a_wrong_type_are_one_error(weights: object) -> None:
    with pytest.raises(tenfold.NetworkError, match="weights"):
        tenfold.OneLayerNet(weights=weights)  # type: ignore[arg-type]


@pytest.mark.parametrize("epochs", ["5", None, 1.0, np.float64(2), -1])
def test_epochs_of_a_wrong_kind_are_one_error(epochs: object) -> None:
    with pytest.raises(tenfold.DataError, match="epochs is"):
        tenfold.OneLayerNet().fit(np.zeros((1, 784), np.uint8), [0], epochs)  # type: ignore[arg-type]


def test_epochs_may_be_numpys_small_integers_and_images_none() -> None:
    heard: list[tuple[int, int]] = []
    net = tenfold.OneLayerNet(1e-9)
    net.fit(np.ones((20, 784), np.uint8), [0] * 20, np.int8(100), lambda *count: heard.append(count))  # type: ignore[arg-type]
    assert heard[-1] == (2000, 2000)
    net.fit(np.zeros((0, 784), np.uint8), [], 10**9)


@pytest.mark.parametrize("path", [5, b"x", [], "a\0b", "n" * 5000])
def test_paths_of_any_kind_are_one_error(path: object) -> None:
    with pytest.raises(tenfold.DataError):
        tenfold.load_data(path)  # type: ignore[arg-type]
    with pytest.raises(tenfold.NetworkError):
        tenfold.load_network(path)  # type: ignore[arg-type]


def test_weights_too_large_for_finite_scores_are_one_error() -> None:
    net = tenfold.OneLayerNet(weights=np.full((10, 784), 1e308))
    with pytest.raises(tenfold.NetworkError, match="too large"):
        tenfold.Reader(net).read(SEVEN)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_must_be_above_zero(temperature: float) -> None:
    with pytest.raises(tenfold.NetworkError, match="the temperature is"):
        tenfold.OneLayerNet().temperature = temperature


def test_a_reader_wants_a_network() -> None:
    with pytest.raises(tenfold.NetworkError, match="a NoneType is not a network"):
        tenfold.Reader(None)  # type: ignore[arg-type]


def test_a_path_is_always_a_folder_even_with_a_packaged_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tenfold.NetworkError, match="no network 'article'"):
        tenfold.load_network(Path("article"))
    tenfold.OneLayerNet(alpha=0.5).save("article")
    for name in (Path("article"), "./article"):
        net = tenfold.load_network(name)
        assert isinstance(net, tenfold.OneLayerNet)
        assert net.alpha == 0.5
