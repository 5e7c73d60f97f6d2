"""Forms on simulated sheets of the worked example: `make bench-form`.

Prints pages a second on one and two processes, the time of an A4 page at 200 dpi, the error of registration, how much
needs no review, and how much of that is wrong. The digits are MNIST's test digits.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

import make_form_example as example
from tenfold.arrays import Grey
from tenfold.forms.form_project import Form
from tenfold.forms.registration.alignment import BlankForm
from tenfold.forms.sheet_reader import SheetReader
from tenfold.forms.template import parse_template
from tenfold.synthesis.synthetic_forms import Capture, SyntheticSheet

A4 = 2339  # pixels of its longer side at 200 dpi
MILLIMETRES = 297 / A4
PROCESSES = (1, 2)
CAPTURES = [
    Capture(kind, scale, quarters)
    for kind, scale, quarters in itertools.product(("scan", "photo"), (0.7, 1.0, 1.4), range(4))
]


@dataclass
class Outcome:
    """What was found on simulated sheets.

    Attributes:
        fields: how many fields the sheets have.
        accepted: how many were filled or empty, without review.
        wrong: how many of those are wrong.
        right: how many values are right, whether or not they need review.
        rejected: sheets that were rejected.
        errors: of registration, the largest on each sheet, in millimetres on A4.
    """

    fields: int = 0
    accepted: int = 0
    wrong: int = 0
    right: int = 0
    rejected: int = 0
    errors: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description="speed and accuracy of forms")
    parser.add_argument("--sheets", type=int, default=200, help="simulated sheets (%(default)s)")
    count = parser.parse_args().sheets
    found = measure(count)
    accepted = max(1, found.accepted)
    print(f"{count} sheets, {found.fields} fields, {found.rejected} sheets rejected")
    print(f"registration: median error {np.median(found.errors):.3f} mm, largest {max(found.errors):.3f} mm on A4")
    print(f"no review needed: {100 * found.accepted / found.fields:.1f} % of the fields")
    print(f"  of those right: {100 - 100 * found.wrong / accepted:.2f} % ({found.wrong} of {found.accepted} are wrong)")
    print(f"all values right: {100 * found.right / found.fields:.1f} %")
    print(f"an A4 page at 200 dpi: registration {registration_seconds():.2f} s, on one core")
    for jobs in PROCESSES:
        print(
            f"tenfold form read, {jobs} processes: {pages_a_second(min(count, 40), jobs):.2f} pages/s, start included"
        )


def measure(count: int, seed: int = 5000) -> Outcome:
    """Read simulated sheets and compare with what is written on them."""
    reader = SheetReader(parse_template(example.template()), np.asarray(example.blank_form()))
    outcome = Outcome()
    for number, (sheet, values) in enumerate(sheets(count, seed)):
        read = reader.read(sheet.picture)
        if read.problem is not None:
            print(f"sheet {number} was rejected: {read.problem}")
            outcome.rejected += 1
            continue
        outcome.errors.append(error_of(read.matrix, sheet.matrix))
        for one in read.fields:
            right = one.value == values[one.name]
            outcome.fields += 1
            outcome.right += right
            outcome.accepted += not one.needs_review
            outcome.wrong += not one.needs_review and not right
    return outcome


def sheets(count: int, seed: int) -> list[tuple[SyntheticSheet, dict[str, str]]]:
    """Simulated sheets, scanned and photographed in all orientations, and what is written on each."""
    rng = np.random.default_rng(seed)
    page, hands = example.blank_form(), example.test_hands()
    found = []
    for number in range(count):
        values = example.sample_values(rng)
        how = CAPTURES[number % len(CAPTURES)]
        found.append((example.filled_sheet(page, values, hands, how, rng), values))
    return found


def error_of(found: np.ndarray, truth: np.ndarray) -> float:
    """The largest distance of points all over a sheet from where they are, in millimetres if the form is A4."""
    grid = np.array([[x, y] for x in range(0, example.WIDTH, 60) for y in range(0, example.HEIGHT, 60)], np.float64)
    back = cv2.perspectiveTransform(cv2.perspectiveTransform(grid[None], found), np.linalg.inv(truth))[0]
    return float(np.linalg.norm(back - grid, axis=1).max()) * 297 / example.HEIGHT


def registration_seconds() -> float:
    """How long registration of an A4 page at 200 dpi takes, the median of several."""
    size = (round(A4 * example.WIDTH / example.HEIGHT), A4)
    form = BlankForm("A4", large(np.asarray(example.blank_form()), size))
    taken = []
    for sheet, _ in sheets(5, 1):
        picture = large(sheet.picture, size)
        started = time.perf_counter()
        form.align(picture)
        taken.append(time.perf_counter() - started)
    return float(np.median(taken))


def large(picture: Grey, size: tuple[int, int]) -> Grey:
    """A picture resized."""
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def pages_a_second(count: int, jobs: int) -> float:
    """Pages a second of `Form.read`, with the start of its processes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        example.blank_form().save(folder / "blank.png")
        (folder / "form.toml").write_text(example.template())
        (folder / "scans").mkdir()
        for number, (sheet, _) in enumerate(sheets(count, 2)):
            cv2.imwrite(str(folder / "scans" / f"{number:04}.jpg"), sheet.picture)
        with Form(folder) as form:
            summary = form.read([folder / "scans"], jobs=jobs)
        return count / summary.seconds


if __name__ == "__main__":
    main()
