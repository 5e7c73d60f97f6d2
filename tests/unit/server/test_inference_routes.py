from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
import tritonclient.http as triton
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tritonclient.utils import InferenceServerException

import tenfold
from helpers.project import Mnist
from helpers.waiting import PATIENCE
from tenfold.http.limits import RequestError
from tenfold.server.inference_routes import EXAMPLE
from tenfold.server.tensors import parse, requested_outputs


@pytest.fixture
def client(server: str) -> Any:
    client = triton.InferenceServerClient(urlsplit(server).netloc)
    yield client
    client.close()


def images_input(images: NDArray[np.uint8], binary: bool = True) -> triton.InferInput:
    tensor = triton.InferInput("images", list(images.shape), "UINT8")
    tensor.set_data_from_numpy(images, binary_data=binary)
    return tensor


def test_triton_client_finds_server_and_network_ready(client: Any) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("digits")
    assert client.is_model_ready("digits", "1")
    assert not client.is_model_ready("other")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    metadata = client.get_model_metadata("digits")
    assert metadata["inputs"] == [{"name": "images", "datatype": "UINT8", "shape": [-1, 28, 28]}]
    assert [output["name"] for output in metadata["outputs"]] == ["digits", "probabilities", "scores"]
    assert client.get_model_metadata("digits", "1") == metadata


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_triton_client_gets_the_outputs_of_the_network(
    client: Any, mnist: Mnist, binary_in: bool, binary_out: bool
) -> None:
    images = mnist[1][0][:7]
    net = tenfold.load_network("digits")
    names = ["scores", "digits", "probabilities"]
    outputs = [triton.InferRequestedOutput(name, binary_data=binary_out) for name in names]
    answer = client.infer("digits", [images_input(images, binary_in)], outputs=outputs, request_id="seven")
    np.testing.assert_array_equal(answer.as_numpy("digits"), net.predict(images))
    np.testing.assert_array_equal(answer.as_numpy("scores"), net.scores(images))
    np.testing.assert_array_equal(answer.as_numpy("probabilities"), net.probabilities(images))
    assert answer.as_numpy("digits").dtype == np.int64
    assert answer.get_response()["id"] == "seven"
    assert answer.get_response()["model_name"] == "digits"


def test_all_outputs_come_where_none_is_named(client: Any, mnist: Mnist) -> None:
    answer = client.infer("digits", [images_input(mnist[1][0][:2])], model_version="1")
    assert [answer.as_numpy(name).shape for name in ("digits", "probabilities", "scores")] == [(2,), (2, 10), (2, 10)]


def test_triton_client_gets_error_messages(client: Any, mnist: Mnist) -> None:
    images = mnist[1][0][:1]
    with pytest.raises(InferenceServerException, match="unknown output 'nothing'"):
        client.infer("digits", [images_input(images)], outputs=[triton.InferRequestedOutput("nothing")])
    with pytest.raises(InferenceServerException, match="this path does not exist"):
        client.infer("other", [images_input(images)])
    with pytest.raises(InferenceServerException, match=r"the shape is \[1, 784\]"):
        client.infer("digits", [images_input(images.reshape(1, 784))])
    with pytest.raises(InferenceServerException, match="content coding is 'gzip'"):
        client.infer("digits", [images_input(images)], request_compression_algorithm="gzip")


def test_example_of_the_schema_is_read_as_1(server: str) -> None:
    paths = httpx.get(f"{server}/openapi.json", timeout=PATIENCE).json()["paths"]
    body = paths["/v2/models/digits/infer"]["post"]["requestBody"]
    assert body["content"]["application/json"]["example"] == EXAMPLE
    answer = httpx.post(f"{server}/v2/models/digits/infer", json=EXAMPLE, timeout=PATIENCE).json()
    assert answer["outputs"][0] == {"name": "digits", "datatype": "INT64", "shape": [1], "data": [1]}


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
