"""Connected components of a mask of ink, and the frames and table rules among them. Does not know digits."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.preprocessing.rule_removal import remove_straight_runs

Components = NDArray[np.int64]  # one row a component: left, top, width, height, area
Mask = NDArray[np.uint8]

MIN_ENCLOSED = 0.2  # of the height of a frame that something in it has; less is a dot, or dirt in a zero
RUN = 1.6  # heights of what a frame encloses; longer straight runs of it are rules
THICK = 0.12  # half the width of the thickest rule, in the same unit
TALL_RULE = 1.7  # heights of what stands beside it; a slim component that is taller is a rule between columns
SLIM = 0.12  # of its height: the width of such a rule
MAX_FRAMES = 20
MIN_TEETH = 4  # of a comb


class Uprights(NamedTuple):
    """Upright rules, which separate columns: `(n,)` each, in pixels."""

    x: NDArray[np.float64]
    top: NDArray[np.float64]
    bottom: NDArray[np.float64]


def components_of(mask: Mask) -> tuple[NDArray[np.int32], Components]:
    """The labels of all pixels, and one row a component; the first label of a component is 1."""
    _, labels, table, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return labels.astype(np.int32, copy=False), table[1:].astype(np.int64)


def without_frames(mask: Mask) -> tuple[Mask, Uprights]:
    """Remove the straight lines of frames, tables and combs that enclose writing, and upright rules beside it.

    What is written on a line, or touches it, stays.

    Args:
        mask: `(h, w) uint8`, 0 or 1.

    Returns:
        the mask without them; and the upright rules that were found.
    """
    labels, table = components_of(mask)
    rules: list[tuple[float, float, float]] = []
    cleaned = mask
    for frame in _frames(table)[:MAX_FRAMES]:
        left, top, width, height, _ = table[frame]
        enclosed = table[_enclosed(table, frame)]
        usual = float(np.median(enclosed[:, 3]))
        length, thick = max(12, round(RUN * usual)), max(2, round(THICK * usual))
        window = np.s_[top : top + height, left : left + width]
        lines = (labels[window] == frame + 1).astype(np.uint8)
        across = remove_straight_runs(lines, length, thick=thick)
        rest = remove_straight_runs(across, length, True, thick)
        if cleaned is mask:
            cleaned = mask.copy()
        cleaned[window] &= 1 - (lines & (1 - rest))
        _, uprights = components_of((lines & (1 - remove_straight_runs(lines, length, True, thick))).astype(np.uint8))
        rules += [
            (left + x + wide / 2, float(top + y), float(top + y + high))
            for x, y, wide, high, _ in uprights.tolist()
            if high >= length
        ]
    for remove in (_without_combs, _without_tall_rules):
        cleaned, beside = remove(cleaned)
        rules += beside
    found = np.array(rules, np.float64).reshape(-1, 3)
    return cleaned, Uprights(*found.T)


def _frames(table: Components) -> list[int]:
    """The components that enclose something large enough to be written, the largest first."""
    frames = [i for i in np.argsort(-table[:, 2] * table[:, 3])[: 4 * MAX_FRAMES] if _enclosed(table, int(i)).any()]
    return [int(frame) for frame in frames]


def _enclosed(table: Components, frame: int) -> NDArray[np.bool_]:
    """Which components lie inside the box of one, and are not small in comparison with it."""
    left, top, width, height, area = table[frame]
    if area > 0.4 * width * height or min(width, height) < 12:  # a blot, or a stroke
        return np.zeros(len(table), bool)
    x, y, wide, high = table[:, 0], table[:, 1], table[:, 2], table[:, 3]
    inside = (x > left) & (y > top) & (x + wide < left + width) & (y + high < top + height)
    least = MIN_ENCLOSED * height if width < 3 * height else 4  # a table's digits are small in comparison with it
    found: NDArray[np.bool_] = inside & (high >= max(4, min(least, 0.04 * height + 8)))
    return found


def _without_combs(mask: Mask) -> tuple[Mask, list[tuple[float, float, float]]]:
    """Remove combs: base lines with teeth of one height at equal distances."""
    labels, table = components_of(mask)
    rules: list[tuple[float, float, float]] = []
    for comb in np.flatnonzero(table[:, 2] > 3 * np.maximum(table[:, 3], 8))[:MAX_FRAMES]:
        left, top, width, height, _ = table[comb].tolist()
        window = np.s_[top : top + height, left : left + width]
        whole = (labels[window] == comb + 1).astype(np.uint8)
        rest = remove_straight_runs(whole, max(12, width // 2), thick=max(2, round(2 * THICK * height)))
        parts, pieces = components_of(rest)
        teeth = _teeth(pieces)
        if not teeth.any():
            continue
        chosen = np.append(np.uint8(0), teeth.astype(np.uint8))[parts]
        mask = mask.copy()
        mask[window] &= 1 - ((whole & (1 - rest)) | chosen)
        rules += [
            (left + x + wide / 2, float(top + y), float(top + y + high))
            for x, y, wide, high, _ in pieces[teeth].tolist()
        ]
    return mask, rules


def _teeth(pieces: Components) -> NDArray[np.bool_]:
    """Which pieces are the teeth of a comb; none unless there are several at equal distances."""
    none = np.zeros(len(pieces), bool)
    slim = (pieces[:, 3] >= 4) & (pieces[:, 2] <= np.maximum(3, 0.3 * pieces[:, 3]))
    if slim.sum() < MIN_TEETH:
        return none
    usual = float(np.median(pieces[slim, 3]))
    alike = slim & (np.abs(pieces[:, 3] - usual) <= 0.25 * usual + 1)
    x = np.sort(pieces[alike, 0] + pieces[alike, 2] / 2)
    if len(x) < MIN_TEETH:
        return none
    pitch = float(np.median(np.diff(x)))
    places = (x - x[len(x) // 2]) / max(pitch, 1)
    regular = np.abs(places - np.rint(places)) < 0.15
    return alike if regular.mean() > 0.8 else none


def _without_tall_rules(mask: Mask) -> tuple[Mask, list[tuple[float, float, float]]]:
    """Remove upright strokes that are much taller than what is beside them."""
    labels, table = components_of(mask)
    if len(table) < 2:
        return mask, []
    tall = table[:, 3]
    usual = float(np.percentile(tall[tall > 0.3 * np.percentile(tall, 90)], 50))
    slim = (table[:, 2] < np.maximum(SLIM * tall, 4)) & (tall > TALL_RULE * usual)
    if not slim.any() or slim.all():
        return mask, []
    kept = np.append(np.uint8(1), (~slim).astype(np.uint8))
    rules = [(x + wide / 2, float(y), float(y + high)) for x, y, wide, high, _ in table[slim].tolist()]
    return mask & kept[labels], rules
