"""Digits as people write them, drawn on the page with the mouse or a finger."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

# The strokes of handwritten digits: x and y in fractions of the paper.
DIGITS: dict[int, list[list[tuple[float, float]]]] = {
    0: [[(0.5, 0.2), (0.36, 0.35), (0.34, 0.6), (0.45, 0.8), (0.6, 0.76), (0.67, 0.5), (0.62, 0.28), (0.5, 0.2)]],
    1: [[(0.5, 0.2), (0.49, 0.5), (0.48, 0.82)]],
    2: [[(0.33, 0.33), (0.45, 0.2), (0.62, 0.25), (0.63, 0.42), (0.48, 0.62), (0.32, 0.8), (0.5, 0.78), (0.7, 0.8)]],
    3: [[(0.33, 0.25), (0.5, 0.18), (0.65, 0.28), (0.46, 0.48), (0.64, 0.56), (0.65, 0.72), (0.5, 0.83), (0.33, 0.76)]],
    4: [[(0.4, 0.2), (0.33, 0.52), (0.68, 0.52)], [(0.6, 0.3), (0.57, 0.85)]],
    7: [[(0.3, 0.24), (0.7, 0.23), (0.58, 0.5), (0.48, 0.84)]],
}


def draw(page: Page, digit: int, left: float = 0, width: float = 1, lift: bool = True) -> None:
    """Draw with the mouse, or on a phone with a finger, on the part of the paper from `left`, `width` wide."""
    for stroke in DIGITS[digit]:
        touch(page, [(left + width * x, y) for x, y in stroke], lift)


def touch(page: Page, stroke: list[tuple[float, float]], lift: bool = True) -> None:
    box = page.locator("#paper").bounding_box()
    assert box is not None
    corners = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
    if page.evaluate("navigator.maxTouchPoints") > 0:
        finger = page.context.new_cdp_session(page)
        for i, (x, y) in enumerate(corners):
            kind = "touchMove" if i else "touchStart"
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        if lift:
            finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        return
    page.mouse.move(*corners[0])
    page.mouse.down()
    for x, y in corners[1:]:
        page.mouse.move(x, y, steps=3)
    if lift:
        page.mouse.up()


def scribble(page: Page) -> None:
    """A scribble over the whole paper, which is not a digit."""
    touch(page, [(0.1 + 0.8 * (i % 2), 0.08 + 0.028 * i) for i in range(30)])
