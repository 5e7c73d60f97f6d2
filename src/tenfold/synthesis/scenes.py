"""Scenes: a digit as people meet it in pictures - cut from a form, small on a sheet, in a box - or the same without it.

All randomness comes from the given generator. Does not know preprocessing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Box
from tenfold.synthesis import layouts
from tenfold.synthesis.characters import Characters
from tenfold.synthesis.photographs import photograph, render_clean
from tenfold.writing.pen_rendering import Ink

CONTENTS = {"digit": 0.52, "nothing": 0.18, "other": 0.18, "several": 0.05, "turned": 0.04, "part": 0.03}
MIN_CONTRAST_TO_NOISE = 1.5  # standard deviations of the paper by which strokes must differ from it


class Scene(NamedTuple):
    """A synthetic picture.

    Attributes:
        picture: `(h, w) uint8`, 0 black .. 255 white.
        content: a key of `CONTENTS`: whether it shows a digit, or what else.
        label: the digit 0..9; -1 without one.
        box: `(left, top, width, height)` of the digit or of what else is written, in pixels; empty if nothing is.
    """

    picture: NDArray[np.uint8]
    content: str
    label: int
    box: Box


def sample_scene(characters: Characters, rng: np.random.Generator, content: str | None = None) -> Scene:
    """Draw a scene.

    Args:
        characters: what is written.
        rng: the source of all randomness.
        content: a key of `CONTENTS`; None draws one.
    """
    content = content or str(rng.choice(list(CONTENTS), p=list(CONTENTS.values())))
    while True:
        height = float(np.exp(rng.uniform(np.log(14), np.log(100))))
        label, inks = _written(characters, content, height, rng)
        picture, ink, box = _pictured(characters if content != "part" else None, inks, rng)
        scene = Scene(picture, content, label, box if inks else (0, 0, 0, 0))
        if not inks or _is_visible(scene, ink):
            return scene


def _is_visible(scene: Scene, ink: Ink) -> bool:
    """True if a person could see what is written: it differs from the paper around it by more than the grain."""
    left, top, width, height = scene.box
    window = np.s_[top : top + height, left : left + width]
    strokes, picture = ink[window], scene.picture[window].astype(np.float32)
    on, off = picture[strokes > 0.6], picture[strokes < 0.1]
    if len(on) < 4 or len(off) < 4:
        return len(on) >= 4
    return bool(abs(on.mean() - off.mean()) > MIN_CONTRAST_TO_NOISE * (off.std() + 2))


def _pictured(
    neighbours: Characters | None, inks: list[Ink], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], Ink, Box]:
    """The picture of characters in one of four layouts, the plane of its ink, and the box of what is written."""
    layout = rng.choice(4, p=(0.34, 0.22, 0.2, 0.24))
    if layout == 3:
        sheet = layouts.on_screen(inks, rng)
        return render_clean(sheet, rng), sheet.ink, sheet.box
    if layout == 1:
        sheet = layouts.on_sheet(inks, rng)
    else:
        sheet = (layouts.crop if layout == 0 else layouts.in_field)(inks, neighbours, rng)
    return photograph(sheet, rng, desk=layout == 1), sheet.ink, sheet.box


def _written(characters: Characters, content: str, height: float, rng: np.random.Generator) -> tuple[int, list[Ink]]:
    """The label, or -1, and the characters side by side."""
    if content == "digit":
        label, ink = characters.digit(height, rng)
        return label, [ink]
    if content == "other":
        return -1, [characters.non_digit(height, rng)]
    if content == "turned":
        return -1, [characters.turned(height, rng)]
    if content == "several":
        return -1, [characters.digit(height * rng.uniform(0.85, 1.15), rng).ink for _ in range(rng.integers(2, 4))]
    if content == "part":
        ink = characters.digit(height * 1.6, rng).ink
        rows, columns = ink.shape
        keep = rng.uniform(0.3, 0.6)
        parts = (
            ink[: int(rows * keep)],
            ink[int(rows * (1 - keep)) :],
            ink[:, : int(columns * keep)],
            ink[:, int(columns * (1 - keep)) :],
        )
        return -1, [parts[rng.integers(4)]]
    return -1, []
