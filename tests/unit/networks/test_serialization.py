from __future__ import annotations

from pathlib import Path

import pytest

import tenfold
from helpers.project import Mnist
from tenfold.networks import serialization


def test_the_same_network_is_saved_as_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        tenfold.OneLayerNet().save(tmp_path / name)
    assert (tmp_path / "a" / "weights.npz").read_bytes() == (tmp_path / "b" / "weights.npz").read_bytes()


def test_what_is_saved_last_is_what_a_folder_holds(tmp_path: Path) -> None:
    digits = tenfold.load_network("digits")
    for net in (digits, tenfold.OneLayerNet(), digits):
        net.save(tmp_path)
        assert type(tenfold.load_network(tmp_path)) is type(net)
    (tmp_path / "weights.npz").mkdir()
    with pytest.raises(tenfold.OutputError, match=r"weights\.npz' cannot be removed"):
        digits.save(tmp_path)


@pytest.mark.parametrize(
    "card", ["{}", "[1]", '{"parameters": "abc"}', '{"parameters": 1e999}', '{"parameters": null}']
)
def test_a_network_is_read_whatever_its_card_says(tmp_path: Path, card: str) -> None:
    tenfold.load_network("digits").save(tmp_path)
    (tmp_path / "card.json").write_text(card)
    assert tenfold.load_network(tmp_path).parameters == 0
    (tmp_path / "card.json").write_text("[" * 100_000)
    with pytest.raises(tenfold.NetworkError, match=r"card\.json"):
        tenfold.load_network(tmp_path)


def test_a_network_in_an_onnx_file_divides_by_its_temperature(mnist: Mnist) -> None:
    _, (images, _) = mnist
    net = tenfold.load_network("digits")
    before = net.probabilities(images[:20])
    net.temperature = 5.0
    assert (net.probabilities(images[:20]).max(axis=1) < before.max(axis=1)).all()


def test_temperature_and_alpha_survive_saving(tmp_path: Path) -> None:
    net = tenfold.OneLayerNet(alpha=0.1)
    net.temperature = 0.25
    net.save(tmp_path)
    again = tenfold.load_network(tmp_path)
    assert isinstance(again, tenfold.OneLayerNet)
    assert (again.alpha, again.temperature) == (0.1, 0.25)


def test_an_unknown_network_is_named_with_those_there_are() -> None:
    with pytest.raises(tenfold.NetworkError, match=r"no network 'nowhere'.*article"):
        tenfold.load_network("nowhere")


def test_the_card_of_a_decision_shows_how_reliable_its_confidences_are(tmp_path: Path) -> None:
    rows = [
        {"numbers": 40, "confidence": 0.25, "right": 0.5},
        {"numbers": 1234, "confidence": 0.98, "right": 1.0},
    ]
    serialization.save_model(tmp_path / "net", b"model", {"decision": {"reliability": rows}})
    drawn = (tmp_path / "net" / "README.md").read_text().split("```")[1].strip().splitlines()
    assert drawn[0] == f" 25.0 % sure  50.0 % right {'#' * 12}|{'#' * 12}{'.' * 26}     40 numbers".strip()
    assert drawn[1] == f" 98.0 % sure 100.0 % right {'#' * 49}|.  1,234 numbers"
