"""Synthetic non-digits: letters, scribbles, several digits, turned digits, shapes, scenes, noise.

All randomness comes from the generator that the caller passes. No preprocessing here.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.writing.handwriting import CANVAS_SIDE, Canvas, render, vary
from tenfold.writing.letter_glyphs import Points, letter, scribble

Images = NDArray[np.uint8]

TURNS = {
    2: (1, 3),
    3: (1, 2, 3),
    4: (1, 2, 3),
    5: (1, 3),
    6: (1, 3),
    7: (1, 2, 3),
    9: (1, 3),
}  # quarter turns after which a digit is not a digit
LETTERS = 0.45  # fraction of non-digits that are drawn letters
MIRRORED = (3, 4, 6, 7, 9)  # digits that are not digits when mirrored


def negative(images: Images, labels: Images, rng: np.random.Generator, letters: bool = True) -> Canvas:
    """Draw a non-digit: `(112, 112) float32`, 0 paper .. 1 ink.

    Args:
        images: `(n, 28, 28) uint8` digits; some are placed side by side, some turned or mirrored.
        labels: `(n,) uint8`.
        rng: the source of all randomness.
        letters: False to draw no letters, where recorded ones take their place.
    """
    kind = rng.random() if letters else rng.uniform(LETTERS, 1)
    if kind < LETTERS:
        return render(_drawn(letter(rng), rng), rng)
    if kind < 0.54:
        return render(_drawn(scribble(rng), rng), rng)
    if kind < 0.64:
        return _rotated(images, labels, rng)
    if kind < 0.74:
        return _several(images, labels, rng)
    if kind < 0.94:
        return _shape(rng)
    return _scene(rng) if kind < 0.98 else _noise(rng)


def _drawn(strokes: list[Points], rng: np.random.Generator) -> Canvas:
    """Draw strokes with a pen; they fill most of the canvas."""
    plane = np.zeros((CANVAS_SIDE, CANVAS_SIDE), np.float32)
    width = int(rng.integers(5, 13))
    aspect = np.exp(rng.normal(0, 0.15, 2))
    span = 0.68 * CANVAS_SIDE * aspect / aspect.max()
    for stroke in strokes:
        pixels = np.rint(((stroke - 0.5) * span + CANVAS_SIDE / 2) * 16).astype(np.int32)
        cv2.polylines(plane, [pixels], isClosed=False, color=1.0, thickness=width, shift=4)
    return plane


def _rotated(images: Images, labels: Images, rng: np.random.Generator) -> Canvas:
    """A digit rotated by quarter turns or mirrored, which makes it a non-digit."""
    while True:
        chosen = rng.integers(len(images))
        label = int(labels[chosen])
        if label in TURNS:
            break
    plane = vary(images[chosen], label, rng)
    if label in MIRRORED and rng.random() < 0.3:
        return np.ascontiguousarray(plane[:, ::-1])
    return np.ascontiguousarray(np.rot90(plane, int(rng.choice(TURNS[label]))))


def _several(images: Images, labels: Images, rng: np.random.Generator) -> Canvas:
    """Two or three digits side by side, close enough to be mistaken for one."""
    count = 2 if rng.random() < 0.75 else 3
    chosen = rng.integers(len(images), size=count)
    planes = [_cropped(vary(images[i], int(labels[i]), rng)) for i in chosen]
    gap = int(rng.integers(-6, 10))
    height = max(len(plane) for plane in planes) + 16
    width = sum(plane.shape[1] for plane in planes) + gap * (count - 1) + 16
    wide = np.zeros((height, width), np.float32)
    left = 8
    for plane in planes:
        top = int(rng.integers(height - len(plane) + 1))
        part = wide[top : top + len(plane), left : left + plane.shape[1]]
        np.maximum(part, plane[:, : part.shape[1]], out=part)
        left += plane.shape[1] + gap
    side = max(height, width)
    square = np.zeros((side, side), np.float32)
    down, across = (side - height) // 2, (side - width) // 2
    square[down : down + height, across : across + width] = wide
    return np.asarray(cv2.resize(square, (CANVAS_SIDE, CANVAS_SIDE), interpolation=cv2.INTER_AREA), np.float32)


def _cropped(plane: Canvas) -> Canvas:
    left, top, width, height = cv2.boundingRect((plane > 0.3).astype(np.uint8))
    return plane[top : top + height, left : left + width] if width else plane


def _shape(rng: np.random.Generator) -> Canvas:
    """A filled, shaded and patterned shape, often symmetric, as clothes and silhouettes are."""
    outline = _silhouette(rng) if rng.random() < 0.6 else _polygons(rng)
    pattern = 1 - rng.uniform(0, 0.6) * _clouds(rng, int(rng.integers(2, 14)))
    if rng.random() < 0.3:
        period = rng.uniform(4, 20)
        stripes = np.sin(np.arange(CANVAS_SIDE) * 2 * np.pi / period).astype(np.float32) * np.float32(0.2)
        pattern = pattern + (stripes[:, None] if rng.random() < 0.5 else stripes[None])
    return np.clip(cv2.GaussianBlur(outline, (0, 0), 1) * pattern, 0, 1).astype(np.float32)


def _silhouette(rng: np.random.Generator) -> Canvas:
    """A body of varying width, sometimes with sleeves, a neckline or legs."""
    rows = np.linspace(0.08, 0.92, 40)
    at = np.linspace(0.08, 0.92, int(rng.integers(3, 7)))
    half = np.interp(
        rows, at, rng.uniform(0.04, 0.42, len(at)) if rng.random() < 0.5 else rng.uniform(0.1, 0.25, len(at))
    )
    sides = np.concatenate([np.stack([0.5 - half, rows], 1), np.stack([0.5 + half, rows], 1)[::-1]])
    parts = [(sides, rng.uniform(0.4, 1))]
    if rng.random() < 0.45:  # sleeves
        top, extent, end, wide = (
            rng.uniform(0.08, 0.2),
            rng.uniform(0.3, 0.48),
            rng.uniform(0.2, 0.45) if rng.random() < 0.5 else rng.uniform(0.2, 0.9),
            rng.uniform(0.06, 0.2),
        )
        sleeve = np.array([[0.5, top], [0.5 - extent, end], [0.5 - extent + wide, end + 0.05], [0.5, top + 2 * wide]])
        parts += [(sleeve, parts[0][1]), (sleeve * [-1, 1] + [1, 0], parts[0][1])]
    if rng.random() < 0.2:  # the gap between legs
        crotch, gap = rng.uniform(0.3, 0.6), rng.uniform(0.02, 0.12)
        parts.append((np.array([[0.5, crotch], [0.5 - gap, 0.95], [0.5 + gap, 0.95]]), 0))
    if rng.random() < 0.3:  # neck
        wide, deep = rng.uniform(0.04, 0.15), rng.uniform(0.12, 0.3)
        parts.append((np.array([[0.5 - wide, 0.05], [0.5, deep], [0.5 + wide, 0.05]]), 0))
    plane = np.zeros((CANVAS_SIDE, CANVAS_SIDE), np.float32)
    for corners, level in parts:
        cv2.fillPoly(plane, [np.rint(corners * CANVAS_SIDE).astype(np.int32)], float(level))
    return plane


def _polygons(rng: np.random.Generator) -> Canvas:
    """One to four overlapping polygons, usually mirrored."""
    half = np.zeros((CANVAS_SIDE, CANVAS_SIDE), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        corners = rng.uniform(0.08, 0.92, (int(rng.integers(3, 8)), 2)) * CANVAS_SIDE
        hull = cv2.convexHull(corners.astype(np.float32)) if rng.random() < 0.7 else corners
        cv2.fillPoly(half, [np.rint(hull).astype(np.int32)], float(rng.uniform(0.4, 1)))
    return np.maximum(half, half[:, ::-1]) if rng.random() < 0.7 else half


def _scene(rng: np.random.Generator) -> Canvas:
    """A scene: light and dark at every scale, with polygons in front."""
    plane = sum(
        (_clouds(rng, 2**scale) * np.float32(0.75**scale) for scale in range(1, 6)),
        np.zeros((CANVAS_SIDE, CANVAS_SIDE), np.float32),
    )
    for _ in range(int(rng.integers(0, 5))):
        corners = np.rint(rng.uniform(-0.2, 1.2, (int(rng.integers(3, 7)), 2)) * CANVAS_SIDE).astype(np.int32)
        cv2.fillPoly(plane, [cv2.convexHull(corners)], float(rng.uniform(0, 3)))
    soft = np.asarray(cv2.GaussianBlur(plane, (0, 0), float(rng.uniform(0.5, 4))), np.float32)
    low, high = float(soft.min()), float(soft.max())
    return ((soft - low) / max(high - low, 1e-6)).astype(np.float32)


def _clouds(rng: np.random.Generator, grid: int) -> Canvas:
    """A smooth random field of values about 0..1, interpolated from a grid of `grid` cells a side."""
    field = rng.uniform(0, 1, (grid + 1, grid + 1)).astype(np.float32)
    return np.asarray(cv2.resize(field, (CANVAS_SIDE, CANVAS_SIDE), interpolation=cv2.INTER_CUBIC), np.float32)


def _noise(rng: np.random.Generator) -> Canvas:
    """Grain, dots or snow, coarse or fine."""
    side = int(rng.integers(8, CANVAS_SIDE))
    grain = rng.uniform(0, 1, (side, side)) if rng.random() < 0.5 else rng.random((side, side)) < rng.uniform(0.01, 0.6)
    interpolation = cv2.INTER_NEAREST if rng.random() < 0.5 else cv2.INTER_CUBIC
    return np.clip(
        cv2.resize(grain.astype(np.float32), (CANVAS_SIDE, CANVAS_SIDE), interpolation=interpolation), 0, 1
    ).astype(np.float32)
