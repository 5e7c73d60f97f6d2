from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

import tenfold
from helpers import sheets
from helpers.live_server import in_thread
from helpers.waiting import PATIENCE
from tenfold.forms.form_project import Form
from tenfold.server.app import create_app

pytest.importorskip("sqlalchemy")


@pytest.fixture
def form(tmp_path: Path) -> Iterator[Form]:
    with Form(sheets.project(tmp_path / "survey")) as opened:
        for number in range(3):
            opened.store.add_sheet(sheets.reading(number, station="123455", rain=""), opened.template, "Ada")
        yield opened


@pytest.fixture
def client(form: Form) -> Iterator[httpx.Client]:
    app = create_app(tenfold.Reader(), form=form)
    with in_thread(app) as url, httpx.Client(base_url=f"{url}/review/api/", timeout=PATIENCE) as opened:
        yield opened


def test_a_field_is_taken_answered_and_undone(client: httpx.Client, form: Form) -> None:
    items = client.get("next", params={"browser": "a", "count": 2}).json()["items"]
    assert [item["field"] for item in items] == ["rain", "rain"]
    assert items[0]["expected"] == r"3 digits and the pattern \d+"
    body = {"reading": items[0]["reading"], "value": "014", "by": "Grace"}
    answer = client.post("answer", json=body).json()
    assert answer["problem"] is None
    assert form.sheets()[0].values["rain"].value == "014"
    state = client.get("state").json()
    assert (state["form"], state["progress"]["done"], state["progress"]["left"]) == ("temperature log", 1, 2)
    undone = client.post("undo", json={"correction": answer["correction"], "by": "Grace", "browser": "a"})
    assert undone.json()["progress"]["left"] == 3
    assert client.post("leave", params={"browser": "a"}).json() == {}


def test_an_audit_is_sampled_and_checked(client: httpx.Client) -> None:
    items = client.get("sample", params={"count": 2}).json()["items"]
    assert {item["value"] for item in items} == {"123455"}
    body = {"reading": items[0]["reading"], "value": "1", "by": "Grace"}
    assert client.post("audit", json=body).json()["may_insist"]
    assert client.post("audit", json=body | {"insist": True}).json()["correction"]
    assert client.get("state").json()["audit"]["wrong"] == 1


def test_pictures_of_fields_are_png(client: httpx.Client) -> None:
    (item,) = client.get("next", params={"browser": "a", "count": 1}).json()["items"]
    picture = client.get(f"crop/{item['reading']}")
    assert picture.headers["content-type"] == "image/png"
    assert np.asarray(cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_GRAYSCALE)).shape == (4, 5)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "next?browser=a&count=21", None, 422, "count: "),
        ("GET", "next", None, 422, "browser: "),
        ("POST", "answer", {"reading": 1}, 422, "value: "),
        ("POST", "answer", {"reading": 1, "value": "1", "by": ""}, 422, "by: "),
        ("POST", "undo", {"correction": 99, "by": "a", "browser": "a"}, 409, "there is no correction 99"),
        ("POST", "audit", {"reading": 1, "value": "1", "by": "a"}, 409, "is not in a sample"),
        ("GET", "crop/999", None, 409, "there is no picture of the reading 999"),
        ("GET", "around/2", None, 409, "the scan '0.png' cannot be read"),
        ("GET", "around/999", None, 409, "the reading 999 does not need review"),
    ],
)
def test_mistakes_are_one_sentence(
    client: httpx.Client, method: str, path: str, body: object, status: int, message: str
) -> None:
    client.get("state")
    answer = client.request(method, path, json=body)
    assert answer.status_code == status
    assert message in answer.json()["error"]


def test_other_sites_cannot_correct_anything(client: httpx.Client) -> None:
    body = {"reading": 1, "value": "014", "by": "Mallory"}
    assert client.post("answer", json=body, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_without_a_project_there_is_no_review(server: str) -> None:
    assert httpx.get(f"{server}/review/api/state", timeout=PATIENCE).status_code == 404
    assert "review/" not in httpx.get(server, timeout=PATIENCE).text


def test_with_a_project_every_page_has_a_link_to_the_review(client: httpx.Client) -> None:
    page = httpx.get(str(client.base_url).replace("review/api/", ""), timeout=PATIENCE)
    assert 'href="./review/"' in page.text
