from __future__ import annotations

import io
import os
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold
from helpers.project import Mnist
from tenfold.io import atomic_write


def test_a_crash_while_saving_leaves_the_old_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tenfold.OneLayerNet(alpha=1.0).save(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(os, step, crash)
            tenfold.OneLayerNet(alpha=2.0).save(tmp_path)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_saved_files_have_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    atomic_write.write_whole(tmp_path / "file", b"x")
    (tmp_path / "other").touch()
    assert stat.S_IMODE(os.stat(tmp_path / "file").st_mode) == stat.S_IMODE(os.stat(tmp_path / "other").st_mode)


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(tenfold.OutputError, match="cannot be written"):
        atomic_write.write_whole(tmp_path / "no" / "file", b"x")
    (tmp_path / "file").touch()
    with pytest.raises(tenfold.OutputError, match="cannot be made"):
        tenfold.OneLayerNet().save(tmp_path / "file" / "net")


def test_the_same_network_is_saved_as_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        tenfold.OneLayerNet().save(tmp_path / name)
    assert (tmp_path / "a" / "weights.npz").read_bytes() == (tmp_path / "b" / "weights.npz").read_bytes()


def test_what_is_saved_last_is_what_a_folder_holds(tmp_path: Path) -> None:
    digits = tenfold.load_network("digits")
    for net in (digits, tenfold.OneLayerNet(), digits):
        net.save(tmp_path)
        assert type(tenfold.load_network(tmp_path)) is type(net)
    (tmp_path / "weights.npz").mkdir()
    with pytest.raises(tenfold.OutputError, match=r"weights\.npz' cannot be removed"):
        digits.save(tmp_path)


@pytest.mark.parametrize(
    "card", ["{}", "[1]", '{"parameters": "abc"}', '{"parameters": 1e999}', '{"parameters": null}']
)
def test_a_network_is_read_whatever_its_card_says(tmp_path: Path, card: str) -> None:
    tenfold.load_network("digits").save(tmp_path)
    (tmp_path / "card.json").write_text(card)
    assert tenfold.load_network(tmp_path).parameters == 0
    (tmp_path / "card.json").write_text("[" * 100_000)
    with pytest.raises(tenfold.NetworkError, match=r"card\.json"):
        tenfold.load_network(tmp_path)


def test_a_network_in_an_onnx_file_divides_by_its_temperature(mnist: Mnist) -> None:
    _, (images, _) = mnist
    net = tenfold.load_network("digits")
    before = net.probabilities(images[:20])
    net.temperature = 5.0
    assert (net.probabilities(images[:20]).max(axis=1) < before.max(axis=1)).all()


def test_temperature_and_alpha_survive_saving(tmp_path: Path) -> None:
    net = tenfold.OneLayerNet(alpha=0.1)
    net.temperature = 0.25
    net.save(tmp_path)
    again = tenfold.load_network(tmp_path)
    assert isinstance(again, tenfold.OneLayerNet)
    assert (again.alpha, again.temperature) == (0.1, 0.25)


def test_an_unknown_network_is_named_with_those_there_are() -> None:
    with pytest.raises(tenfold.NetworkError, match=r"no network 'nowhere'.*article"):
        tenfold.load_network("nowhere")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"text"])
def test_damaged_weights_are_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "weights.npz").write_bytes(data)
    with pytest.raises(tenfold.NetworkError, match="is not the file of a network"):
        tenfold.load_network(tmp_path)
    (tmp_path / "weights.npz").unlink()
    with pytest.raises(tenfold.NetworkError, match="cannot be opened"):
        tenfold.load_network(tmp_path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weights": np.zeros((10, 783))}, r"must be float64 of shape \(10, 784\)"),
        ({"weights": np.zeros((10, 784), np.float32)}, "float32"),
        ({"weights": np.full((10, 784), np.nan)}, "not a number"),
        ({"weights": np.array([{}], object)}, "only plain numbers"),
        ({"alpha": np.float64("nan")}, "'alpha'.*not a number"),
        ({"temperature": np.float64(0)}, "temperature is 0.0"),
        ({"kind": np.str_("other")}, "kind 'other'"),
        ({"weights": None}, "no array 'weights'"),
    ],
)
def test_each_lie_in_a_weights_file_is_named(tmp_path: Path, changed: dict[str, object], message: str) -> None:
    arrays = {
        "weights": np.zeros((10, 784)),
        "alpha": np.float64(1),
        "temperature": np.float64(1),
        "kind": np.str_("onelayer"),
    } | changed
    np.savez(tmp_path / "weights.npz", **{name: array for name, array in arrays.items() if array is not None})  # type: ignore[arg-type]
    with pytest.raises(tenfold.NetworkError, match=message):
        tenfold.load_network(tmp_path)


@given(position=st.integers(0, 60_000), value=st.integers(0, 255))
def test_any_changed_byte_in_a_weights_file_is_a_network_or_one_error(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int
) -> None:
    folder = tmp_path_factory.mktemp("net")
    tenfold.OneLayerNet().save(folder)
    data = bytearray((folder / "weights.npz").read_bytes())
    data[position % len(data)] = value
    (folder / "weights.npz").write_bytes(data)
    try:
        tenfold.load_network(folder)
    except tenfold.NetworkError:
        pass


def test_an_array_header_that_asks_for_terabytes_takes_no_memory(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (2**40, 784)})
    with zipfile.ZipFile(tmp_path / "weights.npz", "w") as archive:
        archive.writestr("kind.npy", header.getvalue())
    with pytest.raises(tenfold.NetworkError, match="the limit is 67,108,864 bytes"):
        tenfold.load_network(tmp_path)
