"""Readings as JSON, and the schemas of that JSON for OpenAPI. No HTTP here."""

from __future__ import annotations

import base64
import io
import math
from contextlib import closing
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from tenfold.errors import PictureError
from tenfold.io.documents import open_document
from tenfold.networks.classifier import Classifier
from tenfold.preprocessing.digit_pipeline import Stages
from tenfold.preprocessing.scaling import downscale
from tenfold.recognition.activations import activations
from tenfold.recognition.attribution import Explanation
from tenfold.recognition.results import NumberReading, Reading

MAX_SHOWN_SIDE = 640  # pixels: the longest side of the picture among the stages

PNG_URL = "a PNG as a data: URL"
PROBABILITIES = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9994, 0.0, 0.0006]


class Error(BaseModel):
    """Why a request was rejected."""

    error: str = Field(description="one sentence: the value, the rule, the remedy")


class Digit(BaseModel):
    """One digit, as `tenfold read --json` prints it."""

    picture: str = Field(description="the name of the file in a form; '-' for raw bytes", examples=["7.jpg"])
    digit: int | None = Field(ge=0, le=9, description="null if the picture was rejected", examples=[7])
    confidence: float = Field(ge=0, le=1, description="the probability of the digit", examples=[0.9994])
    probabilities: list[float] = Field(
        min_length=10, max_length=10, description="the probabilities of the digits 0 to 9", examples=[PROBABILITIES]
    )
    problem: str | None = Field(description="null, or one sentence of advice", examples=[None])


class PlacedDigit(BaseModel):
    """One digit of a number."""

    box: list[int] = Field(
        min_length=4,
        max_length=4,
        description="left, top, width, height in pixels of `size`",
        examples=[[31, 40, 52, 80]],
    )
    digit: int = Field(ge=0, le=9, examples=[7])
    confidence: float = Field(ge=0, le=1, examples=[0.9994])
    probabilities: list[float] = Field(min_length=10, max_length=10, examples=[PROBABILITIES])


class NumberInRow(BaseModel):
    """One of the numbers in a picture."""

    text: str = Field(description="its digits", examples=["120324"])
    written: str = Field(description="what stands there, with its signs", examples=["12/03/24"])
    box: list[int] = Field(min_length=4, max_length=4, description="left, top, width, height in pixels of `size`")
    confidence: float = Field(ge=0, le=1, description="the probability that it is right", examples=[0.9994])
    problem: str | None = Field(description="null, or one sentence of advice", examples=[None])


class Number(BaseModel):
    """A number of any digits, as `tenfold read --number --json` prints it."""

    picture: str = Field(description="the name of the file in a form; '-' for raw bytes", examples=["number.jpg"])
    text: str = Field(
        description="the digits; a space between the numbers of a line, a line break between lines", examples=["120324"]
    )
    written: str = Field(
        description="what stands there, with its signs; an unknown mark is shown as ?", examples=["12/03/24"]
    )
    confidence: float = Field(ge=0, le=1, description="the probability that every digit is right", examples=[0.9994])
    digits: list[PlacedDigit]
    rows: list[list[NumberInRow]] = Field(description="the numbers of each line, from left to right")
    problem: str | None = Field(description="null, or one sentence of advice", examples=[None])
    size: list[int] = Field(
        min_length=2,
        max_length=2,
        description="width and height of the upright picture that the boxes refer to; large pictures are reduced",
        examples=[[300, 300]],
    )


class StagesShown(BaseModel):
    """The stages from a picture to the image that the network reads."""

    picture: str = Field(description=f"the picture in grayscale, upright, at most {MAX_SHOWN_SIDE} pixels: {PNG_URL}")
    ink: str = Field(description=f"the ink, light on dark, after background subtraction: {PNG_URL}")
    strokes: str = Field(description=f"the ink that belongs to the digit: {PNG_URL}")
    box: list[int] = Field(min_length=4, max_length=4, description="left, top, width, height in pixels of `size`")
    size: list[int] = Field(min_length=2, max_length=2, description="width and height of `ink` and `strokes`")
    image: str = Field(description=f"28 x 28, the image that the network read: {PNG_URL}")


class DigitInStages(Digit):
    """One digit, and every stage of its reading."""

    stages: StagesShown


class LayerShown(BaseModel):
    """What one layer makes of an image."""

    channels: int = Field(ge=1, description="how many maps")
    size: list[int] = Field(min_length=2, max_length=2, description="width and height of a map")
    columns: int = Field(ge=1, description="maps side by side in `maps`; between two of them is one dark pixel")
    maps: str = Field(description=f"all maps, the brighter the more active: {PNG_URL}")


class Inside(BaseModel):
    """What each layer of the network makes of a digit, from the pixels on."""

    picture: str = Field(examples=["7.jpg"])
    layers: list[LayerShown] = Field(description="empty for a network without hidden layers")


class Page(BaseModel):
    """One page of a PDF or a TIFF file, as a picture."""

    page: int = Field(ge=1, description="the number of the page")
    pages: int = Field(ge=1, description="how many pages the file has")
    picture: str = Field(description=f"the page in grayscale: {PNG_URL}")


class Why(BaseModel):
    """Which pixels are evidence for the digit of a reading."""

    picture: str = Field(examples=["7.jpg"])
    digit: int = Field(ge=0, le=9, description="the digit of the reading", examples=[7])
    runner_up: int = Field(ge=0, le=9, description="the digit with the second largest score", examples=[9])
    evidence: list[list[float]] = Field(
        min_length=28, max_length=28, description="28 x 28: above 0 is evidence for the digit, below 0 against it"
    )
    evidence_over_runner_up: list[list[float]] = Field(
        min_length=28, max_length=28, description="28 x 28: above 0 is evidence for the digit over the runner-up"
    )
    exact: bool = Field(description="true if a score is its baseline plus the sum of its pixels")
    method: str = Field(description="how the evidence was computed")


def digit(name: str, reading: Reading) -> dict[str, Any]:
    """Return a reading as a `Digit`."""
    return {"picture": name} | reading.as_dict()


def number(name: str, reading: NumberReading) -> dict[str, Any]:
    """Return a reading as a `Number`."""
    return {"picture": name} | reading.as_dict()


def digit_in_stages(name: str, reading: Reading) -> dict[str, Any]:
    """Return a reading as a `DigitInStages`.

    Raises:
        ValueError: the reading has no stages; those of a `Reader` have.
    """
    if reading.stages is None:
        raise ValueError("a reading without stages cannot be shown")
    return digit(name, reading) | {"stages": _stages(reading.stages)}


def inside(name: str, network: Classifier, reading: Reading) -> dict[str, Any]:
    """Return what the layers of a network make of a reading's image, as an `Inside`."""
    return {"picture": name, "layers": [_layer(maps) for maps in activations(network, reading.image)]}


def _layer(maps: NDArray[np.float32]) -> dict[str, Any]:
    channels, height, width = maps.shape
    columns = next(count for count in range(math.isqrt(2 * channels), 0, -1) if channels % count == 0)
    levels = (255 * maps / max(float(maps.max()), 1e-9)).astype(np.uint8)
    gap = 0 if width == 1 else 1
    sheet = np.pad(levels, ((0, 0), (0, gap), (0, gap))).reshape(-1, columns, height + gap, width + gap)
    montage = sheet.transpose(0, 2, 1, 3).reshape(-1, columns * (width + gap))
    trimmed = np.ascontiguousarray(montage[: len(montage) - gap, : montage.shape[1] - gap])
    return {"channels": channels, "size": [width, height], "columns": columns, "maps": _png_url(trimmed)}


def page(file: bytes, number: int) -> dict[str, Any]:
    """Return one page of a file as a `Page`.

    Raises:
        PictureError: the file has no pages, or not this one; it is damaged or over a limit; or pypdfium2 is missing.
    """
    document = open_document(io.BytesIO(file))
    if document is None:
        raise PictureError("the file is not a PDF, nor a TIFF file of several pages: read it as a picture")
    with closing(document):
        if number > document.pages:
            raise PictureError(f"page {number} is wanted, and the file has {document.pages}: ask for one of them")
        return {"page": number, "pages": document.pages, "picture": _png_url(document.pixels(number))}


def why(name: str, explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as a `Why`."""
    return {
        "picture": name,
        "digit": explanation.digit,
        "runner_up": explanation.runner_up,
        "evidence": explanation.evidence.round(3).tolist(),
        "evidence_over_runner_up": explanation.evidence_over_runner_up.round(3).tolist(),
        "exact": explanation.exact,
        "method": explanation.method,
    }


def _stages(stages: Stages) -> dict[str, Any]:
    height, width = stages.strokes.shape
    return {
        "picture": _png_url(downscale(stages.picture, MAX_SHOWN_SIDE)),
        "ink": _png_url(stages.ink),
        "strokes": _png_url(stages.strokes),
        "box": list(stages.box),
        "size": [width, height],
        "image": _png_url(stages.image),
    }


def _png_url(image: NDArray[np.uint8]) -> str:
    _, png = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 1])  # fast rather than small: the page waits
    return "data:image/png;base64," + base64.b64encode(png.tobytes()).decode()
