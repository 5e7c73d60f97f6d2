from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold


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
