"""Handwriting as pen strokes: the characters and words of UNIPEN and of the pen digits, read from JSON lines.

The folder is not part of the package.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import DataError

FILES = ("unipen.jsonl.gz", "pendigits.jsonl.gz")
MAX_POINTS = 20_000  # of one sample

Stroke = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PenSample:
    """A character or a string of characters as the pen wrote it.

    Attributes:
        text: the characters.
        writer: an identifier, unique over all files.
        strokes: `(points, 2) float32` each, x and y (down); the longer side of all strokes is 0..1000.
        size_mm: the length of the longer side in millimetres; None if it is unknown.
    """

    text: str
    writer: str
    strokes: tuple[Stroke, ...]
    size_mm: float | None


def load_pen_strokes(folder: str | Path, split: str = "train") -> list[PenSample]:
    """Load the samples of one split.

    Args:
        folder: the folder that holds `unipen.jsonl.gz` and `pendigits.jsonl.gz`.
        split: "train" or "dev".

    Raises:
        DataError: a file is missing or damaged, or the split has no samples.
    """
    samples = [sample for name in FILES for sample in _samples(Path(folder) / name, split)]
    if not samples:
        raise DataError(f"the split is {split!r}: {folder} holds no such samples; choose 'train' or 'dev'")
    return samples


def with_text(samples: Iterable[PenSample], characters: str) -> list[PenSample]:
    """The samples that are exactly one of the given characters."""
    return [sample for sample in samples if len(sample.text) == 1 and sample.text in characters]


def _samples(path: Path, split: str) -> Iterable[PenSample]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                values = json.loads(line)
                if values["split"] == split:
                    yield _sample(values, path.stem)
    except FileNotFoundError:
        raise DataError(f"{path} does not exist: give the folder that holds {' and '.join(FILES)}") from None
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} cannot be read ({error}): copy it again") from error


def _sample(values: dict[str, Any], source: str) -> PenSample:
    strokes = tuple(np.array(stroke, np.float32).reshape(-1, 2) for stroke in values["strokes"] if stroke)
    points = sum(map(len, strokes))
    if not 0 < points <= MAX_POINTS or not all(np.isfinite(stroke).all() for stroke in strokes):
        raise ValueError(f"sample {values.get('id')} has {points} points, it may have 1 to {MAX_POINTS:,}")
    size = values.get("mm")
    return PenSample(
        str(values["text"]), f"{source}/{values['writer']}", strokes, None if size is None else float(size)
    )
