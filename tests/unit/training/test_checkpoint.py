from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tenfold
from tenfold.training.checkpoint import load_checkpoint


def test_a_damaged_checkpoint_and_one_of_another_run_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.npz").write_bytes(b"junk")
    with pytest.raises(tenfold.NetworkError, match="is damaged"):
        load_checkpoint(tmp_path / "checkpoint.npz", "x")
    np.savez(tmp_path / "checkpoint.npz", identity=np.str_("y"))
    with pytest.raises(tenfold.NetworkError, match="belongs to another run"):
        load_checkpoint(tmp_path / "checkpoint.npz", "x")
