"""Fit the decision on whole numbers: how sure a number is, and from which confidence it is answered without a warning.

A logistic regression of "the number is right" on what `tenfold.recognition.numbers.number_confidence` lists, on
simulated pictures of numbers that the line network was not trained on. The weights are stored in the card of the
network, with the reliability of the result.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import fit_review
import tenfold
from tenfold.networks import serialization
from tenfold.networks.line_network import UNKNOWN, LineNetwork
from tenfold.networks.registry import packaged_folder
from tenfold.recognition.line_recognition import decode_lines
from tenfold.recognition.numbers.digit_placement import place_digits
from tenfold.recognition.numbers.line_decoding import written
from tenfold.recognition.numbers.number_confidence import FEATURES, Decision, confidence_of, features_of
from tenfold.recognition.numbers.number_warnings import disagreement
from tenfold.synthesis.numbers.synthetic_lines import LineSource, load_material, sample_line_and_cut
from tenfold.training.train_lines import LAST_TRAINING_DIGIT

SEED = 4000
RIGHT = 0.997  # fraction of the numbers without a warning that are to be right: a little more than is promised
RIDGE = 1e-2
BINS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description="fit the decision on whole numbers")
    parser.add_argument("--handwriting", type=Path, default=None, help="folder of pen strokes (default: none)")
    parser.add_argument("--network", type=Path, default=packaged_folder("lines"), help="folder of the line network")
    parser.add_argument("--lines", type=int, default=12_000, help="simulated lines (%(default)s)")
    arguments = parser.parse_args()
    fit_network(arguments.network, arguments.handwriting, arguments.lines)


def fit_network(network: Path, handwriting: Path | None, lines: int = 12_000) -> None:
    """Fit the decision for the network in a folder, and write it into its card."""
    features, right, clear = measure(network, handwriting, lines)
    half = len(right) // 2  # weights on one half, the threshold and the reliability on the other
    weights = fit(features[:half], right[:half])
    confidences = np.array([confidence_of(row, Decision(weights, 0.0)) for row in features[half:]])
    agreed = clear[half:]  # the others have a warning in any case
    accept = fit_review.least_confidence(confidences[agreed], right[half:][agreed], np.ones(agreed.sum()), RIGHT)
    accepted = agreed & (confidences >= accept)
    bins = reliability(confidences, right[half:])
    decision = {
        "weights": {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True)},
        "accept": accept,
        "accepted": round(float(accepted.mean()), 4),
        "right_of_accepted": round(float(right[half:][accepted].mean()), 4),
        "calibration_error": round(
            sum(row["numbers"] * abs(row["confidence"] - row["right"]) for row in bins) / (len(right) - half), 4
        ),
        "reliability": bins,
        "lines": len(right),
    }
    print(json.dumps(decision, indent=2))
    card = serialization.card(network) | {"decision": decision}
    serialization.save_model(network, serialization.load_model(network), card)


def measure(
    network: Path, handwriting: Path | None, count: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Features of simulated lines that hold a digit; which are read right; and in which nothing else is doubtful."""
    lines, digits = LineNetwork(network), tenfold.load_network("digits")
    material = load_material(LineSource(handwriting, "train", (LAST_TRAINING_DIGIT, 60_000)))
    rng = np.random.default_rng(SEED)
    rows: list[NDArray[np.float64]] = []
    right: list[bool] = []
    clear: list[bool] = []
    while len(rows) < count:
        sample, line = sample_line_and_cut(material, rng)
        (decoded,) = decode_lines([line], lines)
        placed = place_digits(decoded, lines, digits)
        if not placed.digits:
            continue
        text = written(decoded.text, lines.characters)
        rows.append(features_of(decoded, placed, text.count(UNKNOWN)))
        right.append("".join(filter(str.isdigit, text)) == "".join(filter(str.isdigit, sample.text)))
        clear.append(UNKNOWN not in text and disagreement(placed) is None)
        if len(rows) % 200 == 0:
            print(f"\r{len(rows)} of {count} lines", end="", flush=True)
    print()
    return np.array(rows), np.array(right), np.array(clear)


def fit(features: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The weights of a logistic regression, by Newton's method."""
    weights = np.zeros(features.shape[1])
    for _ in range(50):
        probability = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        gradient = features.T @ (probability - right) / len(right) + RIDGE * weights / len(right)
        hessian = (features.T * (probability * (1 - probability))) @ features / len(right)
        step = np.linalg.solve(hessian + RIDGE / len(right) * np.eye(len(weights)), gradient)
        weights = weights - step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def reliability(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """For each range of confidence: how many numbers, their mean confidence, and how many of them are right."""
    places = np.clip((confidences * BINS).astype(int), 0, BINS - 1)
    return [
        {
            "numbers": int((places == place).sum()),
            "confidence": round(float(confidences[places == place].mean()), 4),
            "right": round(float(right[places == place].mean()), 4),
        }
        for place in range(BINS)
        if (places == place).any()
    ]


if __name__ == "__main__":
    main()
