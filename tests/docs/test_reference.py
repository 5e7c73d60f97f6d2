"""The reference is complete and up to date: pages that are generated, and names that must occur in them."""

from __future__ import annotations

import re

import pytest

import build_reference
import tenfold
from helpers.project import ROOT, Run

REFERENCE = ROOT / "docs" / "reference"
PAGES = "\n".join(path.read_text() for path in REFERENCE.glob("*.md"))


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    return build_reference.pages()


@pytest.mark.parametrize("name", ["cli.md", "python.md", "http.md"])
def test_a_generated_page_is_up_to_date(generated: dict[str, str], name: str) -> None:
    assert (REFERENCE / name).read_text() == generated[name], "run make docs"


def test_a_changed_help_text_would_make_a_page_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_reference, "COMMANDS", ["read"])
    assert build_reference.cli_page() != (REFERENCE / "cli.md").read_text()


def test_every_public_name_has_a_heading() -> None:
    headings = re.findall(r"^## (\w+)$", (REFERENCE / "python.md").read_text(), re.M)
    assert sorted(headings) == sorted(tenfold.__all__)


def test_every_error_class_is_explained() -> None:
    errors = (REFERENCE / "errors.md").read_text()
    for name in tenfold.__all__:
        if name.endswith("Error"):
            assert f"`{name}`" in errors


@pytest.mark.parametrize("command", build_reference.COMMANDS)
def test_every_option_of_a_command_is_in_the_reference(run_here: Run, command: str) -> None:
    shown = run_here(*command.split(), "--help").stdout
    page = (REFERENCE / "cli.md").read_text()
    section = page.split(f"## tenfold {command}".rstrip() + "\n")[1].split("\n## ")[0]
    assert set(re.findall(r"--[a-z-]+", shown)) <= set(re.findall(r"--[a-z-]+", section))


def test_every_route_of_the_server_is_in_the_reference() -> None:
    from fastapi.routing import APIRoute

    from tenfold.server.app import create_app

    page = (REFERENCE / "http.md").read_text()
    for route in create_app(tenfold.Reader()).routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                assert f"## {method} {route.path}\n" in page


def test_the_readme_fits_on_130_lines_and_says_what_a_newcomer_needs() -> None:
    text = (ROOT / "README.md").read_text()
    assert text.count("\n") <= 130
    for needed in ("article", "git clone", "3.11, 3.12 or 3.13", "Linux", "Nothing leaves your machine", "make demo"):
        assert needed in text
