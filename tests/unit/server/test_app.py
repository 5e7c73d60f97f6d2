from __future__ import annotations

import base64
import io
import json
import logging
import re
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

import tenfold
from helpers.live_server import in_thread
from helpers.project import SAMPLES, Run
from helpers.waiting import PATIENCE, wait_until
from tenfold.http.limits import MAX_BYTES
from tenfold.server import schemas
from tenfold.server.app import create_app
from tenfold.server.routes.inference_routes import HEADER_LENGTH

SEVEN = (SAMPLES / "7.jpg").read_bytes()
JPEG = {"Content-Type": "image/jpeg"}
POSTS = ["/v1/read", "/v1/read-number", "/v1/stages", "/v1/explain", "/v1/inside"]
CROSS = {"Sec-Fetch-Site": "cross-site"}


def post(url: str, content: bytes = SEVEN, headers: dict[str, str] = JPEG) -> httpx.Response:
    return httpx.post(url, content=content, headers=headers, timeout=PATIENCE)


def get(url: str | httpx.URL, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.get(url, headers=headers, timeout=PATIENCE)


def test_answer_equals_the_json_of_the_command_line(server: str, run: Run) -> None:
    printed = json.loads(run("read", "--json", "-", stdin=SEVEN).stdout)
    assert post(f"{server}/v1/read").json() == printed
    assert post(f"{server}/v1/read", headers={}).json() == printed
    assert post(f"{server}/v1/read", headers={"Content-Type": "application/x-www-form-urlencoded"}).json() == printed


@pytest.mark.parametrize("digit", range(10))
def test_every_sample_is_read_correctly_from_a_form(server: str, digit: int) -> None:
    with (SAMPLES / f"{digit}.jpg").open("rb") as picture:
        answer = httpx.post(f"{server}/v1/read", timeout=PATIENCE, files={"picture": picture})
    assert answer.status_code == 200
    assert answer.json()["digit"] == digit
    assert answer.json()["picture"] == f"{digit}.jpg"
    assert answer.headers["cache-control"] == "no-store"


def test_number_has_the_size_that_its_boxes_refer_to(server: str) -> None:
    answer = post(f"{server}/v1/read-number").json()
    reading = tenfold.Reader().read_number(SEVEN)
    assert answer == {"picture": "-"} | reading.as_dict()
    assert answer["size"] == [300, 360]
    assert answer["text"] == "7"


def test_stages_are_those_of_a_reading(server: str) -> None:
    stages = post(f"{server}/v1/stages").json()["stages"]
    expected = tenfold.read(SEVEN).stages
    assert expected is not None
    for name in ("picture", "ink", "strokes", "image"):
        png = io.BytesIO(base64.b64decode(stages[name].removeprefix("data:image/png;base64,")))
        assert np.array_equal(np.asarray(Image.open(png)), getattr(expected, name))
    assert stages["box"] == list(expected.box)
    assert stages["size"] == [expected.strokes.shape[1], expected.strokes.shape[0]]


def test_explanation_equals_that_of_the_library(server: str) -> None:
    answer = post(f"{server}/v1/explain").json()
    expected = tenfold.explain(tenfold.read(SEVEN))
    assert (answer["digit"], answer["runner_up"]) == (7, expected.runner_up)
    np.testing.assert_allclose(answer["evidence"], expected.evidence, atol=0.001)
    np.testing.assert_allclose(answer["evidence_over_runner_up"], expected.evidence_over_runner_up, atol=0.001)


def test_blank_picture_is_rejected_with_advice_and_cannot_be_explained(server: str) -> None:
    blank = b"P5 40 40 255\n" + b"\xf0" * 1600
    answer = post(f"{server}/v1/read", blank).json()
    assert answer["digit"] is None
    assert "blank" in answer["problem"]
    assert post(f"{server}/v1/explain", blank).status_code == 422


@pytest.mark.parametrize(
    ("path", "model"),
    list(zip(POSTS, [schemas.Digit, schemas.Number, schemas.DigitInStages, schemas.Why, schemas.Inside], strict=True)),
)
def test_every_answer_matches_its_schema(server: str, path: str, model: type[schemas.Digit]) -> None:
    answer = post(server + path).json()
    assert model.model_validate(answer, strict=True).model_dump() == answer
    described = get(f"{server}/openapi.json").json()
    assert path in described["paths"]
    assert "examples" in json.dumps(described["components"]["schemas"][model.__name__])


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    ("content", "headers", "status", "reason"),
    [
        (b"x" * (MAX_BYTES + 1), JPEG, 413, "the body has over 16 MiB, the limit: save the picture smaller"),
        (SEVEN, {"Content-Type": "video/mp4"}, 415, "the content type is 'video/mp4': send a picture"),
        (SEVEN, {"Content-Type": "application/json"}, 422, "the body is not JSON"),
        (SEVEN, {"Content-Encoding": "gzip"}, 415, "the content coding is 'gzip': send the bytes as they are"),
        (b"", JPEG, 422, "the picture is empty"),
        (b"not a picture", JPEG, 422, "unknown format"),
        (b"P5 8000 5001 255\n", JPEG, 413, "the picture has over 40 million pixels to decode, the limit"),
        (b"P5 20000 20000 255\n", JPEG, 413, "the picture has over 40 million pixels to decode, the limit"),
        (SEVEN, {"Content-Type": "multipart/form-data"}, 422, "the form is damaged"),
        (SEVEN, {"Content-Type": "multipart/form-data; boundary=x"}, 422, "the form "),
    ],
    ids=["large", "video", "json", "gzip", "empty", "garbage", "pixels", "bomb", "no boundary", "no form"],
)
def test_unreadable_body_is_rejected_with_a_reason_in_json(
    server: str, path: str, content: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    answer = post(server + path, content, headers)
    assert answer.status_code == status
    assert reason in answer.json()["error"]
    assert answer.headers["content-type"] == "application/json"


def test_large_jpeg_passes_the_pixel_limit(server: str) -> None:
    with Image.open(SAMPLES / "7.jpg") as picture:
        photo = io.BytesIO()
        picture.resize((9000, 10800)).save(photo, "JPEG", quality=50)
    assert post(f"{server}/v1/read", photo.getvalue()).json()["digit"] == 7


def test_body_of_unknown_length_is_cut_off_at_the_limit(server: str) -> None:
    pieces = (bytes(2**20) for _ in range(64))
    answer = httpx.post(f"{server}/v1/read", timeout=PATIENCE, content=pieces, headers=JPEG)
    assert answer.status_code == 413


def test_unknown_path_and_wrong_method_are_answered_in_json(server: str) -> None:
    assert get(f"{server}/nothing").json() == {"error": "this path does not exist: see /openapi.json"}
    answer = get(f"{server}/v1/read")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json() == {"error": "this path does not accept GET: see /openapi.json"}


def test_form_must_hold_exactly_one_picture(server: str) -> None:
    two = [("picture", ("7.jpg", SEVEN)), ("picture", ("8.jpg", SEVEN))]
    assert "2 files" in httpx.post(f"{server}/v1/read", timeout=PATIENCE, files=two).json()["error"]
    many = [("x", ("", b""))] * 20
    assert httpx.post(f"{server}/v1/read", timeout=PATIENCE, files=many).status_code == 422
    plain = httpx.post(f"{server}/v1/read", timeout=PATIENCE, files={"picture": (None, SEVEN)})
    assert (plain.json()["digit"], plain.json()["picture"]) == (7, "-")


def test_every_answer_has_the_security_headers(server: str) -> None:
    for answer in (
        get(server),
        post(f"{server}/v1/read"),
        post(f"{server}/v1/read", b"?"),
        get(f"{server}/x"),
    ):
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "server" not in answer.headers


def test_other_sites_may_call_only_if_allowed(server: str) -> None:
    origin = {"Origin": "https://example.org"}
    assert not [name for name in post(f"{server}/v1/read", headers=JPEG | origin).headers if "allow-origin" in name]
    with in_thread(create_app(tenfold.Reader(), origins=["https://example.org"])) as url:
        allowed = post(f"{url}/v1/read", headers=JPEG | origin)
        assert allowed.headers["access-control-allow-origin"] == "https://example.org"
        other = post(f"{url}/v1/read", headers=JPEG | {"Origin": "https://example.net"})
        assert "access-control-allow-origin" not in other.headers
        preflight_headers = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": HEADER_LENGTH.lower(),
        }
        preflight = httpx.options(
            f"{url}/v2/models/digits/infer", headers=origin | preflight_headers | CROSS, timeout=PATIENCE
        )
        assert preflight.status_code == 200
        assert preflight.headers["x-frame-options"] == "DENY"
        assert HEADER_LENGTH in allowed.headers["access-control-expose-headers"]
        assert post(f"{url}/v1/read", headers=JPEG | origin | CROSS).status_code == 200


def test_cross_site_request_is_rejected_unless_it_is_a_link(server: str) -> None:
    for headers in (CROSS, CROSS | {"Origin": "https://example.org"}, CROSS | {"Sec-Fetch-Mode": "navigate"}):
        answer = post(f"{server}/v1/read", headers=JPEG | headers)
        assert answer.status_code == 403
        assert "--allow-origin" in answer.json()["error"]
    assert get(f"{server}/lab/api/train", headers=CROSS | {"Sec-Fetch-Mode": "no-cors"}).status_code == 403
    assert get(f"{server}/", headers=CROSS | {"Sec-Fetch-Mode": "navigate"}).status_code == 200  # a link


def test_no_answer_contains_a_path_of_the_machine(server: str) -> None:
    secrets = [str(Path(tenfold.__file__).parent), str(Path.home()), "site-packages", "Traceback"]
    paths = ["/../server.py", "/%2e%2e/server.py", "/..%2fserver.py", "//etc/passwd", "/style.css/..", "/page", "/\x00"]
    bodies = [post(server + path, SEVEN[:n]).text for path in POSTS for n in (0, 4, 100, 5000, 12000)]
    bodies += [get(httpx.URL(server, raw_path=path.encode())).text for path in paths if path != "/\x00"]
    bodies += [get(f"{server}/openapi.json").text, get(f"{server}/metrics").text]
    for body in bodies:
        assert not [secret for secret in secrets if secret in body]


def test_internal_error_is_answered_without_details(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(tenfold.Reader):
        def read(self, picture: object) -> tenfold.Reading:
            raise RuntimeError("/secret")

    with caplog.at_level(logging.CRITICAL, "tenfold.server.app"), in_thread(create_app(Broken())) as url:
        answer = post(f"{url}/v1/read")
        assert answer.status_code == 500
        assert answer.json() == {"error": "tenfold failed: this is a bug in tenfold, see its log"}
        assert answer.headers["x-frame-options"] == "DENY"
        assert get(f"{url}/v2/health/live").status_code == 200


def test_metrics_count_answers_by_route_and_status(server: str) -> None:
    def count(status: int) -> float:
        text = get(f"{server}/metrics").text
        found = re.search(rf'^tenfold_requests_total{{route="/v1/read",status="{status}"}} ([\d.]+)$', text, re.M)
        return float(found[1]) if found else 0

    before = count(200), count(422)
    post(f"{server}/v1/read")
    post(f"{server}/v1/read", b"?")
    wait_until(lambda: (count(200), count(422)) == (before[0] + 1, before[1] + 1))  # counted after the answer is sent
    get(f"{server}/{'x' * 50}")
    assert "xxx" not in get(f"{server}/metrics").text


def test_create_app_without_arguments_is_an_asgi_application() -> None:
    import tenfold.server

    with in_thread(tenfold.server.create_app()) as url:
        assert post(f"{url}/v1/read").json()["digit"] == 7
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tenfold.server.nothing
