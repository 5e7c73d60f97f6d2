"""Region proposals: where the digit of a picture may be, by several thresholds and groups of connected components.

The first proposal is right for most pictures. The context network decides between them; no proposal is final.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Box, Grey, Mask
from tenfold.preprocessing.rule_removal import crop_to_frame, remove_rules
from tenfold.preprocessing.scaling import MIN_CONTRAST

WHOLE_PICTURE = "whole picture"  # the name of the proposal that is the picture itself
SAME = 0.85  # overlap above which two boxes are one proposal
GROUPS = 4  # groups of components that are proposed at each threshold
MAX_COMPONENTS = 60  # components with the most ink that may start a group; dirt and print have many more
SMOOTHED_SIDE = 60  # pixels of the shorter side; larger pictures are smoothed before they are thresholded
DEFAULT_THRESHOLD = 0.7  # as a fraction of Otsu's (1979)
OTHER_THRESHOLDS = {"higher": 1.0, "lower": 0.4}  # likewise fractions
LOCAL_WINDOW = 0.25  # fraction of the longer side around a pixel from which it must stand out


class Region(NamedTuple):
    """A proposal.

    Attributes:
        name: how it was found, for people.
        box: `(left, top, width, height)` in pixels of the ink.
        mask: `(height, width) bool`, which pixels of the box belong to the proposed digit; their soft edge does too.
    """

    name: str
    box: Box
    mask: Mask


def propose_regions(ink: Grey) -> Iterator[Region]:
    """Propose regions, the most likely first and each only once; nothing if the picture has no ink.

    Args:
        ink: `(h, w) uint8`, 0 paper .. 255 ink.
    """
    seen: list[Box] = []
    default: Mask | None = None
    for name, thresholded in _thresholded(ink):
        default = thresholded.view(bool) if default is None else default
        for rules in ("", ", without rules"):
            if rules and name == "lower":  # nearly all of a page
                continue
            mask = remove_rules(remove_rules(crop_to_frame(thresholded)), down=True) if rules else thresholded
            for region in _groups(name + rules, ink, mask):
                if not any(overlap(region.box, other) > SAME for other in seen):
                    seen.append(region.box)
                    yield region
    if seen and default is not None:
        yield Region(WHOLE_PICTURE, (0, 0, ink.shape[1], ink.shape[0]), default)


def overlap(one: Box, other: Box) -> float:
    """The intersection of two boxes divided by their union, 0..1."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[0] + one[2], other[0] + other[2]), min(one[1] + one[3], other[1] + other[3])
    both = max(0, right - left) * max(0, bottom - top)
    return both / max(1, one[2] * one[3] + other[2] * other[3] - both)


def _thresholded(ink: Grey) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Masks of the ink, 0 or 1, by name."""
    large = min(ink.shape) > SMOOTHED_SIDE
    smooth = cv2.GaussianBlur(ink, (0, 0), 1).astype(np.uint8) if large else ink
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    yield "default", _above(smooth, DEFAULT_THRESHOLD * otsu)
    yield "local", _locally_above(smooth)
    for name, factor in OTHER_THRESHOLDS.items():
        level = otsu
        if factor >= 1 and large and otsu < smooth.max():  # once more among the ink: leaves out printed patterns
            level, _ = cv2.threshold(smooth[smooth > otsu], 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        yield name, _above(smooth, factor * level)


def _above(ink: Grey, level: float) -> NDArray[np.uint8]:
    return cv2.threshold(ink, max(int(level), MIN_CONTRAST), 1, cv2.THRESH_BINARY)[1].astype(np.uint8)


def _locally_above(ink: Grey) -> NDArray[np.uint8]:
    """Ink that stands out from what is around it (after Niblack, 1986): tables and shadows do not hide a digit."""
    window = max(3, round(LOCAL_WINDOW * max(ink.shape)) | 1)
    values = ink.astype(np.float32)
    mean = cv2.blur(values, (window, window))
    deviation = np.sqrt(np.maximum(cv2.blur(values * values, (window, window)) - mean * mean, 0))
    floor = max(float(MIN_CONTRAST), float(np.median(ink)) * 2)
    return ((values > mean + deviation) & (values > floor)).astype(np.uint8)


def _groups(name: str, ink: Grey, mask: NDArray[np.uint8]) -> Iterator[Region]:
    """The groups with the most ink: a component, and those near it that are not small in comparison."""
    height, width = mask.shape
    count, labels, table, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count == 1:
        return
    inked = mask.view(bool)
    weight = np.bincount(labels[inked], weights=ink[inked], minlength=count)[1:]
    left, top = table[1:, 0], table[1:, 1]
    right, bottom = left + table[1:, 2], top + table[1:, 3]
    at_border = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    extent = np.hypot(right - left, bottom - top)
    weight = extent * weight / table[1:, 4]  # long and dark rather than heavy: strokes rather than tables
    if min(height, width) > SMOOTHED_SIDE:  # table edges and shadows touch the border; in a small picture a digit may
        weight = np.where(at_border, weight / 4, weight)
    grouped = np.zeros(count - 1, bool)
    found = 0
    for seed in np.argsort(-weight, kind="stable")[:MAX_COMPONENTS]:
        if grouped[seed] or weight[seed] < weight.max() / 30:
            continue
        across = np.maximum(0, np.maximum(left[seed] - right, left - right[seed]))
        down = np.maximum(0, np.maximum(top[seed] - bottom, top - bottom[seed]))
        within = (left > left[seed]) & (right < right[seed]) & (top > top[seed]) & (bottom < bottom[seed])
        near = (
            (np.hypot(across, down) < extent[seed] / 4) & (extent > extent[seed] / 8) & (~at_border | at_border[seed])
        )
        around = (left < left[seed]) & (right > right[seed]) & (top < top[seed]) & (bottom > bottom[seed])
        near &= ~around & ~(within & (extent > extent[seed] / 3))  # a circle or a box is not part of what is inside
        near[seed] = True
        grouped |= near & (extent <= extent[seed])
        x0, y0 = max(0, left[near].min() - 1), max(0, top[near].min() - 1)
        x1, y1 = min(width, right[near].max() + 1), min(height, bottom[near].max() + 1)
        chosen = np.append(np.uint8(0), near.astype(np.uint8))[labels[y0:y1, x0:x1]]
        soft = cv2.dilate(chosen, np.ones((3, 3), np.uint8))
        yield Region(name, (int(x0), int(y0), int(x1 - x0), int(y1 - y0)), soft.view(bool))
        found += 1
        if found == GROUPS:
            return
