"""Results as text and JSON, for the terminal."""

from __future__ import annotations

from typing import Any

from tenfold.evaluation.report import (
    accuracy_line,
)
from tenfold.lab.ladder import RungResult
from tenfold.training.train_digits import DigitsRun


def rung_text(step: RungResult) -> str:
    """A rung of the ladder: its accuracy, what it took, and its idea."""
    took = f"{step.network.parameters:,} parameters, trained in {step.seconds:.1f} s"
    return f"{step.rung.name:16}{accuracy_line(step.evaluation)}\n{'':16}{took}\n{'':16}{step.rung.idea}\n"


def rung_as_json(step: RungResult) -> dict[str, Any]:
    """The same as plain values for JSON."""
    return {
        "rung": step.rung.name,
        "idea": step.rung.idea,
        "accuracy": step.evaluation.accuracy,
        "interval_95": list(step.evaluation.interval),
        "parameters": step.network.parameters,
        "seconds": step.seconds,
    }


def digits_text(run: DigitsRun) -> str:
    """What training a convolutional network came to."""
    state = "" if run.complete else "  (interrupted)"
    return "\n".join(
        [
            f"recipe {run.recipe}, seed {run.seed}: {run.updates:,} updates in {run.seconds:.1f} s{state}",
            f"{run.network.parameters:,} parameters, {len(run.network.model) / 1000:.0f} kB",
            f"held out   {accuracy_line(run.validation)}",
            f"test       {accuracy_line(run.evaluation)}",
        ]
    )
