"""Arrays and captions -> a sheet of small pictures, as PNG. Knows drawing; does not know what the pictures mean."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

GAP = 12
LINE = 18  # pixels of a line of caption
PAPER, INK, SOFT, STRONG = "#ffffff", "#1b1f24", "#8a94a0", "#2463eb"
FOR, AGAINST = (36, 99, 235), (217, 96, 15)  # blue and orange, which most colour-blind people tell apart

Panel = tuple[str, Image.Image]
Box = tuple[float, float, float, float]  # left, top, width, height


def montage(panels: Sequence[Panel], columns: int) -> bytes:
    """The panels in rows of `columns`, each under its caption: the bytes of a PNG file."""
    font = ImageFont.load_default(13)
    lines = max(caption.count("\n") + 1 for caption, _ in panels)
    width = max(panel.width for _, panel in panels)
    height = max(panel.height for _, panel in panels) + LINE * lines + GAP // 2
    rows = -(-len(panels) // columns)
    columns = min(columns, len(panels))
    page = Image.new("RGB", (columns * (width + GAP) + GAP, rows * (height + GAP) + GAP), PAPER)
    draw = ImageDraw.Draw(page)
    for i, (caption, panel) in enumerate(panels):
        left, top = GAP + i % columns * (width + GAP), GAP + i // columns * (height + GAP)
        draw.multiline_text((left, top), caption, INK, font, spacing=3)
        page.paste(panel, (left, top + LINE * lines + GAP // 2))
    return _png(page)


def panel(pixels: NDArray[np.uint8], side: int, box: Box | None = None) -> Image.Image:
    """`(h, w) uint8` in grey, scaled to fit `side` x `side`; a `(left, top, width, height)` box is outlined."""
    scale = side / max(pixels.shape)
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    how = Image.Resampling.NEAREST if scale > 2 else Image.Resampling.LANCZOS
    picture = Image.fromarray(pixels).resize(size, how).convert("RGB")
    draw = ImageDraw.Draw(picture)
    if box is not None and box[2]:
        left, top, width, height = (length * scale for length in box)
        draw.rectangle((left - 2, top - 2, left + width + 1, top + height + 1), outline=STRONG, width=2)
    draw.rectangle((0, 0, picture.width - 1, picture.height - 1), outline=SOFT)
    return picture


def labelled(pixels: NDArray[np.uint8], side: int, boxes: Sequence[tuple[Box, str]]) -> Image.Image:
    """`(h, w) uint8` in grey, scaled to fit `side` x `side`, with boxes outlined and a word over each."""
    picture = panel(pixels, side)
    scale = picture.width / pixels.shape[1]
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(15)
    for box, word in boxes:
        left, top, width, height = (length * scale for length in box)
        draw.rectangle((left - 1, top - 1, left + width, top + height), outline=STRONG, width=2)
        draw.text(
            (left + width / 2, max(top - 3, 14)), word, STRONG, font, anchor="mb", stroke_width=2, stroke_fill=PAPER
        )
    return picture


def stack(upper: bytes, lower: bytes) -> bytes:
    """Two PNG pictures, one over the other: the bytes of a PNG file."""
    first, second = (Image.open(io.BytesIO(data)) for data in (upper, lower))
    page = Image.new("RGB", (max(first.width, second.width), first.height + second.height), PAPER)
    page.paste(first, (0, 0))
    page.paste(second, (0, first.height))
    return _png(page)


def bars(shares: NDArray[np.floating], side: int) -> Image.Image:
    """Ten shares, `(10,)` of 0..1, as horizontal bars with their digit and percentage; the longest is coloured."""
    font = ImageFont.load_default(13)
    picture = Image.new("RGB", (side, side), PAPER)
    draw = ImageDraw.Draw(picture)
    step = side / len(shares)
    for digit, share in enumerate(shares):
        top = digit * step
        colour = STRONG if digit == int(np.argmax(shares)) else SOFT
        draw.text((0, top + step / 2), str(digit), INK, font, anchor="lm")
        draw.rectangle((16, top + 3, 16 + max(1, share * (side - 74)), top + step - 4), fill=colour)
        draw.text((side, top + step / 2), f"{100 * share:.1f} %", INK, font, anchor="rm")
    return picture


def heat_map(pixels: NDArray[np.uint8], values: NDArray[np.float64], side: int) -> Image.Image:
    """An image, faint, under its values, `(h, w)` both: blue above 0, orange below 0, stronger the larger they are."""
    share = (values / max(float(np.abs(values).max()), 1e-12))[:, :, None]
    ground = 255 - pixels[:, :, None] * 0.3
    colour = np.where(share > 0, np.array(FOR, np.float64), np.array(AGAINST, np.float64))
    mixed = ground + (colour - ground) * np.abs(share)
    scaled = Image.fromarray(np.rint(mixed).astype(np.uint8)).resize((side, side), Image.Resampling.NEAREST)
    ImageDraw.Draw(scaled).rectangle((0, 0, side - 1, side - 1), outline=SOFT)
    return scaled


def _png(page: Image.Image) -> bytes:
    buffer = io.BytesIO()
    page.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


STAGE_SIDE = 220  # pixels of one stage
THUMBNAIL_SIDE = 96  # pixels of one mistake
