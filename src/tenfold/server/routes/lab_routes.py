"""The routes of the lab, under /lab/api: live training, one update, the ladder. No arithmetic of networks here.

Arrays of float64 are sent as base64 of their little-endian bytes, so that a page computes with exactly the numbers that
the server computed. The pages of the lab are files in `static/lab`.
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

MAX_QUOTED = 60  # characters of an invalid value that an error message quotes
PACKAGED_IDEA = "Train longer, and on synthetic photos of digits in varied handwriting."


class Image(BaseModel):
    """An image to classify: 784 whole numbers, 0 paper .. 255 ink, row by row."""

    image: Annotated[list[Annotated[int, Field(ge=0, le=255)]], Field(min_length=PIXELS, max_length=PIXELS)]


def _parse_image(body: bytes) -> NDArray[np.uint8]:
    """Parse a body that holds an `Image` as JSON into `(1, 28, 28) uint8`."""
    try:
        return np.array(Image.model_validate_json(body).image, np.uint8).reshape(1, SIDE, SIDE)
    except ValidationError as error:
        raise _bad_request(error.errors()[0]) from None


def router(network: Classifier, limits: Limits) -> APIRouter:
    """Create the routes of the lab for one server.

    Args:
        network: the network that reads the server's pictures; the ladder page shows it after the rungs.
        limits: classifying an image counts as a request in flight.
    """
    routes = APIRouter(prefix="/lab/api", route_class=_Route, include_in_schema=False)  # the lab's own pages use it
    _add_training(routes)
    _add_ladder(routes, network, limits)
    return routes


def _add_training(routes: APIRouter) -> None:
    queue = RunQueue()

    @routes.get("/train")
    def train_live(settings: RunSettings, page_request: PageRequest) -> Response:
        with _in_queue(queue, page_request) as is_wanted:
            return JSONResponse(_run_values(train(settings, is_wanted)))

    @routes.get("/update")
    def one_update(settings: RunSettings, page_request: PageRequest, number: int = 1) -> Values:
        with _in_queue(queue, page_request):
            update = compute_update(settings, number)
        names = ("sums", "target", "delta", "errors", "weight_changes", "before", "after")
        return {
            "number": update.number,
            "updates": settings.updates,
            "epoch": update.epoch,
            "index": update.index,
            "label": update.label,
            "image": update.image.ravel().tolist(),
            **{name: _base64(getattr(update, name)) for name in names},
        }

    @routes.get("/machine")
    def machine() -> Values:
        return {"seconds_an_update": _article_seconds_per_update()}

    @routes.get("/image")
    def test_image(index: Annotated[int, Query(ge=0, lt=10_000)] = 0) -> Values:
        _, (images, labels) = mnist.load_data()
        return {"index": index, "label": int(labels[index]), "image": images[index].ravel().tolist()}


def _add_ladder(routes: APIRouter, network: Classifier, limits: Limits) -> None:
    live_ladder, training_lock = LiveLadder(), asyncio.Lock()

    @routes.get("/ladder")
    def ladder() -> Values:
        rungs = [(rung, live_ladder.results.get(rung.name)) for rung in RUNGS]
        return {
            "rungs": [{"name": rung.name, "idea": rung.idea, **_result_values(result)} for rung, result in rungs],
            "packaged": {"idea": PACKAGED_IDEA, "parameters": network.parameters, "accuracy": _accuracy(network)},
        }

    @routes.post("/ladder/read")
    async def classify_with_rungs(request: Request) -> Values:
        networks = {name: result.network for name, result in live_ladder.results.items()} | {"packaged": network}

        def classify(body: bytes) -> Values:
            image = _parse_image(body)
            return {name: _classify(net, image) for name, net in networks.items()}

        return {"readings": await limits.result(request, classify)}

    @routes.post("/ladder/{name}")
    def climb(name: str) -> Response:
        if name not in {rung.name for rung in RUNGS}:
            raise HTTPException(404)
        return StreamingResponse(_train_rung(live_ladder, training_lock, name), media_type="application/x-ndjson")


def _settings(
    alpha: float = 1e-7, epochs: int = 5, images: int = 1000, start: Start = "article", seed: int = 0
) -> Settings:
    try:
        return Settings(alpha, epochs, images, start, seed)
    except TenfoldError as error:
        raise HTTPException(422, str(error)) from error


def _page_request(page: Annotated[str, Query(max_length=64)] = "", serial: int = 0) -> tuple[str, int]:
    return page, serial


RunSettings = Annotated[Settings, Depends(_settings)]
PageRequest = Annotated[
    tuple[str, int], Depends(_page_request)
]  # a page's name for itself, and the serial of its request


@contextlib.contextmanager
def _in_queue(queue: RunQueue, page_request: tuple[str, int]) -> Iterator[Callable[[], bool]]:
    """Wait for a turn to train; errors inside the `with` block become HTTP errors."""
    try:
        with queue.turn(*page_request) as is_wanted:
            yield is_wanted
    except Superseded:
        raise HTTPException(409, "superseded: this page has sent a newer request") from None
    except QueueFull as error:
        raise HTTPException(503, f"{error}: try again in a moment", {"Retry-After": "1"}) from None
    except TenfoldError as error:
        raise HTTPException(422, str(error)) from error


def _base64(array: NDArray[np.float64]) -> str:
    """An array as base64 of little-endian float64, row by row."""
    return base64.b64encode(np.ascontiguousarray(array, "<f8").tobytes()).decode()


def _run_values(run: Run) -> Values:
    return {
        "updates": run.settings.updates,
        "weights": _base64(run.weights),
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
def _article_seconds_per_update() -> float:
    """The fastest of three timings of the article's program on this machine; measured at the first call."""
    (images, labels), _ = mnist.load_data()
    return min(seconds_per_update(images, labels, OneLayerNet().weights) for _ in range(3))


@cache
def _accuracy(network: Classifier) -> float:
    """Accuracy 0..1 on all test images."""
    return network.score(*mnist.load_data()[1])


def _result_values(result: RungResult | None) -> Values:
    if result is None:
        return {"trained": False}
    return {
        "trained": True,
        "accuracy": result.evaluation.accuracy,
        "interval": list(result.evaluation.interval),
        "seconds": result.seconds,
        "parameters": result.network.parameters,
    }


def _classify(net: Classifier, image: NDArray[np.uint8]) -> Values:
    scores = net.scores(image)[0]
    order = np.argsort(-scores, kind="stable")
    return {"digit": int(order[0]), "runner_up": int(order[1]), "scores": [float(score) for score in scores]}


async def _train_rung(live_ladder: LiveLadder, training_lock: asyncio.Lock, name: str) -> AsyncIterator[str]:
    """Train a rung once `training_lock` is free; yields a line of JSON for each evaluation, then one for the result."""
    lines: asyncio.Queue[Values | None] = asyncio.Queue()
    loop, disconnected = asyncio.get_running_loop(), threading.Event()

    def put(line: Values | None) -> None:
        with contextlib.suppress(RuntimeError):  # the server has stopped
            loop.call_soon_threadsafe(lines.put_nowait, line)

    def report(progress: Progress) -> None:
        if disconnected.is_set():
            raise Superseded
        put({"done": progress.done, "total": progress.total, "accuracy": progress.accuracy})

    def work() -> None:
        try:
            put({"name": name, **_result_values(live_ladder.climb(name, report))})
        except NetworkError as error:
            put({"error": str(error)})
        except Superseded:
            pass
        finally:
            put(None)
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(training_lock.release)

    await training_lock.acquire()  # a client that disconnects during this wait has started no thread
    threading.Thread(target=work, name="tenfold-rung", daemon=True).start()
    try:
        while (line := await lines.get()) is not None:
            yield json.dumps(line) + "\n"
    finally:
        disconnected.set()  # training ends at its next evaluation


class _Route(APIRoute):
    """A route that describes an invalid query in one sentence."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                raise _bad_request(error.errors()[0]) from error

        return answer


def _bad_request(error: Any) -> HTTPException:
    """One of pydantic's errors as a sentence."""
    value = repr(error.get("input"))
    quoted = value if len(value) <= MAX_QUOTED else value[:MAX_QUOTED] + "..."
    name = error["loc"][-1] if error["loc"] else "the body"
    return HTTPException(422, f"{name} is {quoted}: {error['msg']}")
