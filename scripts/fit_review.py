"""Measure the confidence above which 99.5 % of readings are right, and write it into the cards of two networks.

`tenfold batch` marks rows below it for review. Digits are measured on simulated photos, lines of numbers on synthetic
lines, both with characters that no network was trained on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tenfold
from tenfold.datasets import mnist
from tenfold.networks import serialization
from tenfold.networks.line_network import LineNetwork
from tenfold.networks.registry import packaged_folder
from tenfold.recognition.line_recognition import decode_lines, number_of
from tenfold.synthesis.degradation import simulate_photo
from tenfold.synthesis.numbers.synthetic_lines import LineSource, load_material, sample_line_and_cut
from tenfold.training.train_digits import VALIDATION_DIGITS
from tenfold.training.train_lines import LAST_TRAINING_DIGIT
from tenfold.writing.handwriting import vary
from tenfold.writing.negatives import negative

RIGHT = 0.995
SHOW_A_DIGIT = 0.8  # fraction of the pictures that people hand in, as we assume
SEED = 2000  # of photos and lines; training, validation and the decision use smaller ones

Measured = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]  # confidences, right, weights


def main() -> None:
    parser = argparse.ArgumentParser(description="measure the confidence above which 99.5 % are right")
    parser.add_argument("--handwriting", type=Path, help="the folder of pen strokes; without it, MNIST alone")
    parser.add_argument("--photos", type=int, default=4000, help="simulated photos (%(default)s)")
    parser.add_argument("--lines", type=int, default=2000, help="synthetic lines (%(default)s)")
    arguments = parser.parse_args()
    fit_packaged(arguments.photos, arguments.lines, arguments.handwriting)


def fit_packaged(photos: int = 4000, lines: int = 2000, handwriting: Path | None = None) -> None:
    """Measure the packaged networks, and write the results into their cards."""
    store("digits", read_photos(photos))
    store("lines", read_lines(lines, handwriting))


def store(network: str, measured: Measured) -> None:
    """Write what was measured into the card of a packaged network."""
    confidences, right, weights = measured
    least = least_confidence(confidences, right, weights)
    kept = confidences >= least
    review = {
        "min_confidence": least,
        "right_above": round(float(np.average(right[kept], weights=weights[kept])), 4) if kept.any() else None,
        "share_above": round(float(weights[kept].sum() / weights.sum()), 4),
        "pictures": len(confidences),
    }
    folder = packaged_folder(network)
    card = serialization.card(folder) | {"review": review}
    serialization.save_model(folder, serialization.load_model(folder), card)
    print(network, json.dumps(review, indent=2))


def least_confidence(
    confidences: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64], share: float = RIGHT
) -> float:
    """The least confidence, to four decimals, such that this share of the readings with at least it is right; else 1.

    Args:
        confidences: `(n,)`, 0..1.
        right: `(n,)`, whether each reading is right.
        weights: `(n,)`, how much each counts.
        share: 0..1.
    """
    rounded = np.round(confidences, 4)  # as rows show them
    for least in np.unique(rounded):
        above = rounded >= least
        if np.average(right[above], weights=weights[above]) >= share:
            return float(least)
    return 1.0


def read_photos(count: int) -> Measured:
    """Readings of simulated photos of digits and non-digits; those that are rejected do not count, as in a batch."""
    (images, labels), _ = mnist.load_data()
    images, labels = images[-VALIDATION_DIGITS:], labels[-VALIDATION_DIGITS:]
    rng = np.random.default_rng(SEED)
    reader = tenfold.Reader()
    found = []
    for done in range(count):
        if done % 100 == 0:
            print(f"\r{done} of {count} photos", end="", flush=True)
        chosen = int(rng.integers(len(images)))
        shows_a_digit = rng.random() < SHOW_A_DIGIT
        canvas = vary(images[chosen], int(labels[chosen]), rng) if shows_a_digit else negative(images, labels, rng)
        reading = reader.read(simulate_photo(canvas, rng))
        found.append((reading.confidence, shows_a_digit and reading.digit == labels[chosen], reading.digit is not None))
    print()
    confidences, right, answered = (np.array(part) for part in zip(*found, strict=True))
    return confidences[answered], right[answered], np.ones(int(answered.sum()))


def read_lines(count: int, handwriting: Path | None = None) -> Measured:
    """Readings of synthetic lines, as whole pictures of one number."""
    lines, digits = LineNetwork(packaged_folder("lines")), tenfold.load_network("digits")
    material = load_material(LineSource(handwriting, "train", (LAST_TRAINING_DIGIT, 60_000)))
    rng = np.random.default_rng(SEED)
    found: list[tuple[float, bool]] = []
    while len(found) < count:
        sample, line = sample_line_and_cut(material, rng)
        (decoded,) = decode_lines([line], lines)
        number = number_of(decoded, lines, digits, line.ink)
        if number is not None:
            right = number.text == "".join(filter(str.isdigit, sample.text))
            found.append((number.confidence, right))
    confidences, right_ones = (np.array(part) for part in zip(*found, strict=True))
    return confidences, right_ones, np.ones(len(found))


if __name__ == "__main__":
    main()
