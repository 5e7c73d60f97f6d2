from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import sheets
from tenfold.errors import DataError, FormError
from tenfold.forms.form_project import Form

pytest.importorskip("sqlalchemy")

from tenfold.review.review_queue import LEASE_SECONDS, ReviewQueue


@pytest.fixture
def form(tmp_path: Path) -> Iterator[Form]:
    """A form with five sheets, on each of which the rain is doubtful and the station is not."""
    with Form(sheets.project(tmp_path / "survey")) as opened:
        for number in range(5):
            reading = sheets.reading(number, station="123455", rain="")
            opened.store.add_sheet(reading, opened.template, "Ada")
        yield opened


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_only_doubtful_fields_are_lent_and_each_to_one_browser(form: Form) -> None:
    queue = ReviewQueue(form)
    first, second = queue.take("a", 3), queue.take("b", 3)
    assert {item.field.name for item in [*first, *second]} == {"rain"}
    assert (len(first), len(second)) == (3, 2)
    assert not {item.reading for item in first} & {item.reading for item in second}
    assert queue.take("a", 3) == first
    assert queue.take("c", 1) == []
    assert queue.progress() == (0, 5, 5)


def test_the_least_certain_comes_first(form: Form) -> None:
    import dataclasses

    unsure = sheets.reading(9, station="123455", rain="")
    fields = tuple(dataclasses.replace(one, confidence=0.1) for one in unsure.fields)
    form.store.add_sheet(dataclasses.replace(unsure, fields=fields), form.template, "Ada")
    assert ReviewQueue(form).take("a", 1)[0].value.confidence == 0.1


def test_an_answer_corrects_the_field_in_the_format_of_the_template(form: Form) -> None:
    queue = ReviewQueue(form)
    (item,) = queue.take("a", 1)
    answered = queue.answer(item.reading, "014", "Grace")
    assert answered.correction is not None
    assert form.sheets()[0].values["rain"].value == "014"
    assert queue.progress() == (1, 4, 0)
    assert ReviewQueue(form).progress() == (1, 4, 0)


def test_a_value_that_breaks_an_expectation_needs_insisting(form: Form) -> None:
    queue = ReviewQueue(form)
    (item,) = queue.take("a", 1)
    answered = queue.answer(item.reading, "14", "Grace")
    assert (answered.correction, answered.may_insist) == (None, True)
    assert "3 digits" in str(answered.problem)
    assert queue.answer(item.reading, "14", "Grace", insist=True).correction
    assert form.sheets()[0].values["rain"].value == "14"


def test_nothing_is_answered_twice(form: Form) -> None:
    queue = ReviewQueue(form)
    (item,) = queue.take("a", 1)
    form.correct(item.sheet, "rain", "001", by="somebody in Python")
    answered = queue.answer(item.reading, "002", "Grace")
    assert answered == (None, "Somebody has checked this field already.", False)
    assert queue.answer(item.reading, "003", "Grace").correction is None
    assert form.sheets()[0].values["rain"].value == "001"


def test_what_a_browser_does_not_answer_is_lent_again(form: Form) -> None:
    clock = Clock()
    queue = ReviewQueue(form, clock)
    first = queue.take("a", 5)
    assert queue.take("b", 5) == []
    clock.now = LEASE_SECONDS + 1
    assert [item.reading for item in queue.take("b", 5)] == [item.reading for item in first]
    queue.give_back("b")
    assert len(queue.take("c", 5)) == 5


def test_undo_gives_the_field_back_first(form: Form) -> None:
    queue = ReviewQueue(form)
    items = queue.take("a", 2)
    correction = queue.answer(items[1].reading, "014", "Grace").correction
    assert correction is not None
    queue.undo(correction, "Grace", "a")
    assert queue.take("a", 1)[0].reading == items[1].reading
    assert queue.progress().done == 0
    with pytest.raises(FormError, match="no correction"):
        queue.undo(correction, "Grace", "a")


def test_sheets_that_are_read_meanwhile_appear(form: Form) -> None:
    clock = Clock()
    queue = ReviewQueue(form, clock)
    assert queue.progress().left == 5
    form.store.add_sheet(sheets.reading(7, station="123455", rain=""), form.template, "Ada")
    clock.now = 11
    assert queue.progress().left == 6


def test_two_reviewers_at_once_lose_and_repeat_nothing(form: Form) -> None:
    for number in range(10, 40):
        form.store.add_sheet(sheets.reading(number, station="123455", rain=""), form.template, "Ada")
    queue = ReviewQueue(form)
    given: list[tuple[int, int | None]] = []

    def review(name: str) -> None:
        while items := queue.take(name, 3):
            given.extend((item.reading, queue.answer(item.reading, "001", name).correction) for item in items)

    threads = [threading.Thread(target=review, args=(name,)) for name in ("Ada", "Grace")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == len({reading for reading, _ in given}) == 35
    assert all(correction for _, correction in given)
    assert all(sheet.values["rain"].value == "001" for sheet in form.sheets())


def test_counts_out_of_range_are_errors(form: Form) -> None:
    for count in (0, 21):
        with pytest.raises(DataError, match="it must be from 1 to 20"):
            ReviewQueue(form).take("a", count)
    with pytest.raises(FormError, match="does not need review"):
        ReviewQueue(form).item(99)
