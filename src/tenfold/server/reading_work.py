"""What the server does with a body: a picture or tensors in, the bytes of the answer out. In a thread, or in a worker.

No HTTP here but the errors that a body deserves.
"""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tenfold.errors import TenfoldError
from tenfold.http.limits import RequestError
from tenfold.http.uploads import picture_in
from tenfold.networks.classifier import Classifier
from tenfold.recognition.attribution import explain
from tenfold.recognition.reader import Reader
from tenfold.server import schemas
from tenfold.server.teaching_work import TEACHING_WORK, json_bytes
from tenfold.server.tensors import OUTPUT_DATATYPES, VERSION, parse, requested_outputs, response_header, serialize


class Task(NamedTuple):
    """A body, and what to do with it.

    Attributes:
        kind: a key of `PICTURE_WORK` or of `teaching_work.TEACHING_WORK`, or "page" or "infer".
        header: the content type of a picture; the number of a page; the number of bytes of JSON, or None, of tensors;
            None for teaching.
        body: the bytes of the body.
        conditions: what is expected of a number, as `Reader.read_number` takes it; empty for all other kinds.
    """

    kind: str
    header: str | None
    body: bytes
    conditions: Mapping[str, Any] = {}


Answer = tuple[bytes, int | None]  # the body of the answer; how many bytes of JSON come before those of its tensors

PICTURE_WORK: dict[str, Callable[..., dict[str, Any]]] = {
    "read": lambda reader, name, picture: schemas.digit(name, reader.read(picture)),
    "read-number": lambda reader, name, picture, **conditions: schemas.number(
        name, reader.read_number(picture, **conditions)
    ),
    "stages": lambda reader, name, picture: schemas.digit_in_stages(name, reader.read(picture)),
    "inside": lambda reader, name, picture: schemas.inside(name, reader.network, reader.read(picture)),
    "explain": lambda reader, name, picture: schemas.why(name, explain(reader.read(picture))),
}


class ReadingWork:
    """Answers tasks with one reader.

    Args:
        reader: reads the pictures; its network answers tensors.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __call__(self, task: Task) -> Answer:
        """The answer to a task.

        Raises:
            RequestError: the body breaks a rule.
            PictureError: the body is not a picture that can be read.
        """
        if task.kind == "infer":
            return infer(self._reader.network, task.body, task.header)
        if task.kind == "page":
            return json_bytes(schemas.page(task.body, int(task.header or 1))), None
        if task.kind in TEACHING_WORK:
            return TEACHING_WORK[task.kind](self._reader.network, task.body), None
        name, picture = picture_in(task.body, task.header or "")
        return json_bytes(PICTURE_WORK[task.kind](self._reader, name, picture, **task.conditions)), None


def set_up_worker(reader: Reader) -> Callable[[Task], Answer]:
    """`ReadingWork` for a worker process, which ends when the server does, not at a signal to all processes."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    work = ReadingWork(reader)

    def noted(task: Task) -> Answer:
        try:
            return work(task)
        except (TenfoldError, RequestError):
            raise
        except Exception as error:
            error.add_note(traceback.format_exc())  # the log of the server says where, too
            raise

    return noted


def infer(network: Classifier, body: bytes, header_length: str | None) -> Answer:
    """The answer to a request of the Open Inference Protocol, and the number of bytes of its JSON if tensors follow."""
    request, images = parse(body, header_length)
    names = requested_outputs(request, list(OUTPUT_DATATYPES))
    arrays: dict[str, Any] = {}
    if {"digits", "scores"} & names.keys():
        arrays["scores"] = network.scores(images).astype(np.float32)
        arrays["digits"] = arrays["scores"].argmax(axis=1)
    if "probabilities" in names:
        arrays["probabilities"] = network.probabilities(images)
    answer = {"model_name": network.kind, "model_version": VERSION} | response_header(request)
    return serialize(answer, {name: (OUTPUT_DATATYPES[name], arrays[name], binary) for name, binary in names.items()})
