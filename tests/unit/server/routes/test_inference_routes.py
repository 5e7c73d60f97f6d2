from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

import tenfold
from helpers.project import Mnist
from helpers.waiting import PATIENCE
from tenfold.server.routes.inference_routes import EXAMPLE

triton = pytest.importorskip("tritonclient.http", reason="tritonclient[http] is not installed")
InferenceServerException = pytest.importorskip("tritonclient.utils").InferenceServerException


@pytest.fixture
def client(server: str) -> Any:
    client = triton.InferenceServerClient(urlsplit(server).netloc)
    yield client
    client.close()


def images_input(images: NDArray[np.uint8], binary: bool = True) -> Any:
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
