"""The field's words: private words may not come back into identifiers, nor Germanisms into texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.project import ROOT

SOURCES = sorted((ROOT / "src" / "tenfold").rglob("*.py"))
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
WORDS = {"look", "looks", "looked", "others", "lying", "alone", "asked", "swollen", "mended", "longhand", "rewritten"}
PHRASES = (
    r"(?<!here) is no (?!longer)|(?<!here) are no (?!longer)|what is no |kept aside|looked at again|"
    r"spoke for|speaks? against"
)
STORY = "of a size that does best on images kept aside."  # the idea of a rung, in the words of the story
GENERATED = {"story.md"}  # its text is checked word by word against what is computed


def identifiers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name


def words(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_identifiers_use_the_fields_words(path: Path) -> None:
    found = {name for name in identifiers(ast.parse(path.read_text())) if words(name) & WORDS}
    assert found == set()


@pytest.mark.parametrize("path", [*SOURCES, *TEXTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_texts_are_plain_english(path: Path) -> None:
    if path.name in GENERATED or path.parent.name in {"decisions", "experiments"}:
        pytest.skip("records keep the words of their time")
    text = path.read_text().replace(STORY, "")
    lines = [f"{i}: {line.strip()}" for i, line in enumerate(text.splitlines(), 1) if re.search(PHRASES, line)]
    assert lines == []


def test_the_check_would_notice() -> None:
    assert words("look_at") & WORDS
    assert words("ReaderLooks") & WORDS
    assert re.search(PHRASES, "it is no picture")
    assert not re.search(PHRASES, "it is no longer a picture")
