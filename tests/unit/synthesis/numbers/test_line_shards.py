from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tenfold
from helpers.line_sets import SOURCE, lines_of
from helpers.one_process import one_process
from tenfold.synthesis.numbers import line_shards, synthetic_lines
from tenfold.synthesis.numbers.line_shards import packed, stored_lines


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (line_shards, synthetic_lines):
        monkeypatch.setattr(module, "BLOCK_SIZE", 3)
    monkeypatch.setattr(line_shards, "SHARD_BLOCKS", 2)


def test_lines_come_back_as_they_were_packed() -> None:
    lines = [*lines_of(20), lines_of(20)[0]._replace(centers=[], digits_only=True)]
    for before, after in zip(lines, packed(lines).lines(), strict=True):
        assert np.array_equal(before.image, after.image)
        assert (before.text, before.digits_only) == (after.text, after.digits_only)
        assert after.centers == pytest.approx(before.centers, abs=1e-3)


def test_an_interrupted_call_goes_on_and_ends_with_the_same_lines(tmp_path: Path) -> None:
    with one_process():
        whole = stored_lines(tmp_path / "whole", SOURCE, 10, 3)
        stored_lines(tmp_path / "part", SOURCE, 6, 3)
        stamp = (tmp_path / "part" / "lines-3-0.npz").stat().st_mtime_ns
        resumed = stored_lines(tmp_path / "part", SOURCE, 10, 3)
    assert (tmp_path / "part" / "lines-3-0.npz").stat().st_mtime_ns == stamp
    assert len(whole) == 12  # whole blocks
    for one, other in zip(whole, resumed, strict=True):
        assert one.text == other.text
        assert np.array_equal(one.image, other.image)


def test_shards_of_other_lines_and_damaged_ones_are_refused(tmp_path: Path) -> None:
    with one_process():
        stored_lines(tmp_path, SOURCE, 6, 3)
        with pytest.raises(tenfold.DataError, match="holds other lines"):
            stored_lines(tmp_path, SOURCE._replace(digits=(0, 2000)), 6, 3)
        (tmp_path / "lines-3-0.npz").write_bytes(b"junk")
        with pytest.raises(tenfold.DataError, match="is damaged"):
            stored_lines(tmp_path, SOURCE, 6, 3)
