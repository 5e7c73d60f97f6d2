from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.http.limits import RequestError
from tenfold.server.tensors import parse, requested_outputs


def request(**changes: Any) -> bytes:
    tensor = {"name": "images", "datatype": "UINT8", "shape": [1, 28, 28], "data": [0] * 784} | changes
    return json.dumps({"inputs": [tensor]}).encode()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "is a JSON list, not an object"),
        (b"{}", "'inputs' must be a list of one tensor"),
        (request(name="x"), "give 'images', 'UINT8'"),
        (request(datatype="FP32"), "give 'images', 'UINT8'"),
        (request(shape=[0, 28, 28]), "it must be \\[n, 28, 28\\]"),
        (request(shape=[10**30, 28, 28]), "it must be \\[n, 28, 28\\]"),
        (request(shape=[True, 28, 28]), "it must be \\[n, 28, 28\\]"),
        (request(data=[0] * 783), "the data has 783 values"),
        (request(data=[[0] * 783, [0]]), "the rows of the data differ in length"),
        (request(data=[0] * 783 + [256]), "whole numbers, 0 paper .. 255 ink"),
        (request(data=[0] * 783 + [-1]), "whole numbers"),
        (request(data=[0.5] * 784), "whole numbers"),
        (request(data=["0"] * 784), "whole numbers"),
        (request(data=[0] * 783 + [10**30]), "whole numbers"),
        (request(data=None), "the data has 1 values"),
        (request(parameters=[1]), "'parameters' is not an object"),
        (request(parameters={"binary_data_size": 784}), "0 bytes follow the JSON"),
    ],
)
def test_invalid_request_is_one_error(body: bytes, reason: str) -> None:
    with pytest.raises(RequestError, match=reason) as error:
        parse(body, None)
    assert error.value.status == 400


@pytest.mark.parametrize("length", ["", "-1", "9" * 30, "x", "1e3", "²"])
def test_invalid_header_length_is_one_error(length: str) -> None:
    with pytest.raises(RequestError, match="Inference-Header-Content-Length"):
        parse(request(), length)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "shape", "data", "datatype", "parameters", "inputs", "outputs"]), inner
        )
    ),
)


@given(anything, anything, anything, anything)
def test_any_json_is_images_or_one_error(whole: Any, data: Any, parameters: Any, outputs: Any) -> None:
    tensor = {"name": "images", "datatype": "UINT8", "shape": [1, 28, 28], "data": data, "parameters": parameters}
    for value in (whole, {"inputs": whole}, {"inputs": [tensor], "outputs": outputs, "parameters": parameters}):
        try:
            parsed, images = parse(json.dumps(value).encode(), None)
            requested_outputs(parsed, ["digits"])
        except RequestError as error:
            assert error.status == 400
        else:
            assert images.shape == (1, 28, 28)


@given(anything)
def test_any_outputs_are_known_or_one_error(outputs: Any) -> None:
    try:
        names = requested_outputs({"outputs": outputs}, ["digits"])
    except RequestError as error:
        assert error.status == 400
    else:
        assert set(names) <= {"digits"}
