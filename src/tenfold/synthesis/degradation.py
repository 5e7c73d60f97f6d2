"""Degradation: render ink as a simulated photo, with pen, paper, print, light, lens and grain.

Samples, tests and training use simulated photos instead of private pictures. All randomness comes from the generator
that the caller passes.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Photo = NDArray[np.uint8]
Plane = NDArray[np.float32]

# RGB colours: black, blue, pencil, red, green
PENS = ((28, 30, 36), (30, 50, 130), (85, 87, 92), (150, 35, 40), (20, 90, 60))
PAPERS = ((244, 243, 238), (250, 250, 250), (236, 226, 200), (205, 208, 210), (228, 236, 244))


def simulate_photo(
    written: NDArray[np.generic], rng: np.random.Generator, height: int = 360, width: int = 300
) -> Photo:
    """Simulate a photo of handwriting on paper, at a random size and position.

    Args:
        written: square, `uint8` 0 paper .. 255 ink (such as an MNIST image) or `float32` 0..1.
        rng: the source of pen, paper, print, position, size, light and grain.
        height: the height of the photo in pixels, at least 28.
        width: the width of the photo in pixels, at least 28.

    Returns:
        `(height, width, 3) uint8` RGB.
    """
    return render_on_paper(_place(written, rng, height, width), rng)


def render_on_paper(ink: Plane, rng: np.random.Generator, cheque: bool = False) -> Photo:
    """Simulate a photo of a sheet with ink on it.

    Args:
        ink: `(h, w) float32`, 0 paper .. 1 ink, each side at least 28.
        rng: the source of pen, paper, print, light and grain.
        cheque: True for a sheet printed all over with waving lines; otherwise a random print, which may also be that.

    Returns:
        `(h, w, 3) uint8` RGB.
    """
    height, width = ink.shape
    coverage = ink[:, :, None]
    pen = np.array(PENS[rng.integers(len(PENS))], np.float32)
    paper = np.array(PAPERS[rng.integers(len(PAPERS))], np.float32)
    if rng.random() < 0.1:  # chalk on a board, a screen in dark mode
        pen, paper = 255 - pen / np.float32(2), 255 - paper
    printed = (_guilloche if cheque else _print)(rng, height, width)[:, :, None]
    print_ink = (pen, np.array((150, 175, 205), np.float32))[rng.integers(2)]
    sheet = paper * (1 - printed) + print_ink * printed
    photo = (sheet * (1 - coverage) + pen * coverage) * _illumination(rng, height, width)[:, :, None]
    blurred = cv2.GaussianBlur(photo, (0, 0), float(rng.uniform(0.4, 1.3) * max(0.4, min(height, width) / 300)))
    levels: Photo = np.clip(np.rint(blurred + _grain(rng, height, width)[:, :, None]), 0, 255).astype(np.uint8)
    return levels


def _place(written: NDArray[np.generic], rng: np.random.Generator, height: int, width: int) -> Plane:
    """The ink on each pixel, 0..1: the digit at a random size and position, with smooth strokes."""
    plane = written.astype(np.float32)
    if written.dtype == np.uint8:
        plane /= 255
    side = int(min(height, width) * rng.uniform(0.55, 1.0))
    interpolation = cv2.INTER_CUBIC if side > len(plane) else cv2.INTER_AREA
    scaled = cv2.resize(plane, (side, side), interpolation=interpolation)
    if side > 2 * len(plane):  # smooth the blocky edges of enlarged pixels
        scaled = np.clip((scaled - rng.uniform(0.35, 0.6)) / 0.12 + 0.5, 0, 1)
    top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    ink = np.zeros((height, width), np.float32)
    ink[top : top + side, left : left + side] = np.clip(scaled, 0, 1) * rng.uniform(0.6, 1.0)
    return ink


def _print(rng: np.random.Generator, height: int, width: int) -> Plane:
    """The print on the sheet, 0..1: nothing, rules, squares, dots, a box, or the waves of a cheque."""
    kind, step = rng.integers(9), max(6, int(min(height, width) * rng.uniform(0.12, 0.3)))
    if kind == 8:
        return _guilloche(rng, height, width)
    pattern = np.zeros((height, width), np.float32)
    first, second = int(rng.integers(step)), int(rng.integers(step))
    if kind in {3, 4}:
        pattern[first::step] = 1
    if kind == 4:
        pattern[:, second::step] = 1
    if kind == 5:
        pattern[first::step, second::step] = 1
        pattern = np.asarray(cv2.dilate(pattern, np.ones((2, 2))), np.float32)
    if kind in {6, 7}:  # a box or a table cell around the digit
        inset = [int(side * rng.uniform(0.0, 0.09)) for side in (width, height, width, height)]
        corner, opposite = (inset[0], inset[1]), (width - 1 - inset[2], height - 1 - inset[3])
        cv2.rectangle(pattern, corner, opposite, 1.0, max(1, round(min(height, width) * rng.uniform(0.005, 0.025))))
        return pattern * np.float32(rng.uniform(0.3, 1))
    return pattern * np.float32(rng.uniform(0.2, 0.45))


def _guilloche(rng: np.random.Generator, height: int, width: int) -> Plane:
    """Guilloche: one or two families of fine waving lines, as on cheques and banknotes."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    waves = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 3))):
        angle = rng.normal(0, 0.5) if rng.random() < 0.7 else rng.uniform(0, np.pi)
        along = columns * np.cos(angle) + rows * np.sin(angle)
        across = rows * np.cos(angle) - columns * np.sin(angle)
        pitch, length = height * rng.uniform(0.05, 0.16), height * rng.uniform(0.4, 4)
        bend = pitch * rng.uniform(0, 1.5) * np.sin(2 * np.pi * (along / length + rng.random()))
        lines = np.sin(2 * np.pi * (across + bend) / pitch) * rng.uniform(0.6, 3) - rng.uniform(-0.5, 1.5)
        if rng.random() < 0.25:  # broken into dots
            lines *= np.sin(2 * np.pi * along / (pitch * rng.uniform(0.6, 1.5)))
        waves += np.clip(lines, 0, 1).astype(np.float32)
    return np.minimum(waves, 1) * np.float32(rng.uniform(0.1, 0.45))


def _illumination(rng: np.random.Generator, height: int, width: int) -> Plane:
    """The light on each pixel, about 0.3..1: a gradient, darker corners, sometimes a shadow."""
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    slope = rng.uniform(0, 0.15) * (rows * np.sin(angle) + columns * np.cos(angle))
    corners = rng.uniform(0, 0.12) * (rows**2 + columns**2)
    light = np.asarray(rng.uniform(0.7, 0.95) + slope - corners, np.float32)
    if rng.random() < 0.12:  # the shadow of a hand or a phone
        edge = rows * np.sin(angle + 1) + columns * np.cos(angle + 1) + rng.uniform(-1, 1)
        light *= 1 - np.float32(rng.uniform(0.1, 0.4)) / (1 + np.exp(-edge * rng.uniform(3, 30)))
    return light


def _grain(rng: np.random.Generator, height: int, width: int) -> Plane:
    """The grain of paper and sensor, in gray levels."""
    fine = rng.normal(0, rng.uniform(1, 4), (height, width)).astype(np.float32)
    coarse = rng.normal(0, 2, (-(-height // 4), -(-width // 4))).astype(np.float32)
    return fine + cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
