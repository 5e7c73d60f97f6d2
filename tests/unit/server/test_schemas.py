from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

import tenfold
from helpers.project import SAMPLES
from tenfold.recognition.activations import activations
from tenfold.server import schemas


def test_maps_of_a_layer_stand_side_by_side() -> None:
    reader = tenfold.Reader()
    reading = reader.read(SAMPLES / "7.jpg")
    shown = schemas.inside("7.jpg", reader.network, reading)["layers"]
    expected = activations(reader.network, reading.image)
    assert [(each["channels"], each["size"]) for each in shown] == [
        (16, [12, 12]),
        (32, [10, 10]),
        (48, [8, 8]),
        (80, [3, 3]),
        (256, [1, 1]),
    ]
    for layer, maps in zip(shown, expected, strict=True):
        png = base64.b64decode(layer["maps"].removeprefix("data:image/png;base64,"))
        sheet = np.asarray(Image.open(io.BytesIO(png)))
        width, height = layer["size"]
        step = 1 if width == 1 else width + 1  # a dark pixel between two maps
        for i in range(layer["channels"]):
            row, column = divmod(i, layer["columns"])
            part = sheet[row * step : row * step + height, column * step : column * step + width]
            assert (part == (255 * maps[i] / maps.max()).astype(np.uint8)).all()


def test_network_without_hidden_layers_shows_none() -> None:
    reader = tenfold.Reader("article")
    assert schemas.inside("7.jpg", reader.network, reader.read(SAMPLES / "7.jpg")) == {"picture": "7.jpg", "layers": []}
