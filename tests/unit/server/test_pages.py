from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import httpx
import pytest

from helpers.live_server import in_thread
from helpers.project import SAMPLES
from helpers.waiting import PATIENCE
from tenfold.errors import ServeError
from tenfold.server.app import create_app
from tenfold.server.pages import NOT_SERVED, STATIC_FILES, Pages

SEVEN = (SAMPLES / "7.jpg").read_bytes()
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
MAX_PAGE = 150_000  # bytes of a page with everything that it loads, compressed


def get(url: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.get(url, headers=headers, timeout=PATIENCE)


def links(page: httpx.Response) -> set[str]:
    return set(re.findall(r'(?:href|src)="([^"#]+)"', page.text))


def test_every_file_is_served_compressed_and_with_an_etag(server: str) -> None:
    with httpx.Client(timeout=PATIENCE) as client:
        for file in STATIC_FILES.rglob("*.*"):
            path = file.relative_to(STATIC_FILES).as_posix()
            if path in NOT_SERVED:
                continue
            url = f"{server}/{path.removesuffix('index.html')}"
            plain = client.get(url, headers={"Accept-Encoding": "identity"})
            zipped = client.get(url)
            assert plain.content == zipped.content
            if path.endswith(".html"):
                assert "</html>" in plain.text
            else:
                assert plain.content == file.read_bytes()
            assert plain.headers["etag"] != zipped.headers["etag"] or "content-encoding" not in zipped.headers
            again = client.get(url, headers={"If-None-Match": zipped.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")


def test_answers_are_compressed_for_clients_that_accept_it(server: str) -> None:
    plain, zipped = (
        httpx.post(f"{server}/v1/explain", content=SEVEN, timeout=PATIENCE, headers={"Accept-Encoding": coding})
        for coding in ("gzip;q=0, identity", "br, gzip")
    )
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.json() == plain.json()
    assert int(zipped.headers["content-length"]) < 0.5 * len(plain.content)
    assert httpx.post(f"{server}/v1/read", content=SEVEN, timeout=PATIENCE).headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["", "table/", "lab/", "lab/update/", "lab/ladder/", "lab/story/", "docs/"])
@pytest.mark.parametrize("stripped", [True, False], ids=["proxy strips the prefix", "proxy keeps it"])
def test_pages_behind_a_prefix_link_to_files_that_exist(prefixed: str, path: str, stripped: bool) -> None:
    prefix = "" if stripped else "/digits"
    page = get(f"{prefixed}{prefix}/{path}")
    assert page.status_code == 200
    for link in links(page):
        assert not re.match(r"/|https?:", link), link  # an absolute link would leave the prefix
        assert get(str(page.url.join(link))).status_code == 200, link


@pytest.fixture(scope="module")
def prefixed() -> Iterator[str]:
    with in_thread(create_app(root_path="/digits")) as url:
        yield url


def test_requests_behind_a_prefix_are_answered_and_described(prefixed: str) -> None:
    for path in ("/v1/read", "/digits/v1/read", "/digits/v1/read/", "/v1/read/"):
        assert httpx.post(prefixed + path, content=SEVEN, timeout=PATIENCE).json()["digit"] == 7, path
    assert get(f"{prefixed}/digits/openapi.json").json()["servers"] == [{"url": "/digits"}]
    for path, target in (("/digits", "digits/"), ("/digits/lab?alpha=1", "lab/?alpha=1"), ("/lab/update", "update/")):
        answer = get(prefixed + path)
        assert (answer.status_code, answer.headers["location"]) == (307, target)
    page = get(f"{prefixed}/digits/moon/phase", BROWSER)
    assert page.status_code == 404
    assert 'href="/digits/style.css"' in page.text


def test_prefix_without_a_slash_is_refused() -> None:
    with pytest.raises(ServeError, match="'digits': it must start with a slash"):
        create_app(root_path="digits")


def test_absolute_form_of_a_target_is_answered(server: str) -> None:
    request = httpx.Request("POST", f"{server}/v1/read", content=SEVEN)
    request.extensions["target"] = f"{server}/v1/read".encode()
    with httpx.Client(timeout=PATIENCE) as client:
        assert client.send(request).json()["digit"] == 7


def test_browsers_get_a_page_for_a_path_that_does_not_exist_and_programs_json(server: str) -> None:
    page = get(f"{server}/moon/phase", BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    for link in links(page):
        assert get(str(page.url.join(link))).status_code == 200, link
    assert get(f"{server}/moon/phase").json() == {"error": "this path does not exist: see /openapi.json"}


def test_pages_name_no_other_host() -> None:
    for file in (file for file in STATIC_FILES.rglob("*.*") if file.suffix != ".png"):
        hosts = re.findall(r"(?:https?:)?//[a-z][\w.-]+\.[a-z]{2,}", file.read_text())
        assert set(hosts) <= {"http://www.w3.org"}, file.name


def test_no_script_parses_html() -> None:
    for file in STATIC_FILES.rglob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", file.read_text()), file


def test_every_page_stays_small() -> None:
    files = [file.read_bytes() for file in STATIC_FILES.rglob("*.*") if file.suffix in {".html", ".js", ".css", ".svg"}]
    assert sum(len(gzip.compress(file)) for file in files) < MAX_PAGE  # all pages together


def test_viewer_of_the_interface_comes_from_this_server(server: str) -> None:
    assert {"docs/swagger-ui-bundle.js", "docs/swagger-ui.css"} <= set(Pages().paths)
    assert "SwaggerUIBundle" in get(f"{server}/docs/swagger-ui-bundle.js").text
