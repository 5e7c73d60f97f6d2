"""An audit: a random sample of the fields that nobody checked -> their error rate, with its interval. No HTTP here."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tenfold.errors import DataError
from tenfold.evaluation.metrics import wilson_interval
from tenfold.forms.database.form_records import Correction
from tenfold.forms.form_project import Form
from tenfold.review.review_queue import Item

TASK = "audit"


class ErrorRate(NamedTuple):
    """What an audit found.

    Attributes:
        checked: fields of the sample that were checked.
        wrong: how many of them had another value.
        interval: the 95 % interval of the rate, both ends 0..1 (Wilson, 1927).
        unchecked: fields without review that nobody has checked yet.
    """

    checked: int
    wrong: int
    interval: tuple[float, float]
    unchecked: int


def sample(form: Form, count: int, rng: np.random.Generator | None = None) -> list[Item]:
    """Draw fields that needed no review and that nobody checked, each as likely as any other.

    Raises:
        DataError: the count is less than 1.
        FormError: the database cannot be used.
    """
    if count < 1:
        raise DataError(f"count is {count}: it must be 1 or more")
    items = _unchecked(form)
    chosen = (rng or np.random.default_rng()).permutation(len(items))[:count]
    return [items[place] for place in chosen]


def check(form: Form, item: Item, value: str, by: str) -> int | None:
    """Say what is written in a field of the sample; None if somebody has checked it meanwhile.

    Raises:
        FormError: the database cannot be used.
    """
    return form.store.correct_once(Correction(item.sheet.page, item.field.name, value, by, item.value.value, TASK))


def error_rate(form: Form) -> ErrorRate:
    """The error rate of the fields that were filled or empty without review, from all that audits checked.

    Raises:
        FormError: the database cannot be used.
    """
    checked = [value for sheet in form.sheets() for value in sheet.values.values() if value.task == TASK]
    wrong = sum(value.value != value.shown for value in checked)
    low, high = wilson_interval(wrong, len(checked)) if checked else (0.0, 1.0)
    return ErrorRate(len(checked), wrong, (low, high), len(_unchecked(form)))


def _unchecked(form: Form) -> list[Item]:
    fields = {one.name: one for one in form.template.fields}
    return [
        Item(value.reading, sheet, fields[name], value)
        for sheet in form.sheets()
        for name, value in sheet.values.items()
        if value.problem is None and value.correction is None and name in fields
    ]
