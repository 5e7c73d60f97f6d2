"""Paper: what lies under the ink and on it - print, patterns, rules, creases, dirt - and the light that falls on it.

Levels are reflectances, 0 black .. 1 white. All randomness comes from the given generator.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


def empty_plane(height: int, width: int) -> Plane:
    """A plane of zeros, `(height, width) float32`."""
    return np.zeros((height, width), np.float32)


def clouds(rng: np.random.Generator, height: int, width: int, cells: int) -> Plane:
    """A smooth random field, about -1..1, with so many cells a side."""
    grid = rng.normal(0, 0.5, (cells + 2, cells + 2)).astype(np.float32)
    return np.asarray(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def printed_pattern(rng: np.random.Generator, height: int, width: int, pitch: float) -> Plane:
    """Print all over the paper, 0..1: ruled, squared or dotted paper, or the waving lines of cheques.

    Args:
        rng: the source of all randomness.
        height: in pixels.
        width: in pixels.
        pitch: the distance of lines in pixels.
    """
    kind = rng.integers(6)
    if kind >= 3:
        return _waves(rng, height, width, pitch * rng.uniform(0.1, 0.5))
    plane, step = empty_plane(height, width), max(4.0, pitch)
    rows = np.rint(np.arange(rng.uniform(0, step), height, step)).astype(int)
    columns = np.rint(np.arange(rng.uniform(0, step), width, step)).astype(int)
    rows, columns = rows[rows < height], columns[columns < width]
    if kind == 2:
        plane[np.ix_(rows, columns)] = 1
        return np.asarray(cv2.dilate(plane, np.ones((2, 2), np.uint8)), np.float32)
    plane[rows] = 1
    if kind == 1:
        plane[:, columns] = 1
    return plane


def _waves(rng: np.random.Generator, height: int, width: int, pitch: float) -> Plane:
    """Guilloche: families of fine waving lines."""
    pitch = max(2.5, pitch)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    plane = empty_plane(height, width)
    for _ in range(int(rng.integers(1, 3))):
        angle = rng.normal(0, 0.3) + (np.pi / 2 if rng.random() < 0.25 else 0)
        along = columns * np.float32(np.cos(angle)) + rows * np.float32(np.sin(angle))
        across = rows * np.float32(np.cos(angle)) - columns * np.float32(np.sin(angle))
        bend = np.float32(pitch * rng.uniform(0, 2)) * np.sin(
            along * np.float32(2 * np.pi / (pitch * rng.uniform(4, 40)))
        )
        lines = np.sin((across + bend) * np.float32(2 * np.pi / pitch) + np.float32(rng.uniform(0, 6)))
        plane += np.clip(lines * np.float32(rng.uniform(0.8, 3)) - np.float32(rng.uniform(-0.5, 1)), 0, 1)
    return np.minimum(plane, 1).astype(np.float32)


def straight_line(plane: Plane, start: tuple[float, float], end: tuple[float, float], width: float) -> None:
    """Draw a line in place, with value 1; coordinates are (x, y) in pixels."""
    points = np.rint(np.array([start, end]) * 16).astype(np.int32)
    canvas = np.zeros(plane.shape, np.uint8)
    cv2.polylines(canvas, [points], False, 255, max(1, round(width)), cv2.LINE_AA, 4)
    np.maximum(plane, canvas * np.float32(min(1.0, width) / 255), out=plane)


def pen_curve(plane: Plane, points: NDArray[np.floating], width: float) -> None:
    """Draw a smooth open curve through points `(n, 2)` in place, with value 1."""
    canvas = np.zeros(plane.shape, np.uint8)
    cv2.polylines(canvas, [np.rint(points * 16).astype(np.int32)], False, 255, max(1, round(width)), cv2.LINE_AA, 4)
    np.maximum(plane, canvas / np.float32(255), out=plane)


def light(rng: np.random.Generator, height: int, width: int) -> Plane:
    """How much light falls on each pixel, 0.1..1: falling off to a side, and in one of three a shadow's edge."""
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    along = rows * np.float32(np.sin(angle)) + columns * np.float32(np.cos(angle))
    fall = rng.uniform(0, 0.4) if rng.random() < 0.35 else rng.uniform(0, 0.1)
    plane = np.float32(1) - np.float32(fall) * (along + 1) / 2 * 1.4
    plane -= np.float32(rng.uniform(0, 0.1)) * (rows**2 + columns**2)
    if rng.random() < 0.3:
        plane *= _shadow(rng, rows, columns)
    return np.asarray(np.maximum(plane * np.float32(rng.uniform(0.6, 1)), 0.08), np.float32)


def _shadow(rng: np.random.Generator, rows: Plane, columns: Plane) -> Plane:
    """The shadow of a hand, a phone or a book: a straight or a round edge, sharp or soft."""
    angle, depth = rng.uniform(0, 2 * np.pi), np.float32(rng.uniform(0.1, 0.6))
    sharpness = np.float32(np.exp(rng.uniform(np.log(3), np.log(150))))
    if rng.random() < 0.6:
        edge = (
            rows * np.float32(np.sin(angle)) + columns * np.float32(np.cos(angle)) + np.float32(rng.uniform(-0.9, 0.9))
        )
    else:
        radius, away = rng.uniform(0.4, 2), rng.uniform(0.2, 2)
        distance = np.hypot(rows - np.float32(away * np.sin(angle)), columns - np.float32(away * np.cos(angle)))
        edge = np.float32(radius) - distance
    return np.asarray(1 - depth / (1 + np.exp(-np.clip(edge * sharpness, -30, 30))), np.float32)


def crease(plane: Plane, rng: np.random.Generator) -> None:
    """Darken one side of a fold and lighten the other, in place."""
    height, width = plane.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    angle = rng.choice([0, np.pi / 2]) + rng.normal(0, 0.15)
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    distance = (columns - np.float32(x)) * np.float32(np.sin(angle)) + (rows - np.float32(y)) * np.float32(
        np.cos(angle)
    )
    wide = np.float32(rng.uniform(0.6, 4))
    dark = np.exp(-((distance / wide) ** 2)) * np.float32(rng.uniform(0.05, 0.35))
    bright = np.exp(-(((distance - 2 * wide) / wide) ** 2)) * np.float32(rng.uniform(0, 0.12))
    plane += (bright - dark) * plane


def table_edge(plane: Plane, rng: np.random.Generator) -> None:
    """Replace what lies beyond the edge of the sheet by a table, in place; it may be darker or lighter than paper."""
    height, width = plane.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    level = rng.uniform(0.05, 0.6) if rng.random() < 0.85 else rng.uniform(0.85, 1)
    grain = np.float32(level) + np.float32(rng.uniform(0, 0.08)) * clouds(rng, height, width, int(rng.integers(2, 12)))
    for side in rng.permutation(4)[: rng.integers(1, 5)]:
        tilt, inset = rng.normal(0, 0.06), rng.uniform(0.01, 0.22)
        across, along, size = ((rows, columns, height), (columns, rows, width))[side % 2]
        distance = across if side < 2 else size - across
        soft = rng.uniform(0.7, 2.5)
        beyond = 1 / (
            1
            + np.exp(
                np.clip((distance - np.float32(inset * size) - np.float32(tilt) * along) / np.float32(soft), -30, 30)
            )
        )
        plane[:] = plane * (1 - beyond) + grain * beyond


def object_beside(plane: Plane, rng: np.random.Generator, clear: tuple[float, float, float, float]) -> None:
    """Lay a pen, a finger or a ruler on the sheet, in place, outside the box `clear` (left, top, right, bottom)."""
    height, width = plane.shape
    left, top, right, bottom = clear
    thick = max(2.0, min(height, width) * rng.uniform(0.03, 0.16))
    for _ in range(20):
        start = rng.uniform(-0.1, 1.1, 2) * (width, height)
        angle, length = rng.uniform(0, np.pi), rng.uniform(0.25, 1.1) * max(height, width)
        end = start + length * np.array([np.cos(angle), np.sin(angle)])
        steps = np.linspace(start, end, 24)
        near = (
            (steps[:, 0] > left - thick) & (steps[:, 0] < right + thick)
            & (steps[:, 1] > top - thick) & (steps[:, 1] < bottom + thick)
        )  # fmt: skip
        if not near.any():
            break
    else:
        return
    body = empty_plane(height, width)
    straight_line(body, tuple(start), tuple(end), thick)
    if rng.random() < 0.6:  # its shadow
        offset = rng.uniform(-1, 1, 2) * thick
        shade = empty_plane(height, width)
        straight_line(shade, tuple(start + offset), tuple(end + offset), thick * rng.uniform(0.6, 1.4))
        shade = np.asarray(cv2.GaussianBlur(shade, (0, 0), float(thick * rng.uniform(0.1, 0.5))), np.float32)
        plane *= 1 - shade * np.float32(rng.uniform(0.1, 0.5))
    level = np.float32(rng.uniform(0.05, 0.85))
    core = empty_plane(height, width)
    straight_line(core, tuple(start), tuple(end), thick * rng.uniform(0.2, 0.6))
    plane[:] = plane * (1 - body) + (level + np.float32(rng.uniform(-0.1, 0.3)) * core) * body
