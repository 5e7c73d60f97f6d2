"""Ink -> the strokes of one digit: which connected pieces belong to it, and which are rules, frames, shadows or dirt.

Knows shapes. Does not know light, nor what is written.
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
    """One way to look at a picture.

    Attributes:
        name: what a person is told.
        threshold_factor: how dark ink must be to count, in parts of the level that parts ink from paper best (Otsu,
            1979).
        remove_rules: whether frames and long straight lines are taken away first.
        clear_border: whether what reaches the rim is left out: hands, tables, the edges of shadows.
        local_background: whether ink is dark and judged against the paper near it, as the edges of shadows ask for.
        second_threshold: whether that level is sought anew among what is ink, so that what is printed on the paper is
            left out.
    """

    name: str
    threshold_factor: float = 0.7
    remove_rules: bool = False
    clear_border: bool = False
    local_background: bool = False
    second_threshold: bool = False


DEFAULT = BinarizationSettings("as it is")
RETRY_SETTINGS = (
    BinarizationSettings("without rules and frames", remove_rules=True),
    BinarizationSettings("without shadows", clear_border=True, local_background=True),
    BinarizationSettings("without what reaches the rim", clear_border=True),
    BinarizationSettings("fainter ink counted", threshold_factor=0.4),
    BinarizationSettings("only the darkest ink counted", threshold_factor=1.0, second_threshold=True),
)


def segment_digit(ink: Grey, look: BinarizationSettings = DEFAULT) -> tuple[Mask, float]:
    """The pixels of the heaviest connected stroke, and of the strokes near it that are not small beside it.

    Also the extent of the largest piece that was left out, away from the rim, in parts of the heaviest stroke's.
    """
    height, width = ink.shape
    large = min(height, width) > 60
    smooth = cv2.GaussianBlur(ink, (0, 0), 1) if large else ink
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if look.second_threshold and large and otsu < smooth.max():  # in a small picture print and ink run together
        otsu, _ = cv2.threshold(smooth[smooth > otsu], 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    _, thresholded = cv2.threshold(smooth, max(int(look.threshold_factor * otsu), MIN_CONTRAST), 1, cv2.THRESH_BINARY)
    mask = thresholded.astype(np.uint8, copy=False)
    if look.remove_rules:
        mask = remove_rules(remove_rules(crop_to_frame(mask)), down=True)
    count, labels, table, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count == 1:
        return np.zeros((height, width), bool), 0.0
    inked = mask.view(bool)
    weight = np.bincount(labels[inked], weights=ink[inked])[1:]
    left, top, right, bottom = table[1:, 0], table[1:, 1], table[1:, 0] + table[1:, 2], table[1:, 1] + table[1:, 3]
    at_rim = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    if look.clear_border and not at_rim.all():
        weight = np.where(at_rim, 0, weight)
    elif large:  # table edges and shadows reach the rim; in a small picture a digit may
        weight = np.where(at_rim, weight / 4, weight)
    main = weight.argmax()
    extent = np.hypot(right - left, bottom - top)
    aside = np.maximum(0, np.maximum(left[main] - right, left - right[main]))
    above = np.maximum(0, np.maximum(top[main] - bottom, top - bottom[main]))
    near = np.hypot(aside, above) < extent[main] / 4
    kept = near & (extent > extent[main] / 8) & (~at_rim | at_rim[main])
    kept[main] = True
    found = np.append(np.uint8(0), kept.astype(np.uint8))[labels]
    whole = cv2.dilate(found, np.ones((3, 3), np.uint8)).view(bool)  # with the soft edge of the strokes
    return whole, float((extent / extent[main])[~kept & ~at_rim].max(initial=0))
