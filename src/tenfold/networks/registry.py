"""Networks by name or folder. Does not know how they compute."""

from __future__ import annotations

from pathlib import Path

from tenfold.errors import NetworkError
from tenfold.networks import serialization
from tenfold.networks.classifier import Classifier
from tenfold.networks.mlp import MLP
from tenfold.networks.onelayer import OneLayerNet
from tenfold.networks.onnx_classifier import OnnxClassifier

PRETRAINED = Path(__file__).with_name("pretrained")
KINDS: dict[str, type[Classifier]] = {kind.kind: kind for kind in (OneLayerNet, MLP, OnnxClassifier)}


def load_network(name: str | Path) -> Classifier:
    """Load a network by the name of a packaged one, or from its folder.

    Args:
        name: one of `packaged_networks()`, or the path of a folder; a `Path`, or `./article`, is always a folder.

    Raises:
        NetworkError: the network does not exist, or its files are damaged.
    """
    path = network_folder(name)
    kind = serialization.read_kind(path)
    if kind not in KINDS:
        raise NetworkError(f"{str(path)!r} holds a network of kind {kind!r}: this tenfold knows {', '.join(KINDS)}")
    return KINDS[kind].load(path)


def network_folder(name: str | Path) -> Path:
    """The folder of a network by name or path, as `load_network` finds it."""
    if isinstance(name, str) and name in packaged_networks():
        return packaged_folder(name)
    try:
        path = Path(name)
        found = path.is_dir()
    except (OSError, TypeError, ValueError):  # too long, not a path, or with a NUL in it
        found = False
    if not found:
        raise NetworkError(
            f"there is no network {str(name)!r}: give the folder of a trained network, or one of "
            f"{', '.join(packaged_networks())}"
        )
    return path


def packaged_networks() -> list[str]:
    """The names of the packaged networks that read single digits."""
    return sorted(
        path.name for path in PRETRAINED.iterdir() if path.is_dir() and serialization.card(path).get("kind") in KINDS
    )


def packaged_folder(name: str) -> Path:
    """The folder of a packaged network of any kind."""
    return PRETRAINED / name
