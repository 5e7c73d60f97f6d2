from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from helpers.project import ROOT, SAMPLES, Run

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN_URL = "http://127.0.0.1:8000"
FOR_SHELLS = set("|<>&;*?$`(){}[]~\\")  # a command without these needs no shell
TARGETS = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.M)


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.M | re.S)


def steps(block: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output shown."""
    found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M)
    return [(command, output) for command, output in found]


def timeless(output: str) -> str:
    return re.sub(r"in [\d.]+ s", "in ? s", output)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLES, tmp_path / "samples")
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("*.sqlite"))
    shutil.copy(ROOT / "README.md", tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_shown_runs_and_prints_what_is_shown(page: Path, place: Path, server: str, run_here: Run) -> None:
    tenfold = f"{shlex.quote(sys.executable)} -m tenfold"
    for block in blocks(page, "console"):
        for command, shown in steps(block):
            assert command.startswith(("tenfold ", "curl ")), f"{command!r} is not tested"
            if command.startswith("curl ") and shutil.which("curl") is None:
                pytest.skip(f"curl is not installed, so this and what follows was not tested: {command}")
            if command.startswith("tenfold ") and not set(command) & FOR_SHELLS:
                done = run_here(*shlex.split(command)[1:])
            else:
                line = re.sub("^tenfold", tenfold, command).replace(SHOWN_URL, server)
                done = subprocess.run(
                    line,
                    shell=True,
                    cwd=place,
                    capture_output=True,
                    text=True,
                    timeout=300,
                    env=os.environ,
                    check=False,
                )
            assert done.returncode == 0, f"{command}: {done.stderr}"
            if shown:
                assert timeless(done.stdout) == timeless(shown), command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_python_example_runs_and_prints_what_its_comments_say(
    page: Path, place: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    for block in blocks(page, "python"):
        shown = re.findall(r"^print\(.*\)  # (.*)$", block, re.M)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            ours = block.replace(SHOWN_URL, server).replace(urlsplit(SHOWN_URL).netloc, urlsplit(server).netloc)
            exec(compile(ours, page.name, "exec"), {})
        assert printed.getvalue().splitlines() == shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_and_file_that_is_named_exists(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\bmake ([a-z]+)\b", re.sub(r"``.*?``", "", text)):
        if f"`make {target}`" in text or f"    make {target}" in text:
            assert target in TARGETS
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (page.parent / link).exists(), link


def test_the_architecture_page_names_every_module_and_nothing_else() -> None:
    tree = (ROOT / "docs" / "development" / "architecture.md").read_text().split("```")[1]
    named = set(re.findall(r"^  +(\w+\.py) ", tree, re.M))
    found = {path.name for path in (ROOT / "src" / "tenfold").rglob("*.py") if path.stat().st_size}
    assert named == found
