from __future__ import annotations

import json
import re

import cv2
import nbformat
import numpy as np
import pytest

import build_story
import tenfold
from tenfold.lab.ladder import RUNGS
from tenfold.lab.training_run import Settings, train


@pytest.fixture(scope="module")
def measured() -> build_story.Measured:
    """What `make story` measured; the ladder's figures are compared with a ladder climbed anew in test_ladder."""
    found: build_story.Measured = json.loads(build_story.MEASURED.read_text())
    return found


@pytest.fixture(scope="module")
def facts(measured: build_story.Measured) -> build_story.Facts:
    return build_story.facts(measured)


def test_the_story_holds_the_numbers_that_are_computed_now(facts: build_story.Facts) -> None:
    text = build_story.story(facts)
    assert text.splitlines() == (build_story.DOCS / "story.md").read_text().splitlines()
    assert "74.47 %" in text
    assert "71.16 %" in text
    assert build_story.page(text) == (build_story.PAGE / "index.html").read_text()


def test_the_pictures_of_the_story_are_those_that_are_drawn_now() -> None:
    for name, drawing in build_story.charts().items():
        assert drawing == (build_story.PAGE / name).read_text(), name
    drawn, kept = (
        cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
        for png in (build_story.weights_picture(), (build_story.PAGE / "weights.png").read_bytes())
    )
    assert (np.asarray(drawn) == np.asarray(kept)).all()


def test_the_least_squares_are_those_of_numpy() -> None:
    weights, start = build_story.least_squares()
    (images, _), _ = tenfold.load_data()
    squares, products = build_story._normal_equations()
    assert squares[300, 400] == (images.reshape(-1, 784)[:, 300].astype(int) * images.reshape(-1, 784)[:, 400]).sum()
    slope = squares @ np.vstack([weights.T, start]) - products  # of the squared error: zero at its least
    assert np.abs(slope).max() < 1e-4 * np.abs(products).max()


def test_the_ladder_of_the_story_has_every_rung(measured: build_story.Measured) -> None:
    assert [(rung["name"], rung["idea"]) for rung in measured["rungs"]] == [(rung.name, rung.idea) for rung in RUNGS]


def test_a_wrong_number_would_be_noticed(facts: build_story.Facts) -> None:
    assert build_story.story(facts | {"article": "75.00"}) != (build_story.DOCS / "story.md").read_text()


def test_every_place_in_the_lab_that_the_story_names_is_a_link_with_settings_that_exist() -> None:
    text = (build_story.DOCS / "story.md").read_text()
    page = (build_story.PAGE / "index.html").read_text()
    named = re.findall(r"`(/lab/[^`]*)`", text)
    assert len(named) >= 6
    for place in named:
        assert f'href="{place.replace("&", "&amp;")}"' in page
    assert train(Settings(alpha=3e-9, images=60_000)).test == pytest.approx(0.8395)


def test_the_notebook_runs_and_shows_what_it_shows_in_the_repository() -> None:
    kept = nbformat.read(build_story.NOTEBOOK, as_version=4)
    ran = build_story.run_notebook()
    for before, now in zip(kept.cells, ran.cells, strict=True):
        assert shown(now) == shown(before)


def shown(cell: nbformat.NotebookNode) -> list[str]:
    """What a cell printed, and the text and number of pictures that it showed; how a PNG is packed may differ."""
    outputs = cell.get("outputs", [])
    printed = "".join(output.get("text", "") for output in outputs)
    pages = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    return [printed, *(re.sub(r"base64,[^\"']*", "base64", page) for page in pages if page)]
