"""How things show themselves in a notebook (Jupyter, marimo): small pictures, bars and tables as HTML.

Knows HTML and the colours of `sheet`. Does not know what the pictures mean. Nothing is loaded from anywhere: pictures
are inside, and every one has its description.
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

MOST = 200  # images that are shown

Picture = tuple[NDArray[np.uint8], str]  # (28, 28) grey or (28, 28, 3), and its caption, which also describes it


@dataclass(frozen=True, eq=False)
class Shown:
    """What a notebook shows where this is the last line of a cell."""

    html: str = field(repr=False)

    def _repr_html_(self) -> str:
        return self.html


def show(images: ArrayLike, labels: ArrayLike | None = None) -> Shown:
    """Images for a notebook, with their labels below them.

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
    shown = zip(pixels.reshape(-1, SIDE, SIDE)[:MOST], names[:MOST], strict=True)
    captions = [(255 - image, name) for image, name in shown]
    return Shown(pictures(captions, 56, "an image of a handwritten digit"))


def pictures(shown: Sequence[Picture], side: int, what: str) -> str:
    """Pictures side by side, each `side` pixels wide, over its caption; `what` describes each beside its caption."""
    return _row("".join(_figure(picture, caption, side, what) for picture, caption in shown))


def signed(values: NDArray[np.float64]) -> list[NDArray[np.uint8]]:
    """Planes, `(n, 28, 28)`, as pictures: blue above 0, orange below, at full strength beyond the 99th percentile."""
    finite = np.nan_to_num(values)
    middles = finite[:, 6:-6, 6:-6]  # where ink falls: margins that nothing was learned about must not make them pale
    largest = float(np.quantile(np.abs(middles), 0.99)) or 1.0
    share = np.clip(finite / largest, -1, 1)[..., None]
    colours = np.where(share > 0, np.array(FOR, np.float64), np.array(AGAINST, np.float64))
    return list(np.rint(255 + (colours - 255) * np.abs(share)).astype(np.uint8))


def bars(shares: NDArray[np.floating], first: int | None) -> str:
    """Ten shares, 0..1, as bars; the one of the digit `first` in blue."""
    rows = []
    for digit, share in enumerate(shares):
        colour = f"rgb{FOR}" if digit == first else "#9aa1aa"
        width = max(1, round(160 * float(share)))
        rows.append(
            f"<div>{digit} <span style='display:inline-block;height:9px;width:{width}px;background:{colour}'></span> "
            f"{100 * float(share):.1f} %</div>"
        )
    return f"<div style='line-height:1.35;font-size:13px'>{''.join(rows)}</div>"


def table(counts: NDArray[np.int64]) -> str:
    """A confusion matrix, `(10, 10)`, the stronger the larger its share of a row."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    head = "".join(f"<th scope='col'>{digit}</th>" for digit in range(len(counts)))
    rows = [f"<tr><th></th>{head}</tr>"]
    for digit, (row, strengths) in enumerate(zip(counts, shares, strict=True)):
        cells = [
            f"<td style='text-align:right;background:rgba{(*(FOR if digit == read else AGAINST), round(strength, 3))}'>"
            f"{count or ''}</td>"
            for read, (count, strength) in enumerate(zip(row.tolist(), strengths.tolist(), strict=True))
        ]
        rows.append(f"<tr><th scope='row'>{digit}</th>{''.join(cells)}</tr>")
    return f"<table style='font-size:13px'>{''.join(rows)}</table>"


def beside(*parts: str) -> str:
    """Parts side by side."""
    return _row("".join(f"<div>{part}</div>" for part in parts), 16)


def line(text: str) -> str:
    """A line of plain text."""
    return f"<div>{html.escape(text)}</div>"


def _row(inside: str, gap: int = 6) -> str:
    return f"<div style='display:flex;flex-wrap:wrap;gap:{gap}px;align-items:center;margin:4px 0'>{inside}</div>"


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
