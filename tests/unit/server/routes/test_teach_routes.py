from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import tenfold
from helpers.drawn_writer import drawn_digits
from helpers.live_server import in_thread
from helpers.waiting import PATIENCE
from tenfold.adaptation import teach
from tenfold.http.limits import MAX_BYTES
from tenfold.server.app import create_app


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with in_thread(create_app()) as url:
        yield url


def as_text(image: np.ndarray[Any, np.dtype[np.uint8]]) -> str:
    return base64.b64encode(image.tobytes()).decode()


def corrections(count: int = 30) -> dict[str, Any]:
    images, labels = drawn_digits(30)
    rows = zip(images[:count], labels[:count].tolist(), strict=True)
    return {"corrections": [{"image": as_text(image), "digit": label} for image, label in rows]}


def post(url: str, path: str, json: Any) -> httpx.Response:
    return httpx.post(f"{url}/v1/{path}", json=json, timeout=PATIENCE)


def test_answer_is_that_of_the_library(url: str) -> None:
    answer = post(url, "teach", corrections()).json()
    expected = teach(tenfold.load_network("digits"), *drawn_digits(30))
    for name in ("corrections", "misread_before", "misread_after", "kept", "test_errors_before", "test_errors_after"):
        assert answer[name] == getattr(expected, name)
    assert [each["index"] for each in answer["newly_wrong"]] == expected.newly_wrong.tolist()
    _, (images, labels) = tenfold.load_data()
    for changed in answer["newly_wrong"] + answer["newly_right"]:
        image = images[changed["index"] : changed["index"] + 1]
        assert changed["image"] == as_text(image)
        assert changed["label"] == labels[changed["index"]]
        assert changed["after"] == expected.network.predict(image)[0]
        assert changed["before"] != changed["after"]


def test_layer_reads_digits_before_and_after(url: str) -> None:
    layer = post(url, "teach", corrections()).json()["layer"]
    images, labels = drawn_digits(40, seed=2)
    network = tenfold.load_network("digits")
    nine = images[labels == 9][0]
    answer = post(url, "teach/read", {"image": as_text(nine), "layer": layer}).json()
    assert answer["before"]["digit"] is None
    assert answer["after"]["digit"] == 9
    np.testing.assert_allclose(answer["before"]["probabilities"], network.probabilities(nine[None])[0], atol=1e-5)
    assert answer["after"]["confidence"] == pytest.approx(max(answer["after"]["probabilities"]), abs=1e-5)


def test_archive_is_the_folder_of_the_taught_network(url: str, tmp_path: Path) -> None:
    answer = post(url, "teach/network", corrections())
    assert answer.headers["content-type"] == "application/zip"
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)
    images, _ = drawn_digits(30)
    expected = teach(tenfold.load_network("digits"), *drawn_digits(30)).network
    assert (tenfold.load_network(tmp_path / "taught").scores(images) == expected.scores(images)).all()


def test_workers_teach_as_well(server: str) -> None:
    answers = [post(server, "teach", corrections()).json() for _ in range(3)]
    assert answers[0]["kept"]
    assert answers[0] == answers[1] == answers[2]  # whichever process answered


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "corrections is {}: Field required"),
        ({"corrections": [{"image": "AAAA", "digit": 1}]}, "corrections 0 image is 'AAAA': "),
        ({"corrections": [{"image": "?" * 1048, "digit": 1}]}, "image 0 is not base64 of 784 bytes"),
        ({"corrections": [{"image": "A" * 1048, "digit": 10}]}, "corrections 0 digit is 10: "),
        (corrections(1), "there are 1 corrected digits in 1 groups: teaching needs at least two"),
    ],
)
def test_bad_corrections_are_named(url: str, body: dict[str, Any], reason: str) -> None:
    answer = post(url, "teach", body)
    assert answer.status_code == 422
    assert reason in answer.json()["error"]


def test_network_that_is_not_better_cannot_be_downloaded(url: str) -> None:
    _, (images, labels) = tenfold.load_data()
    right = [{"image": as_text(images[i]), "digit": int(labels[i])} for i in range(5)]
    answer = post(url, "teach/network", {"corrections": right})
    assert answer.status_code == 422
    assert "not better and is not saved" in answer.json()["error"]


def test_other_networks_and_damaged_layers_are_named(url: str) -> None:
    image = as_text(drawn_digits(30)[0][0])
    answer = post(url, "teach/read", {"image": image, "layer": "AAAA"})
    assert (answer.status_code, answer.json()["error"][:35]) == (422, "the taught layer, 3 bytes, belongs ")
    with in_thread(create_app(tenfold.Reader("article"))) as other:
        for path, body in (("teach", corrections()), ("teach/read", {"image": image, "layer": "AAAA"})):
            answer = post(other, path, body)
            assert answer.status_code == 422
            assert "only a digit network can be taught" in answer.json()["error"]


def test_body_over_the_limit_is_refused_before_it_is_read(url: str) -> None:
    body = b'{"corrections": [' + b" " * MAX_BYTES
    assert httpx.post(f"{url}/v1/teach", content=body, timeout=PATIENCE).status_code == 413
