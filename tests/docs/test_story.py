from __future__ import annotations

import json
import re

import cv2
import nbformat
import numpy as np
import pytest

import build_story
import story_charts
import story_experiments
import tenfold
from tenfold.lab.ladder import RUNGS
from tenfold.lab.training_run import Settings, train


@pytest.fixture(scope="module")
def measured() -> build_story.Measured:
    """What `make story` measured; test_ladder_accuracy compares the ladder's numbers with a new run."""
    numbers: build_story.Measured = json.loads(build_story.MEASURED.read_text())
    return numbers


@pytest.fixture(scope="module")
def facts(measured: build_story.Measured) -> build_story.Facts:
    return build_story.facts(measured)


def test_the_story_contains_the_computed_numbers(facts: build_story.Facts) -> None:
    text = build_story.story(facts)
    assert text.splitlines() == (build_story.DOCS / "story.md").read_text().splitlines()
    assert "74.47 %" in text
    assert "71.16 %" in text
    assert build_story.page(text) == (build_story.PAGE / "index.html").read_text()


def test_redrawn_pictures_equal_those_in_the_repository() -> None:
    for name, drawing in story_charts.charts().items():
        assert drawing == (build_story.PAGE / name).read_text(), name
    drawn, kept = (
        cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
        for png in (story_charts.weights_picture(), (build_story.PAGE / "weights.png").read_bytes())
    )
    assert (np.asarray(drawn) == np.asarray(kept)).all()


def test_least_squares_weights_have_a_zero_gradient() -> None:
    weights, bias = story_experiments.least_squares()
    (images, _), _ = tenfold.load_data()
    squares, products = story_experiments.normal_equations()
    assert squares[300, 400] == (images.reshape(-1, 784)[:, 300].astype(int) * images.reshape(-1, 784)[:, 400]).sum()
    gradient = squares @ np.vstack([weights.T, bias]) - products  # of the squared error
    assert np.abs(gradient).max() < 1e-4 * np.abs(products).max()


def test_the_ladder_of_the_story_has_every_rung(measured: build_story.Measured) -> None:
    assert [(rung["name"], rung["idea"]) for rung in measured["rungs"]] == [(rung.name, rung.idea) for rung in RUNGS]


def test_a_wrong_number_would_be_noticed(facts: build_story.Facts) -> None:
    assert build_story.story(facts | {"article": "75.00"}) != (build_story.DOCS / "story.md").read_text()


def test_every_lab_url_in_the_story_becomes_a_link() -> None:
    text = (build_story.DOCS / "story.md").read_text()
    page = (build_story.PAGE / "index.html").read_text()
    named = re.findall(r"`(/lab/[^`]*)`", text)
    assert len(named) >= 6
    for place in named:
        assert f'href="../{place.removeprefix("/lab/").replace("&", "&amp;")}"' in page
    assert train(Settings(alpha=3e-9, images=60_000)).test == pytest.approx(0.8395)


def test_rerunning_the_notebook_gives_the_stored_outputs() -> None:
    kept = nbformat.read(build_story.NOTEBOOK, as_version=4)
    ran = build_story.run_notebook()
    for before, now in zip(kept.cells, ran.cells, strict=True):
        assert shown(now) == shown(before)


def shown(cell: nbformat.NotebookNode) -> list[str]:
    """The printed text and the HTML of a cell, without the data of its pictures: PNG compression may differ."""
    outputs = cell.get("outputs", [])
    printed = "".join(output.get("text", "") for output in outputs)
    pages = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    return [printed, *(re.sub(r"base64,[^\"']*", "base64", page) for page in pages if page)]
