"""The name and bytes of a picture in the body of a request: raw bytes or a form. Does not decode pictures."""

from __future__ import annotations

from typing import Any

from tenfold.http.limits import RequestError
from tenfold.io.image_files import pixels_to_decode

FORM = "multipart/form-data"
RAW = ("application/octet-stream", "application/x-www-form-urlencoded")  # the latter is sent by curl --data-binary
MAX_PIXELS = 40_000_000  # decoding them takes a second and 160 MB; JPEG files are reduced while decoded and always pass
MAX_PARTS = 8  # parts of a form
NAMELESS = "-"  # the name of standard input in `tenfold read -`


def check_type(content_type: str) -> None:
    """Reject a body by its content type before any byte of it is received.

    Raises:
        RequestError: 415, the body is not a picture by its content type.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind and not kind.startswith("image/") and kind != FORM and kind not in RAW:
        raise RequestError(
            415, f"the content type is {kind[:80]!r}: send a picture as image/..., application/octet-stream or {FORM}"
        )


def picture_in(body: bytes, content_type: str) -> tuple[str, bytes]:
    """Return the name and the bytes of the picture in a body that `check_type` accepted.

    A form must hold one file, or a field named `picture`. A picture without a name is called "-".

    Raises:
        RequestError: 422, the form holds no file or several, or is damaged; 413, the picture has too many pixels.
    """
    is_form = content_type.partition(";")[0].strip().lower() == FORM
    name, picture = _file_in(body, content_type) if is_form else (NAMELESS, body)
    if pixels_to_decode(picture) > MAX_PIXELS:
        raise RequestError(
            413, f"the picture has over {MAX_PIXELS // 10**6} million pixels to decode, the limit: save it smaller"
        )
    return name, picture


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
        if field.field_name == b"picture":
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
