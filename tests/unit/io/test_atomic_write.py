from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

import tenfold
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
