from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.project import SAMPLES
from tenfold.http.limits import RequestError
from tenfold.http.uploads import check_type, picture_in

SEVEN = (SAMPLES / "7.jpg").read_bytes()
TEXT = base64.b64encode(SEVEN).decode()
URL = f"data:image/jpeg;base64,{TEXT}"
FORM = "multipart/form-data; boundary=b"


def form(value: str, name: str = "picture") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--b--\r\n'.encode()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps({"picture": TEXT}), "application/json"),
        (json.dumps({"image": TEXT, "name": "seven"}), "application/json; charset=utf-8"),
        (json.dumps({"picture": URL}), "application/json"),
        (json.dumps({"picture": base64.urlsafe_b64encode(SEVEN).decode().rstrip("=")}), "application/json"),
        (json.dumps({"picture": "\n".join(TEXT[i : i + 76] for i in range(0, len(TEXT), 76))}), "application/json"),
        (form(URL), FORM),
        (form(URL, "image"), FORM),
        (URL, "text/plain"),
        (URL, "application/octet-stream"),
        (f"picture={quote(URL, safe='')}&name=7", "application/x-www-form-urlencoded"),
        (f"data:image/jpeg,{quote(SEVEN)}", ""),
    ],
    ids=["json", "image", "url", "urlsafe", "lines", "form", "form-image", "text", "octets", "urlencoded", "percent"],
)
def test_a_picture_as_text_is_the_picture(body: str | bytes, content_type: str) -> None:
    check_type(content_type)
    assert picture_in(body if isinstance(body, bytes) else body.encode(), content_type) == ("-", SEVEN)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", 'has no text "picture"'),
        (b'{"picture": 7}', 'has no text "picture"'),
        (b'{"picture": "a", "image": "b"}', 'has no text "picture"'),
        (b'{"picture": "abc!defg"}', "is not base64 at character 4"),
        (b'{"picture": "abcde"}', "is not base64 at its end"),
    ],
)
def test_json_without_a_picture_is_refused_with_the_form_it_should_have(body: bytes, reason: str) -> None:
    with pytest.raises(RequestError, match=reason) as refused:
        picture_in(body, "application/json")
    assert refused.value.status == 422


def test_the_type_of_s3_is_accepted_and_that_of_a_film_is_not() -> None:
    check_type("binary/octet-stream")
    with pytest.raises(RequestError, match="'video/mp4'"):
        check_type("video/mp4")


def test_pixels_of_a_picture_in_base64_are_counted_before_they_are_decoded() -> None:
    large = base64.b64encode(b"P5 8000 5001 255\n").decode()
    with pytest.raises(RequestError, match="over 40 million pixels") as refused:
        picture_in(json.dumps({"picture": large}).encode(), "application/json")
    assert refused.value.status == 413


@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_form_is_a_picture_or_one_error(body: bytes, name: str) -> None:
    kind = "multipart/form-data; boundary=b"
    head = f'--b\r\nContent-Disposition: form-data; name="picture"; filename="{name}"\r\n\r\n'.encode()
    for form in (body, head + body, head + body + b"\r\n--b--\r\n"):
        try:
            _, picture = picture_in(form, kind)
        except RequestError as error:
            assert error.status == 422
        else:
            assert picture in form


@given(
    st.binary(max_size=200),
    st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", ""]),
)
def test_any_text_is_a_picture_or_one_error(body: bytes, content_type: str) -> None:
    for text in (body, b"data:" + body, b"data:;base64," + body, b"picture=" + body, b'{"picture": "' + body + b'"}'):
        try:
            picture_in(text, content_type)
        except RequestError as error:
            assert error.status == 422
