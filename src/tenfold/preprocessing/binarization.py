"""Segmentation of one digit: threshold the ink, and choose the connected components that belong to the digit.

Rules, frames, shadows and dirt are left out. Does not know light, or which digit it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tenfold.arrays import Grey, Mask
from tenfold.preprocessing.rule_removal import crop_to_frame, remove_rules
from tenfold.preprocessing.scaling import MIN_CONTRAST


@dataclass(frozen=True)
class BinarizationSettings:
    """The settings of one attempt to segment a digit.

    Attributes:
        name: for people, in drawings.
        threshold_factor: the threshold as a fraction of Otsu's (1979).
        remove_rules: True to remove frames and long straight lines first.
        clear_border: True to leave out components that touch the border: hands, tables, edges of shadows.
        local_background: True to subtract the local background, which shadows with sharp edges need; for dark ink.
        second_threshold: True to compute Otsu's threshold again among the ink, which leaves out printed patterns.
    """

    name: str
    threshold_factor: float = 0.7
    remove_rules: bool = False
    clear_border: bool = False
    local_background: bool = False
    second_threshold: bool = False


DEFAULT = BinarizationSettings("default")
RETRY_SETTINGS = (
    BinarizationSettings("without rules and frames", remove_rules=True),
    BinarizationSettings("without shadows", clear_border=True, local_background=True),
    BinarizationSettings("without the border", clear_border=True),
    BinarizationSettings("lower threshold", threshold_factor=0.4),
    BinarizationSettings("higher threshold", threshold_factor=1.0, second_threshold=True),
)


def segment_digit(ink: Grey, settings: BinarizationSettings = DEFAULT) -> tuple[Mask, float]:
    """Segment the digit: the component with the most ink, and the components near it that are not small in comparison.

    Args:
        ink: `(h, w) uint8`, 0 paper .. 255 ink.
        settings: how to threshold and choose components.

    Returns:
        the mask of the digit, `(h, w) bool`; and the extent of the largest other component that does not touch the
        border, as a fraction of the digit's.
    """
    height, width = ink.shape
    large = min(height, width) > 60
    smooth = cv2.GaussianBlur(ink, (0, 0), 1) if large else ink
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if settings.second_threshold and large and otsu < smooth.max():  # in a small picture print and ink merge
        otsu, _ = cv2.threshold(smooth[smooth > otsu], 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    _, thresholded = cv2.threshold(
        smooth, max(int(settings.threshold_factor * otsu), MIN_CONTRAST), 1, cv2.THRESH_BINARY
    )
    mask = thresholded.astype(np.uint8, copy=False)
    if settings.remove_rules:
        mask = remove_rules(remove_rules(crop_to_frame(mask)), down=True)
    count, labels, table, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count == 1:
        return np.zeros((height, width), bool), 0.0
    is_ink = mask.view(bool)
    weight = np.bincount(labels[is_ink], weights=ink[is_ink])[1:]
    left, top, right, bottom = table[1:, 0], table[1:, 1], table[1:, 0] + table[1:, 2], table[1:, 1] + table[1:, 3]
    at_border = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    if settings.clear_border and not at_border.all():
        weight = np.where(at_border, 0, weight)
    elif large:  # table edges and shadows touch the border; in a small picture a digit may too
        weight = np.where(at_border, weight / 4, weight)
    main = weight.argmax()
    extent = np.hypot(right - left, bottom - top)
    horizontal = np.maximum(0, np.maximum(left[main] - right, left - right[main]))
    vertical = np.maximum(0, np.maximum(top[main] - bottom, top - bottom[main]))
    near = np.hypot(horizontal, vertical) < extent[main] / 4
    kept = near & (extent > extent[main] / 8) & (~at_border | at_border[main])
    kept[main] = True
    digit = np.append(np.uint8(0), kept.astype(np.uint8))[labels]
    with_soft_edge = cv2.dilate(digit, np.ones((3, 3), np.uint8)).view(bool)
    return with_soft_edge, float((extent / extent[main])[~kept & ~at_border].max(initial=0))
