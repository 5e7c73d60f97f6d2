"""Region proposals: where the digit of a picture may be, by several thresholds and choices of connected components.

The first proposal is right for most pictures. The network decides between them; no proposal is final.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from tenfold.arrays import Box, Grey, Mask
from tenfold.preprocessing.binarization import DEFAULT, RETRY_SETTINGS, segment_digit

WHOLE_PICTURE = "whole picture"  # name of the proposal that is the picture itself
SAME = 0.9  # overlap above which two boxes are one proposal


class Region(NamedTuple):
    """A proposal.

    Attributes:
        name: how it was found, for people.
        box: `(left, top, width, height)` in pixels of the ink.
        mask: `(h, w) bool`, the ink that belongs to the proposed digit.
    """

    name: str
    box: Box
    mask: Mask


def propose_regions(ink: Grey) -> Iterator[Region]:
    """Propose regions, the most usual first, each one only once; none if there is no ink.

    Args:
        ink: `(h, w) uint8`, 0 paper .. 255 ink.
    """
    seen: list[Box] = []
    for settings in (DEFAULT, *RETRY_SETTINGS):
        if settings.local_background:
            continue
        mask, _ = segment_digit(ink, settings)
        left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
        box = (left, top, width, height)
        if width and not any(overlap(box, other) > SAME for other in seen):
            seen.append(box)
            yield Region(settings.name, box, mask)
    if seen:
        height, width = ink.shape
        yield Region(WHOLE_PICTURE, (0, 0, width, height), segment_digit(ink)[0])


def overlap(one: Box, other: Box) -> float:
    """The intersection of two boxes divided by their union, 0..1."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[0] + one[2], other[0] + other[2]), min(one[1] + one[3], other[1] + other[3])
    both = max(0, right - left) * max(0, bottom - top)
    return both / (one[2] * one[3] + other[2] * other[3] - both)
