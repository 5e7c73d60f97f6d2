"""Pictures from hostile or unlucky users; each case once raised something other than one TenfoldError."""

from __future__ import annotations

import io

import numpy as np
import pytest

import tenfold
from helpers.pictures import SEVEN
from tenfold.io.image_files import MAX_BYTES


def closed() -> io.BytesIO:
    file = io.BytesIO(b"x")
    file.close()
    return file


class Raising:
    def read(self, _: int) -> bytes:
        raise ZeroDivisionError("odd")


@pytest.mark.parametrize("file", [closed(), Raising(), io.TextIOWrapper(io.BytesIO(b"\xff\xfe\xff"), "utf-8")])
def test_a_file_that_cannot_be_read_is_one_error_and_the_batch_goes_on(file: object) -> None:
    with pytest.raises(tenfold.PictureError, match="the open file cannot be read"):
        tenfold.read(file)  # type: ignore[arg-type]
    assert [r.digit for r in tenfold.Reader().read_many([file, SEVEN])] == [None, 7]  # type: ignore[list-item]


def test_a_file_that_hands_out_a_byte_at_a_time_is_read_whole() -> None:
    class Slow(io.BytesIO):
        def read(self, _: int | None = None) -> bytes:
            return super().read(100)

    assert tenfold.read(Slow(SEVEN.read_bytes())).digit == 7


def test_no_more_than_the_limit_is_asked_of_an_endless_file() -> None:
    asked = 0

    class Endless:
        def read(self, count: int) -> bytes:
            nonlocal asked
            asked += count
            return bytes(min(count, 1 << 20))

    with pytest.raises(tenfold.PictureError, match="over 64 MiB"):
        tenfold.read(Endless())  # type: ignore[arg-type]
    assert asked < 70 * MAX_BYTES


def test_a_memoryview_is_limited_by_its_bytes() -> None:
    with pytest.raises(tenfold.PictureError, match="over 64 MiB"):
        tenfold.read(memoryview(np.zeros(MAX_BYTES // 8 + 1)))  # type: ignore[arg-type]
