"""Fit the constants that separate the numbers of a row, on simulated pages, and print them with what they get right.

The constants stand in `tenfold.preprocessing.layout.fields`; this script does not change them.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from itertools import product
from pathlib import Path

import numpy as np

from tenfold.arrays import Box
from tenfold.preprocessing.layout import fields
from tenfold.preprocessing.line_detection import detect_numbers, page_ink
from tenfold.synthesis.numbers.pages import Page, sample_page
from tenfold.synthesis.numbers.synthetic_lines import LineSource, load_material

SEED = 3000
WIDE_GAPS = (0.8, 1.0, 1.2, 1.4)  # candidates
RELATIVE_GAPS = (1.5, 2.0, 2.5, 3.5)
NARROW_CELLS = (1.5, 1.9, 2.3)


def main() -> None:
    parser = argparse.ArgumentParser(description="fit the constants that separate the numbers of a row")
    parser.add_argument("--handwriting", type=Path, default=None, help="folder of pen strokes (default: none)")
    parser.add_argument("--pages", type=int, default=600, help="simulated pages (%(default)s)")
    arguments = parser.parse_args()
    hands = load_material(LineSource(arguments.handwriting, "train", (0, 55_000))).hands
    rng = np.random.default_rng(SEED)
    pages = [sample_page(hands, rng) for _ in range(arguments.pages)]
    inks = [page_ink(page.picture) for page in pages]
    best = max(
        product(WIDE_GAPS, RELATIVE_GAPS, NARROW_CELLS),
        key=lambda constants: float(np.mean(list(right(pages, inks, constants).values()))),
    )
    print(dict(zip(("WIDE_GAP", "RELATIVE_GAP", "NARROW_CELL"), best, strict=True)))
    for kind, share in sorted(right(pages, inks, best).items()):
        print(f"  {kind:8} {100 * share:5.1f} % of the pages have all numbers, and no other")


def right(pages: list[Page], inks: list[np.ndarray], constants: tuple[float, float, float]) -> dict[str, float]:
    """The fraction of the pages of each kind on which each number is found, and is alone in its box."""
    fields.WIDE_GAP, fields.RELATIVE_GAP, fields.NARROW_CELL = constants
    found: dict[str, list[bool]] = defaultdict(list)
    for page, ink in zip(pages, inks, strict=True):
        found[page.kind].append(is_right(page, ink))
    return {kind: float(np.mean(values)) for kind, values in found.items()}


def is_right(page: Page, ink: np.ndarray) -> bool:
    """True if each number of the page lies in a box of its own. Other boxes do no harm: no digit is read in them."""
    found = [line.box for row in detect_numbers(ink) for line in row]
    numbers = [box for row in page.rows for _, box in row]
    return all(any(_holds(box, number) and not _touches(box, number, numbers) for box in found) for number in numbers)


def _touches(box: Box, number: Box, numbers: list[Box]) -> bool:
    """True if the middle of another number lies in the box."""
    middles = [
        (left + width / 2, top + height / 2) for left, top, width, height in numbers if (left, top) != number[:2]
    ]
    return any(box[0] < x < box[0] + box[2] and box[1] < y < box[1] + box[3] for x, y in middles)


def _holds(outer: Box, inner: Box) -> bool:
    slack = 0.15 * inner[3] + 2
    return (
        outer[0] <= inner[0] + slack
        and outer[0] + outer[2] >= inner[0] + inner[2] - slack
        and outer[1] <= inner[1] + 3 * slack
        and outer[1] + outer[3] >= inner[1] + inner[3] - 3 * slack
    )


if __name__ == "__main__":
    main()
