"""Montages of small pictures with captions, bars and heat maps. Does not know what the pictures mean."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

GAP = 12  # pixels between two panels
LINE_HEIGHT = 18  # pixels of one line of a caption
STAGE_SIDE = 220  # pixels of one stage of a reading
THUMBNAIL_SIDE = 96  # pixels of one digit among many
PAPER, INK, SOFT, STRONG = "#ffffff", "#1b1f24", "#8a94a0", "#2463eb"
FOR, AGAINST = (36, 99, 235), (217, 96, 15)  # blue and orange, which most colour-blind people tell apart

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".pdf": "PDF"}  # by file name ending

Panel = tuple[str, Image.Image]  # a caption and the picture under it
Box = tuple[float, float, float, float]  # left, top, width, height


def montage(panels: Sequence[Panel], columns: int) -> Image.Image:
    """Arrange panels in rows of `columns`, each under its caption."""
    font = ImageFont.load_default(13)
    lines = max(caption.count("\n") + 1 for caption, _ in panels)
    width = max(panel.width for _, panel in panels)
    height = max(panel.height for _, panel in panels) + LINE_HEIGHT * lines + GAP // 2
    rows = -(-len(panels) // columns)
    columns = min(columns, len(panels))
    page = Image.new("RGB", (columns * (width + GAP) + GAP, rows * (height + GAP) + GAP), PAPER)
    draw = ImageDraw.Draw(page)
    for i, (caption, panel) in enumerate(panels):
        left, top = GAP + i % columns * (width + GAP), GAP + i // columns * (height + GAP)
        draw.multiline_text((left, top), caption, INK, font, spacing=3)
        page.paste(panel, (left, top + LINE_HEIGHT * lines + GAP // 2))
    return page


def panel(pixels: NDArray[np.uint8], side: int, box: Box | None = None) -> Image.Image:
    """A grayscale array, `(h, w) uint8`, scaled to fit `side` x `side` pixels; the box, if any, is outlined."""
    scale = side / max(pixels.shape)
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    resampling = Image.Resampling.NEAREST if scale > 2 else Image.Resampling.LANCZOS
    picture = Image.fromarray(pixels).resize(size, resampling).convert("RGB")
    draw = ImageDraw.Draw(picture)
    if box is not None and box[2]:
        left, top, width, height = (length * scale for length in box)
        draw.rectangle((left - 2, top - 2, left + width + 1, top + height + 1), outline=STRONG, width=2)
    draw.rectangle((0, 0, picture.width - 1, picture.height - 1), outline=SOFT)
    return picture


def labelled(pixels: NDArray[np.uint8], side: int, boxes: Sequence[tuple[Box, str]]) -> Image.Image:
    """A grayscale array, `(h, w) uint8`, scaled to fit `side` x `side` pixels, with outlined boxes under labels."""
    picture = panel(pixels, side)
    scale = picture.width / pixels.shape[1]
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(15)
    for box, label in boxes:
        left, top, width, height = (length * scale for length in box)
        draw.rectangle((left - 1, top - 1, left + width, top + height), outline=STRONG, width=2)
        draw.text(
            (left + width / 2, max(top - 3, 14)), label, STRONG, font, anchor="mb", stroke_width=2, stroke_fill=PAPER
        )
    return picture


def stack(upper: Image.Image, lower: Image.Image) -> Image.Image:
    """Place one picture above another."""
    page = Image.new("RGB", (max(upper.width, lower.width), upper.height + lower.height), PAPER)
    page.paste(upper, (0, 0))
    page.paste(lower, (0, upper.height))
    return page


def bars(probabilities: NDArray[np.floating], side: int) -> Image.Image:
    """Ten probabilities, `(10,)` of 0..1, as horizontal bars with digit and percentage; the longest is coloured."""
    font = ImageFont.load_default(13)
    picture = Image.new("RGB", (side, side), PAPER)
    draw = ImageDraw.Draw(picture)
    step = side / len(probabilities)
    for digit, probability in enumerate(probabilities):
        top = digit * step
        colour = STRONG if digit == int(np.argmax(probabilities)) else SOFT
        draw.text((0, top + step / 2), str(digit), INK, font, anchor="lm")
        draw.rectangle((16, top + 3, 16 + max(1, probability * (side - 74)), top + step - 4), fill=colour)
        draw.text((side, top + step / 2), f"{100 * probability:.1f} %", INK, font, anchor="rm")
    return picture


def heat_map(pixels: NDArray[np.uint8], values: NDArray[np.float64], side: int) -> Image.Image:
    """Values over a faint image, `(h, w)` both: blue above 0, orange below 0, stronger the larger they are."""
    strength = (values / max(float(np.abs(values).max()), 1e-12))[:, :, None]
    background = 255 - pixels[:, :, None] * 0.3
    colour = np.where(strength > 0, np.array(FOR, np.float64), np.array(AGAINST, np.float64))
    mixed = background + (colour - background) * np.abs(strength)
    scaled = Image.fromarray(np.rint(mixed).astype(np.uint8)).resize((side, side), Image.Resampling.NEAREST)
    ImageDraw.Draw(scaled).rectangle((0, 0, side - 1, side - 1), outline=SOFT)
    return scaled


def encode(picture: Image.Image, ending: str = ".png") -> bytes:
    """The bytes of a picture file in the format of a file name ending, one of `FORMATS`."""
    buffer = io.BytesIO()
    picture.save(buffer, FORMATS[ending], optimize=True, quality=92)
    return buffer.getvalue()
