"""Which fields need review, the least certain first, and what people answer. Several people never get the same field.

A field is lent to one browser for some minutes; the answer counts only if nobody else gave one. No HTTP here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from tenfold.errors import DataError, FormError
from tenfold.forms.database.form_records import Correction, StoredSheet, Value
from tenfold.forms.form_project import Form
from tenfold.forms.template import Field

LEASE_SECONDS = 300  # that a field is lent to one browser
REFRESH_SECONDS = 10  # between two searches of the database for new sheets
MAX_LENT = 20  # fields that one browser may have at a time


class Item(NamedTuple):
    """A field to review.

    Attributes:
        reading: the id of its reading.
        sheet: the sheet.
        field: the field of the template.
        value: what was read, and what is wrong with it.
    """

    reading: int
    sheet: StoredSheet
    field: Field
    value: Value


class Progress(NamedTuple):
    """How far the review is.

    Attributes:
        done: fields that needed review and are checked.
        left: fields that still need it.
        lent: fields of these that browsers have.
    """

    done: int
    left: int
    lent: int


class Answered(NamedTuple):
    """What became of an answer.

    Attributes:
        correction: the id of the correction, for `undo`; None if it does not count.
        problem: None, or why it does not count.
        may_insist: True if the same answer counts when it is given with `insist`.
    """

    correction: int | None
    problem: str | None = None
    may_insist: bool = False


class ReviewQueue:
    """The fields of a form that need review.

    Args:
        form: the form.
        clock: seconds, for the time that fields are lent.
    """

    def __init__(self, form: Form, clock: Callable[[], float] = time.monotonic) -> None:
        self._form, self._clock = form, clock
        self._fields = {one.name: one for one in form.template.fields}
        self._lock = threading.Lock()
        self._items: dict[int, Item] = {}  # those that still need review, the least certain first
        self._lent: dict[int, tuple[str, float]] = {}  # by reading: to whom, and until when
        self._done = 0
        self._refreshed = -float("inf")

    def take(self, browser: str, count: int) -> list[Item]:
        """Lend the next fields to a browser; those that it has count too, and come first.

        Raises:
            DataError: the count is out of range.
            FormError: the database cannot be used.
        """
        if not 1 <= count <= MAX_LENT:
            raise DataError(f"count is {count}: it must be from 1 to {MAX_LENT}")
        with self._lock:
            self._refresh()
            now = self._clock()
            mine = [key for key, (who, until) in self._lent.items() if who == browser and until > now]
            free = (key for key in self._items if self._lent.get(key, ("", 0.0))[1] <= now and key not in mine)
            keys = [key for key in mine if key in self._items][:count]
            while len(keys) < count and (key := next(free, None)) is not None:
                keys.append(key)
            for key in keys:
                self._lent[key] = (browser, now + LEASE_SECONDS)
            return [self._items[key] for key in keys]

    def answer(self, reading: int, value: str, by: str, insist: bool = False) -> Answered:
        """Take an answer, which corrects or confirms a field.

        Args:
            reading: the id of the reading.
            value: what is written in the field; "" for nothing.
            by: who answers.
            insist: also take a value that breaks an expectation.

        Raises:
            FormError: the database cannot be used.
        """
        with self._lock:
            item = self._items.get(reading)
        if item is None:
            return Answered(None, "Somebody has checked this field already.")
        normal, misfit = item.field.expectations.value_of(value) if value else ("", None)
        if misfit is not None and not insist:
            return Answered(None, misfit, may_insist=True)
        known = Correction(item.sheet.page, item.field.name, value if misfit else normal, by, item.value.value)
        correction = self._form.store.correct_once(known)
        with self._lock:
            self._items.pop(reading, None)
            self._lent.pop(reading, None)
            self._done += 1
        return Answered(correction, None if correction else "Somebody has checked this field already.")

    def undo(self, correction: int, by: str, browser: str) -> None:
        """Undo an answer; its field is the first that the browser gets next.

        Raises:
            FormError: there is no such correction, or the database cannot be used.
        """
        before = set(self._items)
        self._form.store.undo(correction, by)
        with self._lock:
            self._refresh(now=True)
            until = self._clock() + LEASE_SECONDS
            lent = {key: (browser, until) for key in self._items if key not in before}
            self._lent = lent | self._lent

    def give_back(self, browser: str) -> None:
        """Take back what a browser has, as when its page is closed."""
        with self._lock:
            self._lent = {key: lent for key, lent in self._lent.items() if lent[0] != browser}

    def progress(self) -> Progress:
        """How far the review is.

        Raises:
            FormError: the database cannot be used.
        """
        with self._lock:
            self._refresh()
            now = self._clock()
            lent = sum(key in self._items and until > now for key, (_, until) in self._lent.items())
            return Progress(self._done, len(self._items), lent)

    def item(self, reading: int) -> Item:
        """A field that needs review.

        Raises:
            FormError: it does not, or not any more.
        """
        with self._lock:
            if reading not in self._items:
                raise FormError(f"the reading {reading} does not need review: somebody may have checked it")
            return self._items[reading]

    def _refresh(self, now: bool = False) -> None:
        """Look for new sheets, and for what others have checked; the lock must be held."""
        if not now and self._items and self._clock() - self._refreshed < REFRESH_SECONDS:
            return
        items, self._done = [], 0
        for sheet in self._form.sheets():
            for name, value in sheet.values.items():
                if value.task == "review":
                    self._done += 1
                elif value.problem is not None and name in self._fields:
                    items.append(Item(value.reading, sheet, self._fields[name], value))
        items.sort(key=lambda item: (item.value.confidence, item.reading))
        self._items = {item.reading: item for item in items}
        self._refreshed = self._clock()
