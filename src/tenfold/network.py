"""Networks by name or folder. Knows which kinds there are, not how they compute."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from tenfold import folder
from tenfold.classifier import Classifier
from tenfold.dense import DenseNet
from tenfold.errors import NetworkError
from tenfold.onelayer import OneLayerNet

KINDS: dict[str, type[Classifier]] = {OneLayerNet.kind: OneLayerNet, DenseNet.kind: DenseNet}


def load_network(name: str | Path) -> Classifier:
    """A network by the name under which tenfold brings it, or by its folder.

    Args:
        name: one of `packaged_networks()`, or the path of a folder; `./article` is always a folder.

    Raises:
        NetworkError: there is no such network, or its files are damaged.
    """
    path = network_folder(name)
    kind = folder.kind_of(path)
    if kind not in KINDS:
        raise NetworkError(f"{str(path)!r} holds a network of kind {kind!r}: this tenfold knows {', '.join(KINDS)}")
    return KINDS[kind].load(path)


def network_folder(name: str | Path) -> Path:
    """The folder of a network by name or path, as `load_network` finds it."""
    if str(name) in packaged_networks():
        return _models() / str(name)
    path = Path(name)
    if not path.is_dir():
        raise NetworkError(
            f"there is no network {str(name)!r}: give a folder that `tenfold train --out` wrote, or one of "
            f"{', '.join(packaged_networks())}"
        )
    return path


def packaged_networks() -> list[str]:
    """The names of the networks that tenfold brings."""
    return sorted(path.name for path in _models().iterdir() if (path / "card.json").is_file())


def _models() -> Path:
    with as_file(files("tenfold") / "models") as path:
        return path
