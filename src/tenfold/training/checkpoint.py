"""Save and load the checkpoint of a training run, and tell whether a run was interrupted. Does not train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import NetworkError
from tenfold.io import npz
from tenfold.io.atomic_write import write_whole
from tenfold.networks import serialization

CHECKPOINT = "checkpoint.npz"
CHECKPOINT_BYTES = 256 * 2**20  # the largest checkpoint that is loaded


def save_checkpoint(path: Path, state: dict[str, NDArray[Any]], identity: str) -> None:
    """Write a checkpoint; its folder is made if it does not exist.

    Args:
        path: the file.
        state: the state of the trainer, see `Trainer.state_dict`.
        identity: a digest that identifies the run.

    Raises:
        OutputError: the file cannot be written.
    """
    serialization.make_directory(path.parent)
    write_whole(path, npz.write_arrays(state | {"identity": np.str_(identity)}))


def load_checkpoint(path: Path | None, identity: str) -> dict[str, Any] | None:
    """Load the state from the checkpoint of the same run; None if the checkpoint does not exist.

    Raises:
        NetworkError: the checkpoint is damaged or belongs to another run.
    """
    if path is None or not path.is_file():
        return None
    try:
        arrays = npz.read_arrays(path, CHECKPOINT_BYTES)
    except (OSError, ValueError) as error:
        raise NetworkError(f"checkpoint {str(path)!r} is damaged ({error}): delete it to start over") from error
    if npz.scalar_string(arrays.pop("identity", None)) != identity:
        raise NetworkError(f"checkpoint {str(path)!r} belongs to another run: delete it to start this one")
    return arrays


def was_interrupted(out: Path) -> bool:
    """True if a folder holds an interrupted run: its checkpoint, or a network that is not complete."""
    return (out / CHECKPOINT).is_file() or serialization.card(out).get("complete") is False
