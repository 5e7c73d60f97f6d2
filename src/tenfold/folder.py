"""The folder of a network: weights.npz, card.json, README.md.

Knows names and formats of the files. Does not know what the arrays mean to a network.

weights.npz alone is the network; card.json and README.md tell people about it, so a crash between two files loses
nothing.
"""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold import npz
from tenfold.errors import NetworkError, OutputError
from tenfold.write import write_whole

LARGEST = 64 * 2**20  # bytes of one array of a network


def save(path: str | Path, kind: str, arrays: dict[str, Any], card: dict[str, Any]) -> None:
    """Write a network's folder, made if it is not there.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"folder {str(folder)!r} cannot be made ({error.strerror}): choose another") from error
    versions = {"tenfold": version("tenfold"), "numpy": np.__version__, "python": platform.python_version()}
    text = json.dumps(card | {"versions": versions}, indent=2, ensure_ascii=False)
    write_whole(folder / "weights.npz", npz.write_arrays(arrays | {"kind": np.str_(kind)}))
    write_whole(folder / "card.json", (text + "\n").encode())


def kind_of(path: Path) -> str:
    """What kind of network a folder holds, as `save` was told."""
    return str(_read(path, ["kind"])["kind"])


def load(path: Path, like: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """The arrays of a network's folder, each finite, of the type and shape of the array of its name in `like`.

    Raises:
        NetworkError: there is no such folder, or its weights.npz is damaged or of another kind.
    """
    arrays = _read(path, list(like))
    for name, expected in like.items():
        found = arrays[name]
        if found.shape != expected.shape or found.dtype != expected.dtype:
            raise NetworkError(
                f"{name!r} in {str(path)!r} is {found.dtype} of shape {found.shape}: it must be {expected.dtype} of "
                f"shape {expected.shape}"
            )
        if not np.isfinite(found).all():
            raise NetworkError(f"{name!r} in {str(path)!r} is infinite or not a number: all values must be finite")
    return arrays


def checked_temperature(value: NDArray[Any]) -> float:
    """A temperature out of a file, which must be above 0."""
    if not value > 0:
        raise NetworkError(f"the temperature is {value}: it must be above 0")
    return float(value)


def card(path: Path) -> dict[str, Any]:
    """What card.json says of a network; empty where there is none."""
    try:
        with open(path / "card.json", encoding="utf-8") as file:
            found = json.loads(file.read(1 << 20))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise NetworkError(f"card.json in {str(path)!r} cannot be read ({error}): save the network again") from error
    return found if isinstance(found, dict) else {}


def _read(path: Path, names: list[str]) -> dict[str, NDArray[Any]]:
    file = path / "weights.npz"
    try:
        return npz.read_arrays(file, names, LARGEST)
    except OSError as error:
        raise NetworkError(
            f"{str(file)!r} cannot be opened ({error.strerror}): give the folder of a network"
        ) from error
    except ValueError as error:
        raise NetworkError(f"{str(file)!r} is no network's file: {error}. Train or save the network again") from error
