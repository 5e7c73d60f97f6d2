"""The article's arithmetic in plain Python lists: the twin that tenfold's compiled loops must match bit for bit."""

from __future__ import annotations

Rows = list[list[float]]

START = [0.0000, 0.0001, 0.0002, 0.0003, 0.0004, 0.0005, 0.0006, 0.0007, 0.0008, 0.0009]


def start() -> Rows:
    return [[weight] * 784 for weight in START]


def scores(weights: Rows, image: list[int]) -> list[float]:
    sums = []
    for row in weights:
        total = 0.0
        for pixel, weight in zip(image, row, strict=True):
            total += pixel * weight
        sums.append(total)
    return sums


def fit(weights: Rows, images: list[list[int]], labels: list[int], epochs: int, alpha: float) -> None:
    """Change the weights as the article's program does: every pixel, zero or not, in order."""
    for _ in range(epochs):
        for image, label in zip(images, labels, strict=True):
            for digit, score in enumerate(scores(weights, image)):
                delta = score - (1 if digit == label else 0)
                row = weights[digit]
                for p, pixel in enumerate(image):
                    row[p] -= alpha * (delta * pixel)
