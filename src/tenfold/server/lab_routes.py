"""The lab over HTTP, below /lab/api: live training, one update, the ladder. Its pages are files in `static/lab`.

Knows HTTP and how numbers travel: arrays of float64 as base64 of their little-endian bytes, so that a page computes
with the very numbers that were computed here. Does not know how anything is computed.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import cache
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.routing import APIRoute
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError

from tenfold.arrays import PIXELS, SIDE
from tenfold.datasets import mnist
from tenfold.errors import NetworkError, TenfoldError
from tenfold.http.limits import Limits
from tenfold.lab.ladder import RUNGS, RungResult
from tenfold.lab.live_ladder import LiveLadder, Progress
from tenfold.lab.pure_python import seconds_per_update
from tenfold.lab.run_queue import QueueFull, RunQueue, Superseded
from tenfold.lab.single_update import compute_update
from tenfold.lab.training_run import Run, Settings, Start, train
from tenfold.networks.classifier import Classifier
from tenfold.networks.onelayer import OneLayerNet

Values = dict[str, Any]

SHOWN = 60  # letters of a wrong value that an error repeats
PACKAGED = "Train longer, and on digits written again by other hands and photographed."


class Image(BaseModel):
    """An image to be read: 784 whole numbers, 0 paper .. 255 ink, row by row."""

    image: Annotated[list[Annotated[int, Field(ge=0, le=255)]], Field(min_length=PIXELS, max_length=PIXELS)]


def _image_in(body: bytes) -> NDArray[np.uint8]:
    """The image, `(1, 28, 28) uint8`, in a body that holds an `Image` as JSON."""
    try:
        return np.array(Image.model_validate_json(body).image, np.uint8).reshape(1, SIDE, SIDE)
    except ValidationError as error:
        raise _bad_request(error.errors()[0]) from None


def router(network: Classifier, limits: Limits) -> APIRouter:
    """The routes of one server; `network` is the one that reads its pictures: the ladder leads to it.

    They share whose turn it is and the rungs climbed so far.
    """
    routes = APIRouter(prefix="/lab/api", route_class=_Route, include_in_schema=False)  # for the lab's own pages
    _add_training(routes)
    _add_ladder(routes, network, limits)
    return routes


def _add_training(routes: APIRouter) -> None:
    turns = RunQueue()

    @routes.get("/train")
    def train_live(settings: Chosen, page_request: PageRequest) -> Response:
        with _in_queue(turns, page_request) as wanted:
            return JSONResponse(run_values(train(settings, wanted)))

    @routes.get("/update")
    def one_update(settings: Chosen, page_request: PageRequest, number: int = 1) -> Values:
        with _in_queue(turns, page_request):
            update = compute_update(settings, number)
        names = ("sums", "target", "delta", "errors", "weight_changes", "before", "after")
        return {
            "number": update.number,
            "updates": settings.updates,
            "epoch": update.epoch,
            "index": update.index,
            "label": update.label,
            "image": update.image.ravel().tolist(),
            **{name: packed(getattr(update, name)) for name in names},
        }

    @routes.get("/machine")
    def machine() -> Values:
        return {"seconds_an_update": _seconds_an_update()}

    @routes.get("/image")
    def test_image(index: Annotated[int, Query(ge=0, lt=10_000)] = 0) -> Values:
        _, (images, labels) = mnist.load_data()
        return {"index": index, "label": int(labels[index]), "image": images[index].ravel().tolist()}


def _add_ladder(routes: APIRouter, network: Classifier, limits: Limits) -> None:
    path, turn = LiveLadder(), asyncio.Lock()

    @routes.get("/ladder")
    def ladder() -> Values:
        rungs = [(rung, path.results.get(rung.name)) for rung in RUNGS]
        return {
            "rungs": [{"name": rung.name, "idea": rung.idea, **_step_values(step)} for rung, step in rungs],
            "packaged": {"idea": PACKAGED, "parameters": network.parameters, "accuracy": _accuracy(network)},
        }

    @routes.post("/ladder/read")
    async def read_by_rungs(request: Request) -> Values:
        networks = {name: step.network for name, step in path.results.items()} | {"packaged": network}

        def readings(body: bytes) -> Values:
            image = _image_in(body)
            return {name: _reading(net, image) for name, net in networks.items()}

        return {"readings": await limits.result(request, readings)}

    @routes.post("/ladder/{name}")
    def climb(name: str) -> Response:
        if name not in {rung.name for rung in RUNGS}:
            raise HTTPException(404)
        return StreamingResponse(_climbing(path, turn, name), media_type="application/x-ndjson")


def _settings(
    alpha: float = 1e-7, epochs: int = 5, images: int = 1000, start: Start = "article", seed: int = 0
) -> Settings:
    try:
        return Settings(alpha, epochs, images, start, seed)
    except TenfoldError as error:
        raise HTTPException(422, str(error)) from error


def _requested(page: Annotated[str, Query(max_length=64)] = "", serial: int = 0) -> tuple[str, int]:
    return page, serial


Chosen = Annotated[Settings, Depends(_settings)]
PageRequest = Annotated[tuple[str, int], Depends(_requested)]  # a page's name for itself, and the number of its request


@contextlib.contextmanager
def _in_queue(turns: RunQueue, page_request: tuple[str, int]) -> Iterator[Callable[[], bool]]:
    """A turn to train, and what goes wrong in it as HTTP says it."""
    try:
        with turns.turn(*page_request) as wanted:
            yield wanted
    except Superseded:
        raise HTTPException(409, "superseded: this page has sent a newer request") from None
    except QueueFull as error:
        raise HTTPException(503, f"{error}: try again in a moment", {"Retry-After": "1"}) from None
    except TenfoldError as error:
        raise HTTPException(422, str(error)) from error


def packed(array: NDArray[np.float64]) -> str:
    """An array's numbers, row by row, as base64 of little-endian float64."""
    return base64.b64encode(np.ascontiguousarray(array, "<f8").tobytes()).decode()


def run_values(run: Run) -> Values:
    """A run as a page gets it."""
    return {
        "updates": run.settings.updates,
        "weights": packed(run.weights),
        "curve": [[point.updates, point.training, point.test] for point in run.curve],
        "training": run.training,
        "test": run.test,
        "confusion": run.confusion.tolist(),
        "seconds": run.seconds,
        "max_squared_norm": run.max_squared_norm,
        "limit": run.limit,
        "diverged_at": run.diverged_at,
    }


@cache
def _seconds_an_update() -> float:
    """Of the article's own program on this machine, the best of three measurements, taken at the first question."""
    (images, labels), _ = mnist.load_data()
    return min(seconds_per_update(images, labels, OneLayerNet().weights) for _ in range(3))


@cache
def _accuracy(network: Classifier) -> float:
    """On all test images."""
    return network.score(*mnist.load_data()[1])


def _step_values(step: RungResult | None) -> Values:
    if step is None:
        return {"trained": False}
    return {
        "trained": True,
        "accuracy": step.evaluation.accuracy,
        "interval": list(step.evaluation.interval),
        "seconds": step.seconds,
        "parameters": step.network.parameters,
    }


def _reading(net: Classifier, image: NDArray[np.uint8]) -> Values:
    scores = net.scores(image)[0]
    order = np.argsort(-scores, kind="stable")
    return {"digit": int(order[0]), "runner_up": int(order[1]), "scores": [float(score) for score in scores]}


async def _climbing(path: LiveLadder, turn: asyncio.Lock, name: str) -> AsyncIterator[str]:
    """A line of JSON for each look at the rung in training, then one for what it came to; one rung at a time."""
    lines: asyncio.Queue[Values | None] = asyncio.Queue()
    loop, left = asyncio.get_running_loop(), threading.Event()

    def put(line: Values | None) -> None:
        with contextlib.suppress(RuntimeError):  # the server has stopped
            loop.call_soon_threadsafe(lines.put_nowait, line)

    def tell(progress: Progress) -> None:
        if left.is_set():
            raise Superseded
        put({"done": progress.done, "total": progress.total, "accuracy": progress.accuracy})

    def work() -> None:
        try:
            put({"name": name, **_step_values(path.climb(name, tell))})
        except NetworkError as error:
            put({"error": str(error)})
        except Superseded:
            pass
        finally:
            put(None)
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(turn.release)

    await turn.acquire()  # whoever goes while he waits has begun nothing
    threading.Thread(target=work, name="tenfold-rung", daemon=True).start()
    try:
        while (line := await lines.get()) is not None:
            yield json.dumps(line) + "\n"
    finally:
        left.set()  # the client has gone; training ends at its next evaluation


class _Route(APIRoute):
    """Says in one sentence what is wrong with a question."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                raise _bad_request(error.errors()[0]) from error

        return answered


def _bad_request(what: Any) -> HTTPException:
    """What pydantic says is wrong, in a sentence."""
    value = repr(what.get("input"))
    shown = value if len(value) <= SHOWN else value[:SHOWN] + "..."
    name = what["loc"][-1] if what["loc"] else "the body"
    return HTTPException(422, f"{name} is {shown}: {what['msg']}")
