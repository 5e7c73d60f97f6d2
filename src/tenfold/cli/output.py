"""Results as text and JSON, for the terminal."""

from __future__ import annotations

from typing import Any

from tenfold.evaluation.report import accuracy_line
from tenfold.lab.ladder import RungResult
from tenfold.training.train_digits import DigitsRun


def rung_text(result: RungResult) -> str:
    """A rung of the ladder: its accuracy, its cost and its idea."""
    took = f"{result.network.parameters:,} parameters, trained in {result.seconds:.1f} s"
    return f"{result.rung.name:16}{accuracy_line(result.evaluation)}\n{'':16}{took}\n{'':16}{result.rung.idea}\n"


def rung_as_json(result: RungResult) -> dict[str, Any]:
    """The same as plain values for JSON."""
    return {
        "rung": result.rung.name,
        "idea": result.rung.idea,
        "accuracy": result.evaluation.accuracy,
        "interval_95": list(result.evaluation.interval),
        "parameters": result.network.parameters,
        "seconds": result.seconds,
    }


def digits_text(run: DigitsRun) -> str:
    """The result of training the digit network."""
    state = "" if run.complete else "  (interrupted)"
    return "\n".join(
        [
            f"recipe {run.recipe}, seed {run.seed}: {run.updates:,} updates in {run.seconds:.1f} s{state}",
            f"{run.network.parameters:,} parameters, {len(run.network.model) / 1000:.0f} kB",
            f"validation {accuracy_line(run.validation)}",
            f"test       {accuracy_line(run.evaluation)}",
        ]
    )
