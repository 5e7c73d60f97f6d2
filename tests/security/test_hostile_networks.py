"""Network folders that were damaged or made to do harm; each case once raised something other than one TenfoldError."""

from __future__ import annotations

import bz2
import io
import json
import os
import zipfile
from pathlib import Path

import pytest

import tenfold
from tenfold.io.atomic_write import write_whole


def test_facts_that_are_no_json_are_one_error_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(tenfold.OutputError, match="card cannot be written"):
        tenfold.OneLayerNet().save(tmp_path / "net", fact=object())
    assert not (tmp_path / "net" / "weights.npz").exists()


def test_facts_cannot_hide_what_a_network_is(tmp_path: Path) -> None:
    tenfold.OneLayerNet().save(tmp_path, kind="other", note="mine")
    card = json.loads((tmp_path / "card.json").read_text())
    assert (card["kind"], card["note"]) == ("onelayer", "mine")
    assert '- note: "mine"' in (tmp_path / "README.md").read_text()


def member(data: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("kind.npy", data)
    return buffer.getvalue()


def npy(header: bytes, data: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data


@pytest.mark.parametrize(
    "data",
    [
        member(npy(b"(((")),
        member(npy(b"{b'descr': '<f8'}")),
        member(npy(b"{[]: 1}")),
        member(b"\x93NUMPY\x02\x00" + (500_000_000).to_bytes(4, "little")),
        member(npy(b"{'descr': '<U1', 'fortran_order': False, 'shape': (), }\n", b"\xff\xff\xff\xff")),
        member(b"x" * 100, zipfile.ZIP_LZMA),
        member(bz2.compress(b"x"), zipfile.ZIP_BZIP2),
    ],
)
def test_each_hostile_npz_is_one_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "weights.npz").write_bytes(data)
    with pytest.raises(tenfold.NetworkError) as raised:
        tenfold.load_network(tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "weights.npz")
    with pytest.raises(tenfold.NetworkError, match="there is no such file"):
        tenfold.load_network(tmp_path)
    with pytest.raises(tenfold.OutputError, match="not an ordinary file"):
        write_whole(tmp_path / "weights.npz", b"x")
