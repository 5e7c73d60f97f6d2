"""Simulated sheets of the worked example, through the whole of forms: hardly anything wrong passes without review."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import make_form_example as example
from bench_form import Outcome, measure
from tenfold.forms.form_project import Form

pytestmark = pytest.mark.slow

SHEETS = 24


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return measure(SHEETS, seed=6000)


def test_every_sheet_is_registered_within_a_millimetre(outcome: Outcome) -> None:
    assert outcome.rejected == 0
    assert max(outcome.errors) <= 1


def test_fields_without_review_are_right(outcome: Outcome) -> None:
    assert outcome.fields == 6 * SHEETS
    assert outcome.wrong <= 0.002 * outcome.accepted + 1  # 99.8 %, and one by chance


def test_most_values_are_right_whether_or_not_they_need_review(outcome: Outcome) -> None:
    assert outcome.right >= 0.85 * outcome.fields


def test_the_worked_example_is_read_as_its_values_say() -> None:
    form = Form(example.FOLDER)
    with open(example.FOLDER / "values.csv") as file:
        rows = list(csv.DictReader(file))
    read = [form.read_sheet(str(example.FOLDER / "scans" / row["sheet"])) for row in rows]
    assert len(read) == 12
    right = []
    for row, sheet in zip(rows, read, strict=True):
        assert sheet.problem is None
        for field in sheet.fields:
            right.append(field.value == row[field.name])
            assert field.value == row[field.name] or field.state == "doubtful"
    assert np.mean(right) >= 0.85
