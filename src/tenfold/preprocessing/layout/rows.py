"""Connected components -> rows of writing. Does not know pictures, or where one number of a row ends."""

from __future__ import annotations

import numpy as np

from tenfold.preprocessing.layout.components import Components

MAX_COMPONENTS = 500  # the highest components that are considered; noise has many more
MIN_HEIGHT = 4  # pixels; lower components are dirt
TALL = 0.4  # of the usual height; lower components do not show where a row is
JOINED_GAP = 0.22  # of the height of two parts above one another, such as the circles of an 8: less is one character
JOINED_OVERLAP = 0.6  # of the narrower of them, across


def rows_of(components: Components, width: int, height: int) -> list[Components]:
    """Group the components that may be digits into rows, from top to bottom, each from left to right.

    Args:
        components: all that is written.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
    """
    characters = joined_parts(digit_sized(clear_border(components, width, height)))
    rows: list[list[Components]] = []
    for component in characters[np.argsort(-characters[:, 3], kind="stable")]:
        row = next((row for row in rows if _belongs(component, row)), None)
        if row is None:
            rows.append([component])
        else:
            row.append(component)
    ordered = [np.array(sorted(row, key=lambda component: component[0])) for row in rows]
    return sorted(ordered, key=lambda row: float(np.median(row[:, 1] + row[:, 3] / 2)))


def clear_border(components: Components, width: int, height: int) -> Components:
    """Drop components that touch the border and are much larger than the others: hands, table edges, shadows."""
    left, top, wide, high = components[:, 0], components[:, 1], components[:, 2], components[:, 3]
    inside = (left > 0) & (top > 0) & (left + wide < width) & (top + high < height) & (high >= MIN_HEIGHT)
    if inside.sum() < 2:
        return components
    kept: Components = components[inside | (high < 2.5 * high[inside].max())]
    return kept


def digit_sized(components: Components) -> Components:
    """Keep the components that may be digits; rules, dashes and points do not show where a row is."""
    upright: Components = components[(components[:, 2] < 4 * components[:, 3]) & (components[:, 3] >= MIN_HEIGHT)]
    if not len(upright):
        return upright
    usual = np.percentile(upright[:, 3], 95)
    highest = np.argsort(-upright[:, 3], kind="stable")[:MAX_COMPONENTS]
    tall: Components = upright[[i for i in highest if upright[i, 3] > TALL * usual]]
    return tall


def joined_parts(components: Components) -> Components:
    """Join parts of one character that stand above one another: the circles of an 8, the bar and the bow of a 5."""
    parts = [component.copy() for component in components]
    joined: list[Components] = []
    while parts:
        part = parts.pop()
        other = next((i for i, other in enumerate(parts) if _is_one_character(part, other)), None)
        if other is None:
            joined.append(part)
        else:
            parts[other] = _around(part, parts[other])
    return np.array(joined, np.int64).reshape(-1, 5)


def _is_one_character(one: Components, other: Components) -> bool:
    upper, lower = (one, other) if one[1] <= other[1] else (other, one)
    gap = lower[1] - (upper[1] + upper[3])
    common = min(upper[0] + upper[2], lower[0] + lower[2]) - max(upper[0], lower[0])
    height = lower[1] + lower[3] - upper[1]
    narrower, wider = sorted((upper[2], lower[2]))
    return bool(
        gap >= 0 and gap < JOINED_GAP * height / 2 and common > JOINED_OVERLAP * narrower and wider < 1.2 * height
    )


def _around(one: Components, other: Components) -> Components:
    left, top = min(one[0], other[0]), min(one[1], other[1])
    right, bottom = max(one[0] + one[2], other[0] + other[2]), max(one[1] + one[3], other[1] + other[3])
    return np.array([left, top, right - left, bottom - top, one[4] + other[4]], np.int64)


def _belongs(component: Components, row: list[Components]) -> bool:
    """True if a component is beside the one of the row that is nearest to it: rows may slope."""
    nearest = min(
        row, key=lambda other: max(other[0] - component[0] - component[2], component[0] - other[0] - other[2])
    )
    middle = component[1] + component[3] / 2
    return bool(nearest[1] <= middle <= nearest[1] + nearest[3])
