"""How sure a number is: two independent readings, the line and its digits one by one, and a fitted decision.

The weights are in the card of the line network; `scripts/fit_numbers.py` fits them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tenfold.recognition.numbers.digit_placement import PlacedDigits
from tenfold.recognition.numbers.line_decoding import DecodedLine

FEATURES = ("bias", "line", "weakest", "runner_up", "weakest_single", "single", "length", "unknown")
FLOOR = 1e-4  # probabilities nearer to 0 or 1 than this are not told apart


class Decision(NamedTuple):
    """The fitted decision on a whole number.

    Attributes:
        weights: `(features,) float64`, of a logistic regression.
        accept: confidence from which a number is answered without a warning.
    """

    weights: NDArray[np.float64]
    accept: float


def decision_in(card: Mapping[str, Any]) -> Decision | None:
    """The decision in the card of a line network; None if it was not fitted, or with other features."""
    stored = card.get("decision", {})
    if tuple(stored.get("weights", {})) != FEATURES:
        return None
    return Decision(np.array(list(stored["weights"].values()), np.float64), float(stored["accept"]))


def features_of(decoded: DecodedLine, placed: PlacedDigits, unknown: int) -> NDArray[np.float64]:
    """What the decision is made on, `(features,) float64`.

    Args:
        decoded: the line.
        placed: its digits, and how the digit network reads each.
        unknown: how many unknown marks stand in it.
    """
    in_line = np.array([digit.reading.confidence for digit in placed.digits])
    single = np.array(
        [float(row[digit.reading.digit or 0]) for row, digit in zip(placed.single, placed.digits, strict=True)]
    )
    return np.array(
        [
            1.0,
            logit(decoded.probability),
            logit(float(in_line.min(initial=1.0))),
            logit(1 - min(1.0, decoded.margin / max(decoded.probability, FLOOR))),
            logit(float(single.min(initial=1.0))),
            float(np.mean([logit(float(p)) for p in single])) if len(single) else 0.0,
            np.log1p(len(placed.digits)),
            float(unknown > 0),
        ]
    )


def confidence_of(features: NDArray[np.float64], decision: Decision | None) -> float:
    """The probability that the whole number is right, 0..1; without a decision, that of the line network."""
    if decision is None:
        return float(1 / (1 + np.exp(-features[FEATURES.index("line")])))
    return float(1 / (1 + np.exp(-np.clip(features @ decision.weights, -30, 30))))


def logit(probability: float) -> float:
    """The logarithm of the odds, of a probability kept off 0 and 1."""
    kept = min(1 - FLOOR, max(FLOOR, probability))
    return float(np.log(kept / (1 - kept)))
