"""Any picture of one digit -> the 28 x 28 image that a network reads, every stage kept.

Knows the way from ink to image and how MNIST was made (LeCun et al., 1998: the ink in a box of 20 x 20 pixels, its
centre of mass in the middle of 28 x 28). Does not know any network, nor whether the ink is a digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.decode import grey_pixels
from tenfold.images import SIDE
from tenfold.light import FAINTEST, SMALL, Grey, at_most, ink_in_shadow, ink_of
from tenfold.strokes import PLAIN, Look, Mask, stroke_mask

if TYPE_CHECKING:
    from tenfold.decode import Picture

Box = tuple[int, int, int, int]

BOX = 20  # longest side of the ink in it
TINY = 16  # pixels of the longest side: in a picture smaller than that a pixel holds strokes and gaps at once
MAGNIFIED = 32  # longest side of such a picture when it is looked at
FLAT = 0.15  # share of pixels of one level that only paper without grain has
FINE = 400  # longest side at which ink is cut out
CROWDED = 0.5  # of the digit's extent: something as large elsewhere may be another digit
PALE = 40  # grey levels: strokes that are darker than the paper by more are never faint
GRAIN = 4.0  # deviations of the paper's grain by which strokes must stand out
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
        faint: whether the strokes hardly stand out from the grain of the paper.
        at_rim: whether the strokes go up to the rim of a picture that is larger than a digit: the edge of a shadow or a
            table may be among them.
        crowded: whether as much ink again lies elsewhere, so that there may be more than one digit.
        look: how the picture was looked at.
    """

    picture: Grey
    ink: Grey
    strokes: Grey
    box: Box
    image: Grey
    faint: bool
    at_rim: bool
    crowded: bool
    look: Look


def stages_of(picture: Picture) -> Stages:
    """Find the ink in a picture and centre it as MNIST's images are.

    Args:
        picture: anything that `tenfold.decode.grey_pixels` takes.

    Raises:
        PictureError: it is no picture, is damaged, or is over a limit.
    """
    return look_at(grey_pixels(picture))


def look_at(grey: Grey, look: Look = PLAIN) -> Stages:
    """The stages of grey pixels, `(h, w) uint8`, 0 black .. 255 white, looked at in one way."""
    fine = _magnified(grey) if max(grey.shape) < TINY else at_most(grey, FINE)
    ink = ink_in_shadow(fine) if look.sharp else ink_of(fine)
    mask, elsewhere = stroke_mask(ink, look)
    strokes = np.where(mask, ink, np.uint8(0))
    left, top, width, height = cv2.boundingRect(strokes)
    image = centred(strokes[top : top + height, left : left + width]) if width else np.zeros((SIDE, SIDE), np.uint8)
    box = (left, top, width, height)
    high, wide = ink.shape
    at_rim = min(high, wide) > SMALL and (left == 0 or top == 0 or left + width == wide or top + height == high)
    faint = bool(ink.max() < PALE) and _standing_out(ink, mask) < GRAIN
    return Stages(grey, _stretched(ink), _stretched(strokes), box, image, faint, at_rim, elsewhere > CROWDED, look)


def _magnified(grey: Grey) -> Grey:
    """A tiny picture enlarged, so that gaps and edges come to lie between its pixels.

    One without grain, with much of one level, is stretched from black to white too: its levels may be few.
    """
    scale = MAGNIFIED / max(grey.shape)
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    levels = grey.astype(np.float32)
    low, high = levels.min(), levels.max()
    if high - low > FAINTEST and max((levels == low).mean(), (levels == high).mean()) > FLAT:
        levels = (levels - low) * (255 / (high - low))
    large = cv2.resize(levels, (width, height), interpolation=cv2.INTER_LANCZOS4)
    return np.clip(np.rint(large), 0, 255).astype(np.uint8)


def _standing_out(ink: Grey, mask: Mask) -> float:
    """By how many deviations of the grain the strokes are darker than what is around them."""
    paper = ink[~mask]
    if not mask.any() or not len(paper):
        return 0.0
    return float((ink[mask].mean() - paper.mean()) / (paper.std() + 1))


def _stretched(ink: Grey) -> Grey:
    return (ink * (255 / max(int(ink.max()), 1))).astype(np.uint8)


def centred(crop: Grey) -> Grey:
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
