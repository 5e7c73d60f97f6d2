"""Measure how well tenfold reads degraded digits, one kind of degradation at a time: `make robustness`.

The digits are validation digits, which no network was trained on. They are drawn large, then badly lit, badly written
or badly photographed. The code shares nothing with the synthesis of training data, and therefore shows what that omits.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

import tenfold
from tenfold.training.train_digits import VALIDATION_DIGITS

Plane = NDArray[np.float32]  # 0 paper .. 1 ink
Picture = NDArray[np.uint8]  # gray, or red, green and blue
Rng = np.random.Generator
Colour = tuple[int, int, int]

SIDE = 300  # pixels of most pictures
WHITE, BLUE_BLACK = (235, 235, 230), (40, 45, 60)


def main() -> None:
    parser = argparse.ArgumentParser(description="read digits under one degradation at a time")
    parser.add_argument("--count", type=int, default=100, help="digits per degradation (%(default)s)")
    count = parser.parse_args().count
    (images, labels), _ = tenfold.load_data()
    images, labels = images[-VALIDATION_DIGITS:][:count], labels[-VALIDATION_DIGITS:][:count]
    reader = tenfold.Reader()
    print(f"{'percent of ' + str(count) + ' digits':32}{'right':>8}{'rejected':>9}{'wrong':>7}")
    for name, degrade in DEGRADATIONS.items():
        rng = np.random.default_rng(0)
        read = [reader.read(degrade(image, rng)).digit for image in images]
        right = np.mean([digit == label for digit, label in zip(read, labels, strict=True)])
        rejected = np.mean([digit is None for digit in read])
        print(f"{name:32}{100 * right:8.1f}{100 * rejected:9.1f}{100 * max(0, 1 - right - rejected):7.1f}", flush=True)


def drawn(image: Picture, side: int = 200, pen: int = 0) -> Plane:
    """Enlarge a digit, with sharp edges; with a pen, draw its skeleton with strokes of `pen` pixels."""
    large = cv2.resize(image / np.float32(255), (side, side), interpolation=cv2.INTER_CUBIC)
    if pen:
        middle = thinned((large > 0.5).astype(np.uint8))
        large = cv2.dilate(middle, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (pen, pen)))
    return np.asarray(np.clip((large - 0.45) / 0.15 + 0.5, 0, 1), np.float32)


def thinned(mask: Picture) -> Picture:
    """Thin strokes to one pixel (Zhang and Suen, 1984)."""
    mask = mask.copy()
    while True:
        before = int(mask.sum())
        for first, second in (((0, 2, 4), (2, 4, 6)), ((0, 2, 6), (0, 4, 6))):
            padded = np.pad(mask, 1)
            at = [(0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0)]  # neighbours, clockwise from above
            around = [padded[y : y + len(mask), x : x + mask.shape[1]] for y, x in at]
            count = np.sum(around, axis=0)
            begins = np.sum([(a == 0) & (b == 1) for a, b in zip(around, around[1:] + around[:1], strict=True)], axis=0)
            free = [np.prod([around[i] for i in three], axis=0) == 0 for three in (first, second)]
            mask[(count >= 2) & (count <= 6) & (begins == 1) & free[0] & free[1]] = 0
        if int(mask.sum()) == before:
            return mask


def placed(digit: Plane, side: int = SIDE, top: int | None = None, left: int | None = None) -> Plane:
    """Place the digit on an empty sheet, centered or at a position, and clip it at the edges of the sheet."""
    room = len(digit)
    sheet = np.zeros((side + 2 * room, side + 2 * room), np.float32)
    y, x = (room + ((side - room) // 2 if at is None else at) for at in (top, left))
    sheet[y : y + room, x : x + room] = digit
    return sheet[room:-room, room:-room]


def shown(
    sheet: Plane,
    rng: Rng,
    paper: Colour = WHITE,
    pen: Colour = BLUE_BLACK,
    noise: float = 3,
    light: Plane | None = None,
    quality: int = 80,
) -> Picture:
    """Photograph a sheet: colours, light, grain, slight blur, JPEG compression; `(h, w, 3) uint8`."""
    ink = sheet[..., None]
    seen = np.array(paper) * (1 - ink) + np.array(pen) * ink
    if light is not None:
        seen = seen * light[..., None]
    grain = seen + rng.normal(0, noise, sheet.shape)[..., None]
    soft = cv2.GaussianBlur(np.clip(grain, 0, 255).astype(np.uint8), (0, 0), 0.8)
    packed = io.BytesIO()
    Image.fromarray(soft).save(packed, "JPEG", quality=quality)
    return np.asarray(Image.open(packed))


def shadow(rng: Rng, dark: float, sharp: float) -> Plane:
    """The light on a sheet, half of which is in the shade."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    across = x * np.cos(angle) + y * np.sin(angle) + rng.uniform(-0.4, 0.4)
    return np.asarray(1 - dark / (1 + np.exp(-across * sharp)), np.float32)


def ruled(step: int, pen: int, strength: float, squared: bool = False, turned: float = 0.0) -> Plane:
    """Printed rules or squares, rotated by an angle in degrees."""
    sheet = np.zeros((2 * SIDE, 2 * SIDE), np.float32)
    for first in range(pen):
        sheet[first::step] = strength
        if squared:
            sheet[:, first::step] = strength
    turn = cv2.getRotationMatrix2D((SIDE, SIDE), turned, 1)
    half = SIDE // 2
    return np.asarray(cv2.warpAffine(sheet, turn, sheet.shape), np.float32)[half : half + SIDE, half : half + SIDE]


def boxed(sheet: Plane, rng: Rng) -> Plane:
    """Add a printed box around the digit."""
    framed = sheet.copy()
    (left, top), (right, bottom) = rng.integers(20, 45, 2), SIDE - rng.integers(20, 45, 2)
    cv2.rectangle(framed, (int(left), int(top)), (int(right), int(bottom)), 0.8, 3)
    return framed


def beside_a_hand(picture: Picture, rng: Rng) -> Picture:
    high, wide = picture.shape[:2]
    middle = [(0, int(rng.integers(high))), (wide, int(rng.integers(high))), (int(rng.integers(wide)), high)]
    size = int(wide * rng.uniform(0.12, 0.22)), int(high * rng.uniform(0.15, 0.3))
    hand = np.zeros((high, wide), np.float32)
    cv2.ellipse(hand, middle[rng.integers(3)], size, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(hand, (0, 0), 3)[..., None]
    skin = np.array([(205, 160, 135), (120, 80, 60)][rng.integers(2)])
    return (picture * (1 - soft) + skin * soft).astype(np.uint8)


def on_a_table(picture: Picture, rng: Rng) -> Picture:
    """Put the sheet on a table; it fills two thirds of the photo."""
    high, wide = picture.shape[:2]
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    moved = (corners + rng.uniform(-0.06, 0.06, (4, 2)) * wide) * 0.8 + np.array([wide, high]) * 0.1
    view = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    table = np.array([(90, 60, 40), (60, 60, 62), (180, 140, 100)][rng.integers(3)]) + rng.normal(0, 6, (high, wide, 1))
    sheet = cv2.warpPerspective(np.ones((high, wide), np.float32), view, (wide, high))[..., None]
    return np.clip(cv2.warpPerspective(picture, view, (wide, high)) * sheet + table * (1 - sheet), 0, 255).astype(
        np.uint8
    )


def few_pixels(image: Picture, side: int) -> Picture:
    return np.asarray(cv2.resize(image[2:26, 2:26], (side, side), interpolation=cv2.INTER_AREA))


def plain(image: Picture, rng: Rng, **how: object) -> Picture:
    return shown(placed(drawn(image)), rng, **how)  # type: ignore[arg-type]


DEGRADATIONS: dict[str, Callable[[Picture, Rng], Picture]] = {
    "plain": plain,
    "hair-thin pen, 1 pixel": lambda image, rng: shown(placed(drawn(image, pen=1)), rng, noise=2),
    "marker that fills loops": lambda image, rng: shown(
        placed(np.asarray(cv2.dilate(drawn(image, 180), np.ones((15, 15))), np.float32)), rng
    ),
    "pencil, 20 gray levels": lambda image, rng: plain(image, rng, pen=(213, 213, 210)),
    "pencil, 12 gray levels": lambda image, rng: plain(image, rng, pen=(222, 222, 218)),
    "soft shadow": lambda image, rng: plain(image, rng, light=shadow(rng, 0.5, 4)),
    "sharp shadow": lambda image, rng: plain(image, rng, light=shadow(rng, 0.5, 60)),
    "sharp, dark shadow": lambda image, rng: plain(image, rng, light=shadow(rng, 0.65, 300)),
    "beside a hand": lambda image, rng: beside_a_hand(plain(image, rng), rng),
    "on a table": lambda image, rng: on_a_table(shown(placed(drawn(image, 160)), rng), rng),
    "small, on a table": lambda image, rng: on_a_table(shown(placed(drawn(image, 56)), rng), rng),
    "squared paper": lambda image, rng: shown(np.maximum(placed(drawn(image)), ruled(30, 1, 0.5, True)), rng),
    "table cells, tilted": lambda image, rng: shown(np.maximum(placed(drawn(image)), ruled(250, 2, 0.8, True, 4)), rng),
    "ruled paper": lambda image, rng: shown(np.maximum(placed(drawn(image)), ruled(60, 2, 0.9)), rng),
    "in a box": lambda image, rng: shown(boxed(placed(drawn(image, 160)), rng), rng),
    "red on pink": lambda image, rng: plain(image, rng, paper=(250, 190, 200), pen=(220, 40, 60)),
    "green on blue": lambda image, rng: plain(image, rng, paper=(120, 150, 235), pen=(40, 160, 70)),
    "red on green, equally bright": lambda image, rng: plain(image, rng, paper=(90, 150, 90), pen=(215, 90, 90)),
    "chalk on a board": lambda image, rng: shown(
        placed(drawn(image)) * (rng.random((SIDE, SIDE)) > 0.25), rng, paper=(45, 70, 60), pen=(225, 225, 220), noise=8
    ),
    "dark mode": lambda image, rng: plain(image, rng, paper=(18, 18, 20), pen=(235, 235, 240), noise=0),
    "tiny, in a corner": lambda image, rng: shown(placed(drawn(image, 36), 400, 8, 350), rng),
    "touching the frame": lambda image, rng: shown(placed(drawn(image), top=-28), rng),
    "cut by the frame": lambda image, rng: shown(placed(drawn(image), left=-46), rng),
    "JPEG of quality 5": lambda image, rng: shown(placed(drawn(image, 90), 150), rng, quality=5),
    "8 x 8 pixels": lambda image, _: few_pixels(image, 8),
    "12 x 12 pixels": lambda image, _: few_pixels(image, 12),
    "1 bit, dithered": lambda image, rng: np.asarray(Image.fromarray(plain(image, rng)).convert("1").convert("L")),
    "12 megapixels, grainy": lambda image, rng: shown(placed(drawn(image, 1400), 3464), rng, noise=10),
    "motion blur": lambda image, rng: np.asarray(cv2.filter2D(plain(image, rng), -1, np.eye(15) / 15)),
    "out of focus": lambda image, rng: np.asarray(cv2.GaussianBlur(plain(image, rng), (0, 0), 8)),
}


if __name__ == "__main__":
    main()
