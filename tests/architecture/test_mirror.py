"""The unit tests mirror the package: one finds the tests of a module by its path."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.project import ROOT

UNIT = ROOT / "tests" / "unit"
TEST_FILES = sorted(UNIT.rglob("*.py"))


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: str(path.relative_to(UNIT)))
def test_every_unit_test_file_is_named_after_a_module(path: Path) -> None:
    module = path.relative_to(UNIT).with_name(path.name.removeprefix("test_"))
    assert path.name.startswith("test_")
    assert (ROOT / "src" / "tenfold" / module).is_file()


def test_no_test_file_is_longer_than_300_lines() -> None:
    lengths = {path.name: path.read_text().count("\n") for path in (ROOT / "tests").rglob("*.py")}
    assert {name: lines for name, lines in lengths.items() if lines > 300} == {}
