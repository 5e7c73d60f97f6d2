"""A field cut out of a scan, without the print of the blank form. Does not read what is written."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Box, Grey
from tenfold.forms.registration.features import Matrix
from tenfold.forms.registration.patches import warp

HEIGHT = 80  # pixels of the height of a field in its crop
MARGIN = 0.25  # of the height of a field, around it in its crop: people write beyond boxes
MAX_WIDTH = 4000  # pixels of a crop
PAPER_KERNEL = 41  # pixels; strokes and print are slimmer
MIN_INK = 28  # gray levels by which print differs from the paper at least
FAINT_INK = 12  # the same of ink on paper without grain
SHIFT = 5  # pixels by which a field may lie beside its place, on creased paper
MIN_GAIN = 0.02  # of the correlation, by which another place must fit better than the expected one
TOLERANCE = 2  # pixels around print in which ink may still be print
MIN_PIECE = 10  # pixels of the smallest piece of ink; less is grain or dirt
GRAIN = 4.0  # standard deviations of the paper's grain, by which ink is darker than paper
MAX_GAP = 17  # pixels of print over which a stroke is continued
DARKER = 1.3  # times as dark as print: then ink on print can be told from print
OUTSIDE = 2.0  # pixels by which a field may reach beyond the picture


@dataclass(frozen=True, eq=False)
class FieldCrop:
    """A field of a sheet.

    Attributes:
        picture: `(h, w) uint8`, 0 black .. 255 white: what is written, without print; about `HEIGHT` times 1.5 high.
        scan: the same part of the picture as it is.
        print_found: 0..1, the fraction of the print that belongs here and is here; 1 if none does.
        mark: the longer side of the largest piece of ink, as a fraction of the height of the field.
        in_picture: False if the field lies beyond the picture, wholly or in part.
    """

    picture: Grey = field(repr=False)
    scan: Grey = field(repr=False)
    print_found: float
    mark: float
    in_picture: bool


def cut_field(box: Box, blank: Grey, picture: Grey, matrix: Matrix) -> FieldCrop:
    """Cut a field out of a picture.

    Args:
        box: of the field, in pixels of the blank form.
        blank: `(h, w) uint8`, the blank form.
        picture: `(h, w) uint8`, a sheet.
        matrix: from pixels of the blank form to pixels of the picture.
    """
    to_blank, size = _frame(box)
    print_ink = ink_of(warp(blank, to_blank, size))
    scan = warp(picture, matrix @ to_blank, size)
    right, down = _shift(print_ink > MIN_INK, ink_of(scan))
    if right or down:
        scan = warp(picture, matrix @ to_blank @ np.array([[1, 0, right], [0, 1, down], [0, 0, 1]]), size)
    ink = ink_of(scan)
    written, found = remove_print(ink, print_ink)
    written = _within(written, round(MARGIN * HEIGHT))
    inside = _is_inside(box, picture, matrix)
    return FieldCrop((255 - written).astype(np.uint8), scan, found, _largest(written > 0) / HEIGHT, inside)


def ink_of(crop: Grey) -> Grey:
    """How much darker each pixel is than the paper around it, `(h, w) uint8`, as if the paper were white."""
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (PAPER_KERNEL, PAPER_KERNEL))
    paper = cv2.morphologyEx(crop, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
    paper = np.maximum(cv2.blur(paper, (PAPER_KERNEL, PAPER_KERNEL)), 32).astype(np.float32)
    return np.asarray(np.clip(255 - crop * (np.float32(255) / paper), 0, 255), np.uint8)


def remove_print(ink: Grey, print_ink: Grey) -> tuple[Grey, float]:
    """Ink without the print of the blank form; strokes that cross the print are kept whole.

    Args:
        ink: `(h, w) uint8`, of a field.
        print_ink: `(h, w) uint8`, of the same place in the blank form.

    Returns:
        the ink, `(h, w) uint8`, and the fraction of the print that was found, 0..1.
    """
    dark, printed = ink > MIN_INK, print_ink > MIN_INK
    mask = printed.astype(np.uint8)
    zone = cv2.dilate(mask, _disc(2 * TOLERANCE + 1)).astype(bool)
    least = _least_ink(ink[~zone])
    rest = _without_specks((ink > _threshold(ink[~zone], least)) & ~zone)
    if not printed.any():
        return np.where(rest, ink, 0).astype(np.uint8), 1.0
    found = float((cv2.dilate(dark.astype(np.uint8), _disc(3)) > 0)[printed].mean())
    thickness = 2 * float(cv2.distanceTransform(mask, cv2.DIST_L2, 3).max())
    gap = min(MAX_GAP, round(thickness) + 2 * TOLERANCE + 2) | 1
    bridged = cv2.morphologyEx(rest.astype(np.uint8), cv2.MORPH_CLOSE, _disc(gap)).astype(bool)
    kept = rest | (bridged & zone & (ink > least))
    darker = zone & (ink > DARKER * _expected(ink, print_ink, printed & dark) + MIN_INK)
    kept |= cv2.morphologyEx(darker.astype(np.uint8), cv2.MORPH_OPEN, _disc(3)).astype(bool)
    around = cv2.dilate(kept.astype(np.uint8), _disc(3)).astype(bool) & ~(zone & ~kept)
    return np.where(around, ink, 0).astype(np.uint8), found


def _threshold(ink: NDArray[np.uint8], least: float) -> float:
    """The level above which pixels are ink: half of Otsu's, so that thin strokes stay whole, but at least `least`."""
    if not (ink > least).any():
        return least
    return max(least, 0.5 * cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0])


def _least_ink(paper: NDArray[np.uint8]) -> float:
    """The level above which pixels are darker than the grain of the paper, from pixels of which most are paper."""
    if not len(paper):
        return MIN_INK
    level = float(np.median(paper))
    spread = 1.4826 * float(np.median(np.abs(paper - np.float32(level))))
    return level + max(FAINT_INK, GRAIN * spread)


def _without_specks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    _, labels, table, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    kept = table[:, cv2.CC_STAT_AREA] >= MIN_PIECE
    kept[0] = False
    return np.asarray(kept[labels], bool)


def _expected(ink: Grey, print_ink: Grey, visible: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How dark print is where it may be in a scan, `(h, w)`: as in the blank form, but as black as the printer made it.

    Where no print is visible, it may be black.
    """
    ratios = ink[visible] / np.maximum(print_ink[visible], 1).astype(np.float32)
    gain = float(np.percentile(ratios, 75)) if len(ratios) else 1.0
    around = cv2.dilate(print_ink, _disc(2 * TOLERANCE + 1))
    return np.asarray(np.minimum(255, gain * around), np.float32)


def _frame(box: Box) -> tuple[Matrix, tuple[int, int]]:
    """The matrix from pixels of a field's crop to pixels of the blank form, and the crop's width and height."""
    left, top, width, height = box
    scale = height / HEIGHT
    margin = MARGIN * height
    size = (min(MAX_WIDTH, round((width + 2 * margin) / scale)), round((height + 2 * margin) / scale))
    across = (width + 2 * margin) / size[0]
    matrix = np.array([[across, 0, left - margin], [0, scale, top - margin], [0, 0, 1]])
    return matrix, size


def _shift(printed: NDArray[np.bool_], ink: Grey) -> tuple[int, int]:
    """How far right and down the print lies from where it should."""
    height, width = printed.shape
    if not printed.any() or min(height, width) <= 4 * SHIFT:
        return 0, 0
    inner = printed[SHIFT : height - SHIFT, SHIFT : width - SHIFT].astype(np.float32)
    if not inner.any() or inner.all():
        return 0, 0
    capped = np.minimum(ink, 3 * MIN_INK).astype(np.float32)  # dark pens do not outweigh pale print
    response = cv2.matchTemplate(capped, inner, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(response)
    if not best > float(response[SHIFT, SHIFT]) + MIN_GAIN:
        return 0, 0
    return x - SHIFT, y - SHIFT


def _within(written: Grey, margin: int) -> Grey:
    """The ink of the pieces that belong to a field: their middles lie in it, or most of their height."""
    count, labels, table, middles = cv2.connectedComponentsWithStats((written > 0).astype(np.uint8), connectivity=8)
    height, width = written.shape
    kept = np.zeros(count, bool)
    for piece in range(1, count):
        x, y = middles[piece]
        inside = margin / 2 <= x < width - margin / 2 and margin / 2 <= y < height - margin / 2
        kept[piece] = inside and table[piece, cv2.CC_STAT_AREA] >= 4
    return np.where(kept[labels], written, 0).astype(np.uint8)


def _largest(mask: NDArray[np.bool_]) -> float:
    """The longer side of the largest piece of a mask, in pixels."""
    joined = cv2.dilate(mask.astype(np.uint8), _disc(3))
    _, _, table, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    sides = table[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    return float(sides.max() - 2) if len(sides) else 0.0


def _is_inside(box: Box, picture: Grey, matrix: Matrix) -> bool:
    left, top, width, height = box
    corners = np.array(
        [[left, top], [left + width, top], [left + width, top + height], [left, top + height]], np.float64
    )
    placed = cv2.perspectiveTransform(corners[None], matrix)[0]
    limits = np.array(picture.shape[::-1]) - 1 + OUTSIDE
    return bool((placed >= -OUTSIDE).all() and (placed <= limits).all())


def _disc(side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
