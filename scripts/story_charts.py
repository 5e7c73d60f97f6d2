"""The story's charts as SVG, and its picture of weights as PNG. Does not write files."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

import tenfold
from story_experiments import by_alpha, by_epochs, last_epoch
from tenfold.lab.single_update import compute_update
from tenfold.lab.training_run import Settings, train

ALPHAS = (*(float(f"{10 ** (step / 3):.3g}") for step in range(-30, -19)), 3e-7)  # the learning rates of the chart
BLUE, ORANGE, GREY = "#4a7bea", "#d9742b", "#7f868f"  # readable on light and on dark

Line = tuple[str, str, list[tuple[float, float]]]  # name, colour, points (x, fraction 0..1)


def charts() -> dict[str, str]:
    """The story's charts as SVG, by file name."""
    (images, labels), test = tenfold.load_data()
    swings, _ = last_epoch()
    epochs = [(math.log10(epochs), net) for epochs, net in by_epochs()]
    logarithms = [math.log10(alpha) for alpha in ALPHAS]
    few, all_images = by_alpha(ALPHAS, 1000), by_alpha(ALPHAS, 60_000)
    return {
        "swing.svg": chart(
            [("", BLUE, [(4010 + 10 * i, accuracy) for i, accuracy in enumerate(swings)])],
            [(4000, "4,000"), (4500, "4,500 updates"), (5000, "5,000")],
            (0.5, 0.6, 0.7, 0.8),
        ),
        "epochs.svg": chart(
            [
                ("training", GREY, [(x, net.score(images[:1000], labels[:1000])) for x, net in epochs]),
                ("test", BLUE, [(x, net.score(*test)) for x, net in epochs]),
            ],
            [(math.log10(n), f"{n} epochs" if n == 100 else str(n)) for n in (1, 5, 20, 100)],
            (0.6, 0.7, 0.8, 0.9, 1),
        ),
        "alpha.svg": chart(
            [
                ("1,000 images", ORANGE, list(zip(logarithms, few, strict=True))),
                ("60,000 images", BLUE, list(zip(logarithms, all_images, strict=True))),
            ],
            [(-10, "10⁻¹⁰"), (-9, "10⁻⁹"), (-8, "10⁻⁸"), (-7, "10⁻⁷ step size")],
            (0, 0.25, 0.5, 0.75, 1),
        ),
    }


def chart(lines: list[Line], ticks: list[tuple[float, str]], levels: tuple[float, ...]) -> str:
    """Fractions as lines in SVG, 560 x 236, with a key above, `ticks` on the x axis and `levels` on the y axis."""
    left, right, top, bottom = 54, 548, 30, 205
    low, high = ticks[0][0], max(x for _, _, points in lines for x, _ in points)
    high = max(high, ticks[-1][0])

    def x_of(x: float) -> float:
        return left + (right - left) * (x - low) / (high - low)

    def y_of(fraction: float) -> float:
        return bottom - (bottom - top) * (fraction - levels[0]) / (levels[-1] - levels[0])

    font = 'font-family="system-ui, sans-serif" font-size="13"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 236" {font}>']
    for level in levels:
        y = y_of(level)
        parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="{GREY}" stroke-opacity=".3"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end" fill="{GREY}">{100 * level:.0f} %</text>')
    for x, name in ticks:
        anchor = "start" if x == low else "end" if x == high else "middle"
        parts.append(f'<text x="{x_of(x):.1f}" y="{bottom + 22}" text-anchor="{anchor}" fill="{GREY}">{name}</text>')
    for i, (name, colour, points) in enumerate(lines):
        path = "L".join(f"{x_of(x):.1f} {y_of(max(fraction, levels[0])):.1f}" for x, fraction in points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>')
        if name:
            x = left + 130 * i
            parts.append(f'<rect x="{x}" y="8" width="12" height="3" fill="{colour}"/>')
            parts.append(f'<text x="{x + 18}" y="15" fill="{GREY}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def weights_picture() -> bytes:
    """Three rows of ten weight images, transparent where a weight is 0: the bytes of a PNG file."""
    rows = [
        compute_update(Settings(), 1).after,
        train(Settings()).weights,
        train(Settings(alpha=3e-9, images=60_000)).weights,
    ]
    side, gap = 28 * 4, 10
    sheet = np.zeros((3 * side + 2 * gap, 10 * side + 9 * gap, 4), np.uint8)
    for r, weights in enumerate(rows):
        largest = np.quantile(np.abs(weights.reshape(10, 28, 28)[:, 6:22, 6:22]), 0.99)  # where there is ink
        for digit, row in enumerate(weights):
            sheet[r * (side + gap) :, digit * (side + gap) :][:side, :side] = _signed(row.reshape(28, 28) / largest)
    _, png = cv2.imencode(".png", sheet, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return png.tobytes()


def _signed(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Blue above 0 and orange below, `(112, 112, 4)` as OpenCV orders colours."""
    colours = np.where(values[:, :, None] > 0, _bgr(BLUE), _bgr(ORANGE))
    strength = np.rint(255 * np.clip(np.abs(values), 0, 1))[:, :, None]
    return np.concatenate([colours, strength], axis=2).astype(np.uint8).repeat(4, axis=0).repeat(4, axis=1)


def _bgr(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[i : i + 2], 16) for i in (5, 3, 1)], np.float64)
