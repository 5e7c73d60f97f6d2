from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from helpers import sheets
from tenfold.errors import DataError
from tenfold.forms.form_project import Form

pytest.importorskip("sqlalchemy")

from tenfold.review.audit import check, error_rate, sample


@pytest.fixture
def form(tmp_path: Path) -> Iterator[Form]:
    with Form(sheets.project(tmp_path / "survey")) as opened:
        for number in range(40):
            opened.store.add_sheet(sheets.reading(number, station="123455", rain=""), opened.template, "Ada")
        yield opened


def test_the_sample_is_drawn_from_what_nobody_checked(form: Form) -> None:
    form.correct(form.sheets()[0], "station", "123455")
    drawn = sample(form, 1000, np.random.default_rng(0))
    assert len(drawn) == 39
    assert {item.field.name for item in drawn} == {"station"}
    few = sample(form, 5, np.random.default_rng(1))
    assert len({item.reading for item in few}) == 5
    assert [item.reading for item in few] != [item.reading for item in sample(form, 5, np.random.default_rng(2))]
    with pytest.raises(DataError, match="count is 0"):
        sample(form, 0)


def test_every_field_is_as_likely_as_any_other(form: Form) -> None:
    drawn = [sample(form, 1, np.random.default_rng(seed))[0].reading for seed in range(200)]
    assert len(set(drawn)) > 35


def test_the_error_rate_has_wilsons_interval(form: Form) -> None:
    assert error_rate(form) == (0, 0, (0.0, 1.0), 40)
    drawn = sample(form, 10, np.random.default_rng(0))
    for place, item in enumerate(drawn):
        assert check(form, item, "123455" if place else "999999", "Grace")
    assert check(form, drawn[0], "123455", "Grace") is None
    rate = error_rate(form)
    assert (rate.checked, rate.wrong, rate.unchecked) == (10, 1, 30)
    assert rate.interval == pytest.approx((0.0179, 0.4042), abs=1e-3)  # 1 of 10, from published tables
    assert form.sheets()[0].values["rain"].state == "doubtful"


def test_corrections_of_a_review_do_not_count(form: Form) -> None:
    form.correct(form.sheets()[1], "rain", "001")
    assert error_rate(form).checked == 0
