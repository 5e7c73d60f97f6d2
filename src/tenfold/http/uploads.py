"""The name and bytes of a picture in the body of a request: raw bytes, a form, or base64. Does not decode pictures."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import unquote_to_bytes

from tenfold.http.limits import RequestError
from tenfold.io.image_files import pixels_to_decode

FORM = "multipart/form-data"
JSON = "application/json"
URL_ENCODED = "application/x-www-form-urlencoded"  # curl --data-binary sends it with raw bytes, too
RAW = ("application/octet-stream", "binary/octet-stream", "text/plain", URL_ENCODED)
FIELDS = ("picture", "image")  # names of the field that holds the picture, in JSON and in forms
MAX_PIXELS = 40_000_000  # decoding them takes a second and 160 MB; JPEG files are reduced while decoded and always pass
MAX_PARTS = 8  # parts of a form
NAMELESS = "-"  # the name of standard input in `tenfold read -`

_DATA_URL = re.compile(rb"\s*data:([^,]{0,200}),", re.I)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")


def check_type(content_type: str) -> None:
    """Reject a body by its content type before any byte of it is received.

    Raises:
        RequestError: 415, the body is not a picture by its content type.
    """
    kind = _kind(content_type)
    if kind and not kind.startswith("image/") and kind not in (FORM, JSON, *RAW):
        raise RequestError(
            415,
            f"the content type is {kind[:80]!r}: "
            f"send a picture as image/..., application/octet-stream, {FORM} or {JSON}",
        )


def picture_in(body: bytes, content_type: str) -> tuple[str, bytes]:
    """Return the name and the bytes of the picture in a body that `check_type` accepted.

    A form must hold one file, or a field named `picture`; JSON an object with the field `picture` or `image`, in
    base64. Everywhere a picture may also be a data: URL. A picture without a name is called "-".

    Raises:
        RequestError: 422, the body holds no picture or several, or is damaged; 413, the picture has too many pixels.
    """
    kind = _kind(content_type)
    if kind == FORM:
        name, picture = _file_in(body, content_type)
    elif kind == JSON:
        name, picture = NAMELESS, _from_json(body)
    elif kind == URL_ENCODED and (field := re.match(rb"(?:picture|image)=([^&]*)", body)):
        name, picture = NAMELESS, _from_text(unquote_to_bytes(field[1].replace(b"+", b"%20")))
    else:
        name, picture = NAMELESS, body
    if _DATA_URL.match(picture):
        picture = _from_text(picture)
    if pixels_to_decode(picture) > MAX_PIXELS:
        raise RequestError(
            413, f"the picture has over {MAX_PIXELS // 10**6} million pixels to decode, the limit: save it smaller"
        )
    return name, picture


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _from_json(body: bytes) -> bytes:
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError(422, 'the body is not JSON: send {"picture": "..."} with the picture in base64') from None
    found = [values[name] for name in FIELDS if name in values] if isinstance(values, dict) else []
    if len(found) != 1 or not isinstance(found[0], str):
        raise RequestError(422, 'the JSON has no text "picture": send {"picture": "..."} with the picture in base64')
    return _from_text(found[0].encode())


def _from_text(text: bytes) -> bytes:
    """The bytes in base64, of either alphabet, or in a data: URL."""
    url = _DATA_URL.match(text)
    if url:
        text = unquote_to_bytes(text[url.end() :])
        if not url[1].lower().endswith(b";base64"):
            return text
    text = re.sub(rb"\s+", b"", text).replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    if (wrong := _NOT_BASE64.search(text)) or len(text) % 4 == 1:
        where = f"at character {wrong.start() + 1}" if wrong else "at its end"
        raise RequestError(
            422, f"the picture is not base64 {where}: encode its bytes in base64, or send them as they are"
        )
    return base64.b64decode(text + b"=" * (-len(text) % 4))


def _file_in(body: bytes, content_type: str) -> tuple[str, bytes]:
    files: list[tuple[str, bytes]] = []
    count = 0

    def count_part() -> None:
        nonlocal count
        count += 1
        if count > MAX_PARTS:
            raise RequestError(422, f"the form has over {MAX_PARTS} parts: send one picture")

    def on_file(file: Any) -> None:
        count_part()
        file.file_object.seek(0)
        name = (file.file_name or b"").decode(errors="replace")
        files.append((name or NAMELESS, file.file_object.read()))

    def on_field(field: Any) -> None:
        count_part()
        if (field.field_name or b"").decode(errors="replace") in FIELDS:
            files.append((NAMELESS, field.value or b""))

    _parse(body, content_type, on_field, on_file)
    if len(files) != 1:
        raise RequestError(422, f"the form holds {len(files)} files: send one, as the field 'picture'")
    return files[0]


def _parse(body: bytes, content_type: str, on_field: Any, on_file: Any) -> None:
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import create_form_parser

    headers = {"Content-Type": content_type.encode("latin-1")}
    in_memory = {"MAX_MEMORY_FILE_SIZE": float("inf")}  # the body is in memory already; nothing is written to disk
    try:
        parser = create_form_parser(headers, on_field, on_file, in_memory)
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise RequestError(422, f"the form is damaged ({error}): send it as {FORM} with its boundary") from None
