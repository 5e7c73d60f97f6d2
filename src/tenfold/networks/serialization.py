"""The folder of a network: weights.npz or model.onnx, card.json, README.md. Does not know what the arrays mean.

weights.npz or model.onnx alone is the network. card.json and README.md describe it for people, so a crash between two
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

MAX_BYTES = 64 * 2**20  # bytes of an ONNX file, or of one array of a network
WEIGHTS, MODEL = FILES = "weights.npz", "model.onnx"
BAR = 50  # characters of a bar in the diagram of a card
RENAMED_KINDS = {"dense": "mlp"}  # networks saved under an earlier name of their kind still load


def save(path: str | Path, kind: str, arrays: dict[str, Any], card: dict[str, Any]) -> None:
    """Write the folder of a network that consists of arrays; the folder is made if necessary.

    Raises:
        OutputError: the folder cannot be made, or a file in it cannot be written.
    """
    _write(Path(path), WEIGHTS, npz.write_arrays(arrays | {"kind": np.str_(kind)}), card)


def save_model(path: str | Path, model: bytes, card: dict[str, Any]) -> None:
    """Write the folder of a network that is an ONNX file; the folder is made if necessary.

    Raises:
        OutputError: the folder cannot be made, or a file in it cannot be written.
    """
    _write(Path(path), MODEL, model, card)


def model_files(model: bytes, card: dict[str, Any]) -> dict[str, bytes]:
    """The files of the folder of a network that is an ONNX file, by name, for where no folder is written.

    Raises:
        OutputError: the card holds something else than text, numbers and lists.
    """
    return {MODEL: model} | _description(card)


def _description(card: dict[str, Any]) -> dict[str, bytes]:
    """The files that describe a network for people."""
    versions = {"tenfold": version("tenfold"), "numpy": np.__version__, "python": platform.python_version()}
    card = card | {"versions": versions | card.get("versions", {})}
    try:
        text = json.dumps(card, indent=2)
    except (TypeError, ValueError) as error:
        raise OutputError(f"the card cannot be written ({error}): give facts of text, numbers and lists") from error
    lines = [f"- {key.replace('_', ' ')}: {json.dumps(value)}" for key, value in card.items()]
    lines += _reliability_diagram(card.get("decision", {}).get("reliability", []))
    about = "\n".join(["# A network of tenfold", "", "Read it with `tenfold.load_network`.", "", *lines, ""])
    return {"card.json": (text + "\n").encode(), "README.md": about.encode()}


def _write(folder: Path, name: str, data: bytes, card: dict[str, Any]) -> None:
    make_directory(folder)
    description = _description(card)
    write_whole(folder / name, data)
    for other in FILES:
        if other != name:  # otherwise a network saved there earlier would be loaded
            _remove(folder / other)
    for each, text in description.items():
        write_whole(folder / each, text)


def _reliability_diagram(ranges: list[dict[str, float]]) -> list[str]:
    """For each range of confidence, the share that is right as a bar, and the mean confidence as a mark on it."""
    if not ranges:
        return []
    lines = ["", "Reliability: in each row, `#` is the share that is right, `|` the mean confidence.", "", "```"]
    for row in ranges:
        bar = list(("#" * round(BAR * row["right"])).ljust(BAR + 1, "."))
        bar[round(BAR * row["confidence"])] = "|"
        lines.append(
            f"{100 * row['confidence']:5.1f} % sure {100 * row['right']:5.1f} % right {''.join(bar)}"
            f" {row['numbers']:6,} numbers"
        )
    return [*lines, "```"]


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{str(path)!r} cannot be removed ({error.strerror}): choose another folder") from error


def make_directory(folder: Path) -> None:
    """Make a folder and its parents, if necessary.

    Raises:
        OutputError: the folder cannot be made.
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
        raise NetworkError(f"'kind' in {str(path)!r} is not a word: train or save the network again")
    return RENAMED_KINDS.get(kind, kind)


def load_model(path: Path) -> bytes:
    """The bytes of the ONNX file in a network's folder.

    Raises:
        NetworkError: the file cannot be opened, or is over the limit.
    """
    try:
        with open(path / MODEL, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise NetworkError(f"model.onnx in {str(path)!r} cannot be opened ({error.strerror})") from error
    if len(data) > MAX_BYTES:
        raise NetworkError(f"model.onnx in {str(path)!r} has over {MAX_BYTES >> 20} MiB, the limit")
    return data


def load(path: Path, expected: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """The arrays in a network's folder; each must be finite, and of the dtype and shape of its namesake in `expected`.

    Raises:
        NetworkError: the folder does not exist, or its weights.npz is damaged or holds another kind of network.
    """
    arrays = _read(path, list(expected))
    for name, like in expected.items():
        found = arrays[name]
        if found.shape != like.shape or found.dtype != like.dtype:
            raise NetworkError(
                f"{name!r} in {str(path)!r} is {found.dtype} of shape {found.shape}: it must be {like.dtype} of "
                f"shape {like.shape}"
            )
        if not np.isfinite(found).all():
            raise NetworkError(f"{name!r} in {str(path)!r} is infinite or not a number: train or save it again")
    return arrays


def card(path: Path) -> dict[str, Any]:
    """The contents of card.json; empty if there is none."""
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
        return npz.read_arrays(file, MAX_BYTES, names)
    except OSError as error:
        raise NetworkError(
            f"{str(file)!r} cannot be opened ({error.strerror}): give the folder of a network"
        ) from error
    except ValueError as error:
        raise NetworkError(
            f"{str(file)!r} is not the file of a network: {error}. Train or save the network again"
        ) from error
