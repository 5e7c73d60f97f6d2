"""Places in the checkout, and the types of the fixtures that many tests take."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"

Mnist = tuple[tuple[NDArray[np.uint8], NDArray[np.uint8]], tuple[NDArray[np.uint8], NDArray[np.uint8]]]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
