"""Any picture of one digit -> the 28 x 28 image that a network reads, every stage kept.

Knows paper, ink, light and how MNIST was made (LeCun et al., 1998: the ink in a box of 20 x 20 pixels, its centre of
mass in the middle of 28 x 28). Does not know any network, nor whether the ink is a digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.decode import grey_pixels
from tenfold.images import SIDE

if TYPE_CHECKING:
    from tenfold.decode import Picture

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]

BOX = 20  # longest side of the ink in it
COARSE = 64  # longest side at which paper and light are judged
FINE = 400  # longest side at which ink is cut out
FAINTEST = 8  # grey levels: ink that differs less from the paper around it is not seen
THINNEST = 2.4  # pixels in the box of 20: thinner strokes are thickened, or scaling down would fade them


@dataclass(frozen=True, eq=False)
class Stages:
    """What became of a picture on its way to an image: arrays that a person can look at.

    Attributes:
        picture: `(h, w) uint8`, 0 black .. 255 white: the picture in grey, upright.
        ink: `(h, w) uint8`, 0 paper .. 255 darkest ink: the light evened out, nothing removed yet.
        strokes: `(h, w) uint8`, as `ink`: only what was taken for the digit.
        box: `(left, top, width, height)` in pixels of `strokes`; a width of 0 where there is no ink.
        image: `(28, 28) uint8`, 0 paper .. 255 ink: what the network sees; all 0 where there is no ink.
    """

    picture: Grey
    ink: Grey
    strokes: Grey
    box: Box
    image: Grey


def stages_of(picture: Picture) -> Stages:
    """Find the ink in a picture and centre it as MNIST's images are.

    Args:
        picture: anything that `tenfold.decode.grey_pixels` takes.

    Raises:
        PictureError: it is no picture, is damaged, or is over a limit.
    """
    grey = grey_pixels(picture)
    ink = _ink(_at_most(grey, FINE))
    strokes = np.where(_stroke_mask(ink), ink, np.uint8(0))
    left, top, width, height = cv2.boundingRect(strokes)
    image = _centred(strokes[top : top + height, left : left + width]) if width else np.zeros((SIDE, SIDE), np.uint8)
    return Stages(grey, _stretched(ink), _stretched(strokes), (left, top, width, height), image)


def _at_most(grey: Grey, side: int) -> Grey:
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    return cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def _stretched(ink: Grey) -> Grey:
    return (ink * (255 / max(int(ink.max()), 1))).astype(np.uint8)


def _ink(grey: Grey) -> Grey:
    """How much darker than the paper around it each pixel is (or lighter, where the ink is light), in grey levels."""
    coarse = _at_most(grey, COARSE)
    if not _ink_is_dark(coarse):
        grey, coarse = 255 - grey, 255 - coarse
    if min(coarse.shape) > 40:  # grain would lift the paper; in smaller pictures it would be a stroke
        coarse = cv2.medianBlur(coarse, 3).astype(np.uint8)
    # Closing fills everything dark that is narrower than half the picture: what is left is paper, with its light.
    reach = max(coarse.shape) // 2 | 1
    paper = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach)))
    paper = cv2.blur(paper, (reach // 2 | 1, reach // 2 | 1))
    return cv2.subtract(cv2.resize(paper, grey.shape[::-1]), grey).astype(np.uint8)


def _ink_is_dark(coarse: Grey) -> bool:
    """Whether what stands out from the paper is darker than it; the paper's light is a bowl fitted to the rim."""
    height, width = coarse.shape
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    margin = max(1, round(0.04 * min(height, width)))
    rim = np.ones((height, width), bool)
    rim[margin:-margin, margin:-margin] = False
    x, y = columns.ravel(), rows.ravel()
    terms = [np.ones(height * width), x, y, x * x, x * y, y * y]
    bowl = np.stack(terms if min(height, width) > 40 else terms[:3], axis=1)  # in a small picture the rim may be ink
    on_rim, levels = bowl[rim.ravel()], coarse[rim].astype(np.float64)
    weight = np.ones(len(levels))
    for _ in range(4):  # reweighted least squares: ink and hands on the rim lose their say
        root = np.sqrt(weight)
        shape = np.linalg.lstsq(on_rim * root[:, None], levels * root, rcond=None)[0]
        error = np.abs(levels - on_rim @ shape)
        weight = 1 / (1 + (error / (np.median(error) + 2)) ** 2)
    outstanding = coarse.ravel() - bowl @ shape
    return bool((outstanding * np.abs(outstanding)).sum() < 0)


def _stroke_mask(ink: Grey) -> Mask:
    """The pixels of the heaviest connected stroke, and of the strokes near it that are not small beside it."""
    height, width = ink.shape
    large = min(height, width) > 60
    smooth = cv2.GaussianBlur(ink, (0, 0), 1) if large else ink
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    mask = (smooth > max(0.8 * otsu, FAINTEST)).astype(np.uint8)
    count, labels, table, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count == 1:
        return np.zeros((height, width), bool)
    inked = mask.astype(bool)
    weight = np.bincount(labels[inked], weights=ink[inked])[1:]
    left, top, right, bottom = table[1:, 0], table[1:, 1], table[1:, 0] + table[1:, 2], table[1:, 1] + table[1:, 3]
    at_rim = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    if large:  # table edges and shadows reach the rim; in a small picture a digit may
        weight = np.where(at_rim, weight / 4, weight)
    main = weight.argmax()
    extent = np.hypot(right - left, bottom - top)
    aside = np.maximum(0, np.maximum(left[main] - right, left - right[main]))
    above = np.maximum(0, np.maximum(top[main] - bottom, top - bottom[main]))
    near = np.hypot(aside, above) < extent[main] / 4
    kept = near & (extent > extent[main] / 8) & (~at_rim | at_rim[main])
    kept[main] = True
    found = np.append(np.uint8(0), kept.astype(np.uint8))[labels]
    return cv2.dilate(found, np.ones((3, 3), np.uint8)).astype(bool)  # with the soft edge of the strokes


def _centred(crop: Grey) -> Grey:
    """The ink of a crop scaled to a box of 20 pixels, its centre of mass on row and column 14, as MNIST has it."""
    dark = np.percentile(crop[crop > crop.max() / 3], 60)  # the middle of a stroke, not its soft edge
    soft = np.minimum(crop / dark, 1).astype(np.float32)
    soft = _thickened(soft, THINNEST * max(soft.shape) / BOX)
    scale = BOX / max(soft.shape)
    height, width = (max(1, round(length * scale)) for length in soft.shape)
    shrink = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.minimum(cv2.resize(soft, (width, height), interpolation=shrink) * 1.1, 1)
    mass = small.sum()
    down = (small.sum(axis=1) @ np.arange(height)) / mass
    across = (small.sum(axis=0) @ np.arange(width)) / mass
    top = int(np.clip(round(SIDE / 2 - down), 0, SIDE - height))
    left = int(np.clip(round(SIDE / 2 - across), 0, SIDE - width))
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[top : top + height, left : left + width] = np.rint(small * 255)
    return image


def _thickened(soft: NDArray[np.float32], wanted: float) -> NDArray[np.float32]:
    """Strokes at least about `wanted` pixels wide, cropped to them again."""
    inside = cv2.distanceTransform(np.pad(soft > 0.4, 1).astype(np.uint8), cv2.DIST_L2, 3)
    width = 4 * float(inside[inside > 0].mean())  # across a stroke of width w the mean distance to its edge is w / 4
    missing = round(wanted - width)
    if missing < 1:
        return soft
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1, missing + 1))
    thick = cv2.dilate(np.pad(soft, missing), brush)
    if missing > 2:
        thick = cv2.GaussianBlur(thick, (0, 0), missing / 6)
    rows, columns = np.nonzero(thick > 0.05)
    return thick[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].astype(np.float32)
