"""Hooks of the documentation site: add the pictures of the story, which are part of the server's page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

PICTURES = Path(__file__).parents[1] / "src" / "tenfold" / "server" / "static" / "lab" / "story"
LINK = "../src/tenfold/server/static/lab/story/"


def on_files(files: Files, config: Any) -> Files:
    """Add the pictures to the files of the site."""
    for path in [*PICTURES.glob("*.svg"), *PICTURES.glob("*.png")]:
        files.append(File.generated(config, f"images/story/{path.name}", abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Link the story to the added pictures."""
    return markdown.replace(LINK, "images/story/")
