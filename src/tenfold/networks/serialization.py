"""The folder of a network: weights.npz or model.onnx, card.json, README.md.

Knows names and formats of the files. Does not know what the arrays mean to a network.

weights.npz or model.onnx alone is the network; card.json and README.md tell people about it, so a crash between two
files loses nothing.
"""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import NetworkError, OutputError
from tenfold.io import npz
from tenfold.io.atomic_write import write_whole

LARGEST = 64 * 2**20  # bytes of one array of a network
WEIGHTS, MODEL = FILES = "weights.npz", "model.onnx"
RENAMED_KINDS = {"dense": "mlp"}  # networks saved under an earlier name of their kind still load


def save(path: str | Path, kind: str, arrays: dict[str, Any], card: dict[str, Any]) -> None:
    """Write the folder of a network that is arrays, made if it is not there.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    _write(Path(path), WEIGHTS, npz.write_arrays(arrays | {"kind": np.str_(kind)}), card)


def save_model(path: str | Path, model: bytes, card: dict[str, Any]) -> None:
    """Write the folder of a network that is an ONNX file, made if it is not there.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    _write(Path(path), MODEL, model, card)


def _write(folder: Path, name: str, data: bytes, card: dict[str, Any]) -> None:
    make_directory(folder)
    versions = {"tenfold": version("tenfold"), "numpy": np.__version__, "python": platform.python_version()}
    card = card | {"versions": versions | card.get("versions", {})}
    try:
        text = json.dumps(card, indent=2)
    except (TypeError, ValueError) as error:
        raise OutputError(f"the card cannot be written ({error}): give facts of text, numbers and lists") from error
    lines = [f"- {key.replace('_', ' ')}: {json.dumps(value)}" for key, value in card.items()]
    about = "\n".join(["# A network of tenfold", "", "Read it with `tenfold.load_network`.", "", *lines, ""])
    write_whole(folder / name, data)
    for other in FILES:
        if other != name:  # what was saved there before would be found instead
            _remove(folder / other)
    write_whole(folder / "card.json", (text + "\n").encode())
    write_whole(folder / "README.md", about.encode())


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{str(path)!r} cannot be removed ({error.strerror}): choose another folder") from error


def make_directory(folder: Path) -> None:
    """Make a folder and those above it, if they are not there.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"folder {str(folder)!r} cannot be made ({reason}): choose another") from error


def read_kind(path: Path) -> str:
    """The kind of network in a folder, as given to `save`; "digits" for an ONNX file."""
    if (path / MODEL).is_file():
        return "digits"
    kind = npz.scalar_string(_read(path, ["kind"])["kind"])
    if kind is None:
        raise NetworkError(f"'kind' in {str(path)!r} is no word: train or save the network again")
    return RENAMED_KINDS.get(kind, kind)


def load_model(path: Path) -> bytes:
    """The ONNX file of a network's folder.

    Raises:
        NetworkError: it cannot be opened or is over the limit.
    """
    try:
        with open(path / MODEL, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise NetworkError(f"model.onnx in {str(path)!r} cannot be opened ({error.strerror})") from error
    if len(data) > LARGEST:
        raise NetworkError(f"model.onnx in {str(path)!r} has over {LARGEST >> 20} MiB, the limit")
    return data


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
            raise NetworkError(f"{name!r} in {str(path)!r} is infinite or not a number: train or save it again")
    return arrays


def card(path: Path) -> dict[str, Any]:
    """What card.json says of a network; empty where there is none."""
    try:
        with open(path / "card.json", encoding="utf-8") as file:
            found = json.loads(file.read(1 << 20))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise NetworkError(f"card.json in {str(path)!r} cannot be read ({error}): save the network again") from error
    return found if isinstance(found, dict) else {}


def _read(path: Path, names: list[str]) -> dict[str, NDArray[Any]]:
    file = path / WEIGHTS
    try:
        return npz.read_arrays(file, LARGEST, names)
    except OSError as error:
        raise NetworkError(
            f"{str(file)!r} cannot be opened ({error.strerror}): give the folder of a network"
        ) from error
    except ValueError as error:
        raise NetworkError(f"{str(file)!r} is no network's file: {error}. Train or save the network again") from error
