"""The lab's interface, over HTTP."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

import tenfold
from helpers.live_server import in_thread
from helpers.project import Mnist
from helpers.waiting import PATIENCE, wait_until
from tenfold.http.limits import MAX_BYTES
from tenfold.lab import run_queue
from tenfold.lab.ladder import RUNGS
from tenfold.lab.single_update import compute_update
from tenfold.lab.training_run import Run, Settings, train
from tenfold.server.app import create_app
from tenfold.server.routes import lab_routes


def get(server: str, path: str, **query: object) -> httpx.Response:
    return httpx.get(f"{server}/lab/api/{path}", params={k: str(v) for k, v in query.items()}, timeout=5 * PATIENCE)


def numbers(text: str) -> NDArray[np.float64]:
    return np.frombuffer(base64.b64decode(text), "<f8")


def test_run_arrives_bit_for_bit(server: str) -> None:
    answer = get(server, "train", alpha=3e-8, images=700, epochs=3, start="random", seed=5).json()
    run = train(Settings(3e-8, 3, 700, "random", 5))
    assert numbers(answer["weights"]).tolist() == run.weights.ravel().tolist()
    assert (answer["training"], answer["test"], answer["diverged_at"]) == (run.training, run.test, None)
    assert answer["confusion"] == run.confusion.tolist()
    assert answer["curve"] == [[point.updates, point.training, point.test] for point in run.curve]
    assert answer["limit"] == 2 / answer["max_squared_norm"]


def test_diverging_run_reports_its_update(server: str) -> None:
    answer = get(server, "train", alpha=1e-6).json()
    assert answer["diverged_at"] == train(Settings(alpha=1e-6)).diverged_at
    assert np.isfinite(numbers(answer["weights"])).all()


def test_update_arrives_bit_for_bit_even_if_it_diverges(server: str) -> None:
    for settings, number in ((Settings(), 4_321), (Settings(alpha=1e-6), 2_099)):
        answer = get(server, "update", alpha=settings.alpha, number=number).json()
        update = compute_update(settings, number)
        for name in ("sums", "target", "delta", "errors", "weight_changes", "before", "after"):
            assert numbers(answer[name]).tobytes() == getattr(update, name).ravel().astype("<f8").tobytes()
        assert answer["image"] == update.image.ravel().tolist()
        assert (answer["label"], answer["index"], answer["epoch"]) == (update.label, update.index, update.epoch)


@pytest.mark.parametrize(
    ("path", "query", "reason"),
    [
        ("train", {"alpha": 0}, "alpha is 0.0: it must be"),
        ("train", {"alpha": "nan"}, "alpha is nan: it must be"),
        ("train", {"epochs": 101}, "epochs is 101: it must be 1 to 100"),
        ("train", {"images": 60_001}, "images is 60001: it must be 1 to 60,000"),
        ("train", {"images": "many"}, "images is 'many'"),
        ("train", {"start": "ones"}, "start is 'ones'"),
        ("update", {"number": 5001}, "the number of the update is 5001: this run has updates 1 to 5,000"),
        ("update", {"alpha": 1e-6, "number": 3000}, "the run diverged at update 2,099"),
        ("image", {"index": 10_000}, "index is '10000'"),
    ],
)
def test_invalid_settings_are_rejected_in_one_sentence(
    server: str, path: str, query: dict[str, object], reason: str
) -> None:
    answer = get(server, path, **query)
    assert answer.status_code == 422
    assert reason in answer.json()["error"]


def test_superseded_requests_are_dropped_and_the_newest_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    statuses: dict[int, int] = {}
    started, newest_arrived = threading.Event(), threading.Event()

    def held_train(settings: Settings, is_wanted: Callable[[], bool]) -> Run:
        started.set()
        assert newest_arrived.wait(PATIENCE)
        return train(settings, is_wanted)

    monkeypatch.setattr(lab_routes, "train", held_train)
    monkeypatch.setattr(run_queue, "GRACE_SECONDS", 0)
    with in_thread(create_app(tenfold.Reader())) as url:

        def request(serial: int) -> None:
            statuses[serial] = get(url, "train", page="test", serial=serial).status_code

        threads = [threading.Thread(target=request, args=(serial,)) for serial in (1, 2, 3, 4)]
        threads[0].start()
        assert started.wait(PATIENCE)
        for thread in threads[1:]:
            thread.start()
        wait_until(lambda: {2, 3} <= statuses.keys())  # a newer request has arrived for each of them, so 4 has, too
        newest_arrived.set()
        for thread in threads:
            thread.join(PATIENCE)
    assert statuses == {1: 409, 2: 409, 3: 409, 4: 200}


def test_articles_program_is_timed_once(server: str) -> None:
    first, second = (get(server, "machine").json()["seconds_an_update"] for _ in range(2))
    assert first == second
    assert 1e-4 < first < 1


def test_rung_reports_its_training_line_by_line_and_then_reads(server: str, mnist: Mnist) -> None:
    _, (images, labels) = mnist
    before = get(server, "ladder").json()
    assert [rung["name"] for rung in before["rungs"]] == [rung.name for rung in RUNGS]
    with httpx.stream("POST", f"{server}/lab/api/ladder/all images", timeout=5 * PATIENCE) as answer:
        lines = [json.loads(line) for line in answer.iter_lines()]
    *evaluations, result = lines
    assert [each["done"] for each in evaluations] == sorted({each["done"] for each in evaluations})
    assert evaluations[-1]["done"] == evaluations[-1]["total"] == 300_000
    network = tenfold.OneLayerNet().fit(*mnist[0], 5)
    assert evaluations[-1]["accuracy"] == network.score(images[::10], labels[::10])
    assert (result["accuracy"], result["parameters"]) == (0.7607, 7840)
    image = {"image": images[18].ravel().tolist()}
    readings = httpx.post(f"{server}/lab/api/ladder/read", json=image, timeout=PATIENCE).json()["readings"]
    assert readings["all images"]["scores"] == network.scores(images[18:19])[0].tolist()
    assert readings["packaged"]["digit"] == 3
    trained = next(rung for rung in get(server, "ladder").json()["rungs"] if rung["name"] == "all images")
    assert trained["trained"]


def test_unknown_rung_and_invalid_image_are_rejected(server: str) -> None:
    assert httpx.post(f"{server}/lab/api/ladder/moon", timeout=PATIENCE).status_code == 404
    for image in ([0] * 783, [256] * 784, "seven"):
        assert httpx.post(f"{server}/lab/api/ladder/read", json={"image": image}, timeout=PATIENCE).status_code == 422
    for body in (b"", b"{", b"[" * 5000, b"\xff"):
        answer = httpx.post(f"{server}/lab/api/ladder/read", content=body, timeout=PATIENCE)
        assert answer.status_code == 422
        assert "the body is" in answer.json()["error"]
    assert (
        httpx.post(f"{server}/lab/api/ladder/read", content=bytes(MAX_BYTES + 1), timeout=PATIENCE).status_code == 413
    )


def test_client_disconnect_while_queued_leaks_no_thread() -> None:
    with (
        in_thread(create_app(tenfold.Reader())) as url,
        httpx.stream("POST", f"{url}/lab/api/ladder/hidden layer", timeout=5 * PATIENCE) as answer,
    ):
        assert json.loads(next(answer.iter_lines()))["done"] > 0
        for _ in range(20):
            with httpx.stream("POST", f"{url}/lab/api/ladder/softmax", timeout=5 * PATIENCE):
                pass
        assert sum(thread.name == "tenfold-rung" for thread in threading.enumerate()) <= 2


def test_training_of_a_rung_ends_when_its_client_disconnects(server: str) -> None:
    with httpx.stream("POST", f"{server}/lab/api/ladder/hidden layer", timeout=5 * PATIENCE) as answer:
        assert json.loads(next(answer.iter_lines()))["done"] > 0
    with httpx.stream(
        "POST", f"{server}/lab/api/ladder/the article", timeout=60
    ) as answer:  # starts when the other has ended
        assert json.loads(list(answer.iter_lines())[-1])["accuracy"] == 0.7447
    assert not next(rung for rung in get(server, "ladder").json()["rungs"] if rung["name"] == "hidden layer")["trained"]
