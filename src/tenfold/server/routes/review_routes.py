"""The routes of the review of a form, under /review/api: fields to check, answers, undo, an audit. No decisions here.

The page of the review is in `static/review`. Only one server process reviews a form; its browsers share one queue.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from tenfold.errors import DataError, FormError
from tenfold.forms.form_project import Form
from tenfold.review import audit
from tenfold.review.review_queue import MAX_LENT, Answered, Item, ReviewQueue
from tenfold.review.sheet_pictures import picture_around

Values = dict[str, Any]

MAX_SAMPLE = 1000
MAX_AUDITED = 5000  # fields of samples that are kept to be checked
NOT_STORED = {"Cache-Control": "no-store"}

Reading = Annotated[int, Path(ge=1)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class Answer(BaseModel):
    """What a person says is written in a field."""

    reading: int
    value: Annotated[str, Field(max_length=200)]
    by: Name
    insist: bool = False


class Undone(BaseModel):
    """An answer that is undone."""

    correction: int
    by: Name
    browser: Name


def router(form: Form) -> APIRouter:
    """Create the routes of the review of one form."""
    routes = APIRouter(prefix="/review/api", route_class=_Route, include_in_schema=False)  # the page alone uses it
    queue, audited = ReviewQueue(form), dict[int, Item]()
    _add_review(routes, form, queue)
    _add_audit(routes, form, audited)
    _add_pictures(routes, form, queue, audited)
    return routes


def _add_review(routes: APIRouter, form: Form, queue: ReviewQueue) -> None:
    @routes.get("/state")
    def state() -> Values:
        rate = audit.error_rate(form)
        return {"form": form.template.name, "progress": queue.progress()._asdict(), "audit": rate._asdict()}

    @routes.get("/next")
    def take(browser: Name, count: Annotated[int, Query(ge=1, le=MAX_LENT)] = 5) -> Values:
        items = queue.take(browser, count)
        return {"items": [_values(item) for item in items], "progress": queue.progress()._asdict()}

    @routes.post("/answer")
    def answer(given: Answer) -> Values:
        return queue.answer(given.reading, given.value, given.by, given.insist)._asdict()

    @routes.post("/undo")
    def undo(given: Undone) -> Values:
        queue.undo(given.correction, given.by, given.browser)
        return {"progress": queue.progress()._asdict()}

    @routes.post("/leave")
    def leave(browser: Name) -> Values:
        queue.give_back(browser)
        return {}


def _add_audit(routes: APIRouter, form: Form, audited: dict[int, Item]) -> None:
    @routes.get("/sample")
    def sample(count: Annotated[int, Query(ge=1, le=MAX_SAMPLE)] = 100) -> Values:
        items = audit.sample(form, count)
        audited.update((item.reading, item) for item in items)
        for reading in list(audited)[: max(0, len(audited) - MAX_AUDITED)]:
            del audited[reading]
        return {"items": [_values(item) for item in items]}

    @routes.post("/audit")
    def answer(given: Answer) -> Values:
        item = audited.get(given.reading)
        if item is None:
            raise FormError(f"the reading {given.reading} is not in a sample: draw another one")
        value, misfit = item.field.expectations.value_of(given.value) if given.value else ("", None)
        if misfit is not None and not given.insist:
            return Answered(None, misfit, may_insist=True)._asdict()
        return Answered(audit.check(form, item, given.value if misfit else value, given.by))._asdict()


def _add_pictures(routes: APIRouter, form: Form, queue: ReviewQueue, audited: dict[int, Item]) -> None:
    @routes.get("/crop/{reading}")
    def crop(reading: Reading) -> Response:
        picture = form.store.crop(reading)
        if picture is None:
            raise FormError(f"there is no picture of the reading {reading}: its field is not in the scan")
        return Response(picture, media_type="image/png", headers=NOT_STORED)

    @routes.get("/around/{reading}")
    def around(reading: Reading) -> Response:
        item = audited.get(reading) or queue.item(reading)
        return Response(picture_around(item), media_type="image/jpeg", headers=NOT_STORED)


def _values(item: Item) -> Values:
    """A field as the page shows it."""
    expected = item.field.expectations
    return {
        "reading": item.reading,
        "sheet": item.sheet.name,
        "field": item.field.name,
        "value": item.value.value,
        "confidence": round(item.value.confidence, 4),
        "problem": item.value.problem,
        "expected": expected.date or (str(expected.expected) if expected.expected else ""),
        "required": expected.required,
    }


class _Route(APIRoute):
    """A route whose failures are one sentence."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                first = error.errors()[0]
                name = first["loc"][-1] if first["loc"] else "the body"
                raise HTTPException(422, f"{name}: {first['msg']}") from error
            except DataError as error:
                raise HTTPException(422, str(error)) from error
            except FormError as error:
                raise HTTPException(409, str(error)) from error

        return answer
