"""What the interface answers: readings as JSON, and the description of that JSON for OpenAPI.

Knows readings and how they are written down. Does not know HTTP.
"""

from __future__ import annotations

import base64
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from tenfold.preprocessing.digit_pipeline import Stages
from tenfold.preprocessing.scaling import downscale
from tenfold.recognition.attribution import Explanation
from tenfold.recognition.results import NumberReading, Reading

SHOWN = 640  # pixels: the longest side of a picture that is shown as a stage

PNG_URL = "a PNG as a data: URL"
PROBABILITIES = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9994, 0.0, 0.0006]


class Error(BaseModel):
    """Why a request was refused."""

    error: str = Field(description="one sentence: the value, the rule, the remedy")


class Digit(BaseModel):
    """One digit, as `tenfold read --json` prints it."""

    picture: str = Field(description="the name of the file in a form; '-' for raw bytes", examples=["7.jpg"])
    digit: int | None = Field(ge=0, le=9, description="null if the picture was rejected", examples=[7])
    confidence: float = Field(ge=0, le=1, description="the probability of the digit", examples=[0.9994])
    probabilities: list[float] = Field(
        min_length=10, max_length=10, description="of the digits 0 to 9", examples=[PROBABILITIES]
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


class Number(BaseModel):
    """A number of any digits, as `tenfold read --number --json` prints it."""

    picture: str = Field(description="the name of the file in a form; '-' for raw bytes", examples=["number.jpg"])
    text: str = Field(description="the digits; lines of writing are joined by a line break", examples=["7"])
    confidence: float = Field(ge=0, le=1, description="the probability that all of it is right", examples=[0.9994])
    digits: list[PlacedDigit]
    problem: str | None = Field(description="null, or one sentence of advice", examples=[None])
    size: list[int] = Field(
        min_length=2,
        max_length=2,
        description="width and height of the upright picture that the boxes refer to; large pictures are reduced",
        examples=[[300, 300]],
    )


class StagesShown(BaseModel):
    """Every stage of a picture on its way to an image."""

    picture: str = Field(description=f"the picture in grey, upright, at most {SHOWN} pixels: {PNG_URL}")
    ink: str = Field(description=f"the ink, light on dark, the light evened out: {PNG_URL}")
    strokes: str = Field(description=f"what was taken for the digit: {PNG_URL}")
    box: list[int] = Field(min_length=4, max_length=4, description="left, top, width, height in pixels of `size`")
    size: list[int] = Field(min_length=2, max_length=2, description="width and height of `ink` and `strokes`")
    image: str = Field(description=f"28 x 28, what the network saw: {PNG_URL}")


class DigitInStages(Digit):
    """One digit, and every stage of its reading."""

    stages: StagesShown


class Why(BaseModel):
    """Which pixels are evidence for a digit."""

    picture: str = Field(examples=["7.jpg"])
    digit: int = Field(ge=0, le=9, description="the digit of the reading", examples=[7])
    runner_up: int = Field(ge=0, le=9, description="the runner-up", examples=[9])
    evidence: list[list[float]] = Field(
        min_length=28, max_length=28, description="28 x 28: above 0 is evidence for the digit, below 0 against it"
    )
    evidence_over_runner_up: list[list[float]] = Field(
        min_length=28, max_length=28, description="28 x 28: above 0 is evidence for the digit over the runner-up"
    )
    exact: bool = Field(description="true if a score is its baseline plus the sum of its pixels")
    method: str = Field(description="how the evidence was computed")


def digit(name: str, reading: Reading) -> dict[str, Any]:
    """As `Digit` describes it."""
    return {"picture": name} | reading.as_dict()


def number(name: str, reading: NumberReading) -> dict[str, Any]:
    """As `Number` describes it."""
    return {"picture": name} | reading.as_dict()


def digit_in_stages(name: str, reading: Reading) -> dict[str, Any]:
    """As `DigitInStages` describes it; the reading must have stages, as those of a `Reader` have."""
    if reading.stages is None:
        raise ValueError("a reading without stages cannot be shown")
    return digit(name, reading) | {"stages": _stages(reading.stages)}


def why(name: str, found: Explanation) -> dict[str, Any]:
    """As `Why` describes it."""
    return {
        "picture": name,
        "digit": found.digit,
        "runner_up": found.runner_up,
        "evidence": found.evidence.round(3).tolist(),
        "evidence_over_runner_up": found.evidence_over_runner_up.round(3).tolist(),
        "exact": found.exact,
        "method": found.method,
    }


def _stages(stages: Stages) -> dict[str, Any]:
    height, width = stages.strokes.shape
    return {
        "picture": _png_url(downscale(stages.picture, SHOWN)),
        "ink": _png_url(stages.ink),
        "strokes": _png_url(stages.strokes),
        "box": list(stages.box),
        "size": [width, height],
        "image": _png_url(stages.image),
    }


def _png_url(grey: NDArray[np.uint8]) -> str:
    _, png = cv2.imencode(".png", grey, [cv2.IMWRITE_PNG_COMPRESSION, 1])  # the page is waiting: fast, not small
    return "data:image/png;base64," + base64.b64encode(png.tobytes()).decode()
