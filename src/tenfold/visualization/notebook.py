"""HTML for notebooks (Jupyter, marimo): small pictures, bars and tables.

Does not know what the pictures mean. The HTML is self-contained: pictures are embedded, and each has a description.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.arrays import SIDE, checked_images, checked_pair
from tenfold.visualization.montage import AGAINST, FOR

MAX_SHOWN = 200  # images

Picture = tuple[NDArray[np.uint8], str]  # (28, 28) grayscale or (28, 28, 3), and its caption


@dataclass(frozen=True, eq=False)
class Shown:
    """HTML that a notebook shows if this is the value of a cell."""

    html: str = field(repr=False)

    def _repr_html_(self) -> str:
        return self.html


def show(images: ArrayLike, labels: ArrayLike | None = None) -> Shown:
    """Show images in a notebook, with their labels below them.

    Args:
        images: `(n, 28, 28)` or `(n, 784)` whole numbers 0 paper .. 255 ink, or one image; the first 200 are shown.
        labels: `(n,)` whole numbers 0..9.

    Raises:
        DataError: images or labels break these rules.
    """
    array = np.asarray(images)
    one = array.shape in {(SIDE, SIDE), (SIDE * SIDE,)}
    array = array[None] if one else array
    if labels is None:
        pixels = checked_images(array)
        names = [""] * len(pixels)
    else:
        pixels, digits = checked_pair(array, np.atleast_1d(labels))
        names = [str(digit) for digit in digits]
    shown = zip(pixels.reshape(-1, SIDE, SIDE)[:MAX_SHOWN], names[:MAX_SHOWN], strict=True)
    captions = [(255 - image, name) for image, name in shown]
    return Shown(pictures(captions, 56, "an image of a handwritten digit"))


def pictures(captioned: Sequence[Picture], side: int, what: str) -> str:
    """Pictures side by side, each `side` pixels wide above its caption; `what` and the caption describe it."""
    return _row("".join(_figure(picture, caption, side, what) for picture, caption in captioned))


def signed(values: NDArray[np.float64]) -> list[NDArray[np.uint8]]:
    """Planes, `(n, 28, 28)`, as pictures: blue above 0, orange below, at full strength beyond the 99th percentile."""
    finite = np.nan_to_num(values)
    centers = finite[:, 6:-6, 6:-6]  # where there is ink: untrained margins must not set the scale
    largest = float(np.quantile(np.abs(centers), 0.99)) or 1.0
    strength = np.clip(finite / largest, -1, 1)[..., None]
    colours = np.where(strength > 0, np.array(FOR, np.float64), np.array(AGAINST, np.float64))
    return list(np.rint(255 + (colours - 255) * np.abs(strength)).astype(np.uint8))


def bars(probabilities: NDArray[np.floating], digit: int | None) -> str:
    """Ten probabilities, 0..1, as bars; that of `digit` in blue."""
    rows = []
    for label, probability in enumerate(probabilities):
        colour = f"rgb{FOR}" if label == digit else "#9aa1aa"
        width = max(1, round(160 * float(probability)))
        rows.append(
            f"<div>{label} <span style='display:inline-block;height:9px;width:{width}px;background:{colour}'></span> "
            f"{100 * float(probability):.1f} %</div>"
        )
    return f"<div style='line-height:1.35;font-size:13px'>{''.join(rows)}</div>"


def table(counts: NDArray[np.int64]) -> str:
    """A confusion matrix, `(10, 10)`; the larger the fraction of its row, the stronger the colour of a cell."""
    fractions = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    head = "".join(f"<th scope='col'>{digit}</th>" for digit in range(len(counts)))
    rows = [f"<tr><th></th>{head}</tr>"]
    for digit, (row, strengths) in enumerate(zip(counts, fractions, strict=True)):
        cells = [
            f"<td style='text-align:right;background:rgba{(*(FOR if digit == read else AGAINST), round(strength, 3))}'>"
            f"{count or ''}</td>"
            for read, (count, strength) in enumerate(zip(row.tolist(), strengths.tolist(), strict=True))
        ]
        rows.append(f"<tr><th scope='row'>{digit}</th>{''.join(cells)}</tr>")
    return f"<table style='font-size:13px'>{''.join(rows)}</table>"


def side_by_side(*parts: str) -> str:
    """Place pieces of HTML side by side."""
    return _row("".join(f"<div>{part}</div>" for part in parts), 16)


def line(text: str) -> str:
    """A line of plain text, escaped."""
    return f"<div>{html.escape(text)}</div>"


def _row(content: str, gap: int = 6) -> str:
    return f"<div style='display:flex;flex-wrap:wrap;gap:{gap}px;align-items:center;margin:4px 0'>{content}</div>"


def _figure(picture: NDArray[np.uint8], caption: str, side: int, what: str) -> str:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(buffer, "PNG")
    source = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    description = html.escape(f"{what} {caption}".strip(), quote=True)
    style = "image-rendering:pixelated;background:#fff;border:1px solid #9aa1aa;border-radius:4px;margin:0"
    return (
        "<figure style='margin:0;text-align:center;font-size:13px'>"
        f'<img src="{source}" alt="{description}" width="{side}" height="{side}" style="{style}">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )
