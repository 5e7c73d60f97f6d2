"""A row of writing -> its numbers: columns and fields that stand apart. The deciding constants are fitted.

Does not know pictures. `scripts/fit_fields.py` fits the constants on simulated pages.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tenfold.preprocessing.layout.components import Components, Uprights

WIDE_GAP = 1.4  # heights of digits; a gap must be at least this wide to separate numbers
RELATIVE_GAP = 2.5  # times the gap between characters of the row, and at least that
BROKEN_GAP = 0.06  # heights; the parts of one broken character are nearer to one another
NARROW_CELL = 1.5  # heights of digits; between upright rules that are nearer to one another stands one digit only


def split_row(row: Components, uprights: Uprights) -> list[Components]:
    """The numbers of a row, from left to right.

    Numbers are separated by gaps that are wide in comparison with the digits and with the other gaps, and by the rules
    of a table. The rules of a comb, which separate single digits, do not separate numbers.

    Args:
        row: components from left to right.
        uprights: upright rules anywhere on the page.
    """
    clusters = _clusters(row)
    if len(clusters) < 2:
        return [row]
    height = float(np.median([cluster[:, 3].max() for cluster in clusters]))
    gaps = np.array([_left(after) - _right(before) for before, after in pairwise(clusters)], float)
    ruled = _ruled(clusters, uprights, height)
    apart = is_apart(gaps / height) | ruled
    numbers = [[clusters[0]]]
    for cluster, new in zip(clusters[1:], apart.tolist(), strict=True):
        if new:
            numbers.append([cluster])
        else:
            numbers[-1].append(cluster)
    return [np.concatenate(number) for number in numbers]


def is_apart(gaps: np.ndarray) -> np.ndarray:
    """Which gaps of a row separate numbers; gaps in heights of digits, `(n,)`."""
    between_characters = np.sort(gaps[gaps > BROKEN_GAP])
    usual = between_characters[: (len(between_characters) + 1) // 2].mean() if len(between_characters) > 1 else 0.0
    return np.asarray(gaps > max(WIDE_GAP, RELATIVE_GAP * usual))


def _ruled(clusters: list[Components], uprights: Uprights, height: float) -> np.ndarray:
    """Between which clusters an upright rule of a table stands."""
    top = min(int(cluster[:, 1].min()) for cluster in clusters)
    bottom = max(int(cluster[:, 1].max() + cluster[:, 3].max()) for cluster in clusters)
    beside = uprights.x[(uprights.top < (top + bottom) / 2) & (uprights.bottom > (top + bottom) / 2)]
    found = np.zeros(len(clusters) - 1, bool)
    if not len(beside):
        return found
    edges = np.sort(beside)
    cells = np.diff(edges)
    if len(cells) and np.median(cells) < NARROW_CELL * height:
        return found
    for i, (before, after) in enumerate(pairwise(clusters)):
        middle_before, middle_after = (_left(before) + _right(before)) / 2, (_left(after) + _right(after)) / 2
        found[i] = bool(((edges > middle_before) & (edges < middle_after)).any())
    return found


def _clusters(row: Components) -> list[Components]:
    """Components that overlap across, together."""
    clusters: list[list[Components]] = []
    for component in row[np.argsort(row[:, 0], kind="stable")]:
        if clusters and component[0] < max(other[0] + other[2] for other in clusters[-1]):
            clusters[-1].append(component)
        else:
            clusters.append([component])
    return [np.array(cluster) for cluster in clusters]


def _left(cluster: Components) -> int:
    return int(cluster[:, 0].min())


def _right(cluster: Components) -> int:
    return int((cluster[:, 0] + cluster[:, 2]).max())
