"""Waiting for a condition instead of for a time, so that tests do not depend on how busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 120  # seconds; generous, because only a failing test takes so long


def wait_until(condition: Callable[[], bool]) -> None:
    """Return once the condition holds; fail after `PATIENCE` seconds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"the condition did not hold within {PATIENCE} s"
        time.sleep(0.005)
