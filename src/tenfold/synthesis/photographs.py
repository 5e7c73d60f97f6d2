"""Photographs and scans of a sheet: paper, print, ink, light, lens, grain, compression.

All randomness comes from the given generator.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.synthesis import paper
from tenfold.synthesis.layouts import Sheet


def photograph(sheet: Sheet, rng: np.random.Generator, desk: bool = False) -> NDArray[np.uint8]:
    """Ink on paper, lit and photographed or scanned."""
    height, width = sheet.height, sheet.width
    reflectance = np.full((height, width), rng.uniform(0.6, 1), np.float32)
    reflectance += np.float32(rng.uniform(0, 0.06)) * paper.clouds(rng, height, width, int(rng.integers(1, 8)))
    pitch = max(4.0, min(height, width) * rng.uniform(0.06, 0.4))
    if rng.random() < 0.4:
        reflectance *= 1 - paper.printed_pattern(rng, height, width, pitch) * np.float32(rng.uniform(0.05, 0.45))
    reflectance *= 1 - sheet.printed * np.float32(rng.uniform(0.2, 0.9))
    if rng.random() < 0.1:  # writing on the other side shows through
        behind = cv2.GaussianBlur(np.roll(sheet.ink[:, ::-1], rng.integers(0, 99, 2), (0, 1)), (0, 0), 1.2)
        reflectance *= 1 - behind * np.float32(rng.uniform(0.03, 0.2))
    ink = sheet.ink * np.float32(rng.uniform(0.45, 1)) if rng.random() < 0.5 else sheet.ink
    if rng.random() < 0.25:  # a pencil or a dry pen skips the grain of the paper
        ink = ink * (1 - np.float32(rng.uniform(0, 0.6)) * (rng.random(ink.shape, np.float32) ** 2))
    pen = np.float32(rng.uniform(0.03, 0.5))
    reflectance = reflectance * (1 - ink) + pen * reflectance * ink
    if rng.random() < (0.2 if desk else 0.06):
        paper.crease(reflectance, rng)
    if desk and rng.random() < 0.25:
        paper.table_edge(reflectance, rng)
    if desk and rng.random() < 0.2:
        left, top, wide, high = sheet.box
        paper.object_beside(reflectance, rng, (left, top, left + wide, top + high))
    picture = reflectance * paper.light(rng, height, width)
    return _digitized(picture, rng)


def _digitized(picture: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Lens, grain, levels, now and then black and white or inverted; compressed as JPEG."""
    height, width = picture.shape
    blur = rng.uniform(0.2, 1.0) * max(0.5, min(height, width) / 150)
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), float(blur)), np.float32)
    picture += rng.standard_normal(picture.shape, np.float32) * np.float32(rng.uniform(0.001, 0.03))
    if rng.random() < 0.3:  # levels stretched, as scanners do
        low, high = np.percentile(picture, [1, 99])
        picture = (picture - low) / max(high - low, 0.05)
    if rng.random() < 0.08:
        picture = (picture > (picture.min() + picture.max()) * rng.uniform(0.4, 0.6)).astype(np.float32)
    if rng.random() < 0.08:
        picture = 1 - picture
    levels = np.clip(np.rint(picture * 255), 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        quality = int(rng.integers(25, 95))
        _, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        levels = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return levels


def render_clean(sheet: Sheet, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Pure ink, as a drawing program or a cleaned scan has it."""
    picture = sheet.ink
    if rng.random() < 0.4:
        picture = (picture > rng.uniform(0.3, 0.6)).astype(np.float32)
    high, low = rng.uniform(0.85, 1), rng.uniform(0, 0.4)
    picture = high - (high - low) * picture
    if rng.random() < 0.25:
        picture = picture + rng.standard_normal(picture.shape, np.float32) * np.float32(rng.uniform(0, 0.05))
    if rng.random() < 0.5:
        picture = 1 - picture
    return np.clip(np.rint(picture * 255), 0, 255).astype(np.uint8)
