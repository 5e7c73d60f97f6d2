from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

import tenfold
from helpers.project import SAMPLES, Mnist
from tenfold.evaluation.metrics import evaluate
from tenfold.networks.mlp import MLP


def pictures(content: str) -> list[np.ndarray]:
    """The pictures in a piece of HTML; each must have a description."""
    assert all(re.search(r'alt="[^"]+"', tag) for tag in re.findall(r"<img [^>]*>", content))
    encoded = re.findall(r"data:image/png;base64,([^\"]+)", content)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) for data in encoded]


class Balance(HTMLParser):
    """Checks that every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(thing: object) -> str:
    shown: str = thing._repr_html_()  # type: ignore[attr-defined]
    balance = Balance()
    balance.feed(shown)
    assert balance.open == []
    assert "http" not in shown
    return shown


def test_the_article_network_shows_its_weights_as_ten_images() -> None:
    weights = np.zeros((10, 784))
    weights[3, 400], weights[3, 401] = 1, -1
    found = pictures(checked(tenfold.OneLayerNet(weights=weights)))
    assert len(found) == 10
    red, _, blue = found[3][14, 8].tolist()
    assert blue > red  # above 0
    red, _, blue = found[3][14, 9].tolist()
    assert red > blue  # below 0
    assert (found[4] == 255).all()


def test_a_network_without_finite_or_nonzero_weights_still_shows() -> None:
    assert len(pictures(checked(tenfold.OneLayerNet(weights=np.zeros((10, 784)))))) == 10


@pytest.mark.parametrize(("hidden", "expected"), [(0, 10), (12, 12), (100, 30)])
def test_an_mlp_shows_the_weights_of_its_first_layer(hidden: int, expected: int) -> None:
    assert len(pictures(checked(MLP(hidden=hidden)))) == expected


def test_other_networks_show_their_number_of_parameters() -> None:
    net = tenfold.load_network("digits")
    assert f"{net.parameters:,} parameters" in checked(net)


def test_a_reading_shows_its_image_and_ten_bars() -> None:
    reading = tenfold.read(SAMPLES / "7.jpg")
    shown = checked(reading)
    (image,) = pictures(shown)
    assert (image == 255 - reading.image).all()
    assert shown.count("%") == 10
    assert "read as 7" in shown


def test_a_reading_without_a_digit_shows_its_problem() -> None:
    blank = tenfold.read(np.full((60, 60), 255, np.uint8))
    assert blank.problem is not None
    assert blank.problem in checked(blank)
    assert "no digit" in checked(blank)


def test_images_are_shown_with_their_labels(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    shown = checked(tenfold.show(images[:5], labels[:5]))
    assert [(picture == 255 - image).all() for picture, image in zip(pictures(shown), images, strict=False)] == [
        True
    ] * 5
    assert re.findall(r"<figcaption>(.*?)</figcaption>", shown) == [str(label) for label in labels[:5]]
    assert len(pictures(checked(tenfold.show(images[0])))) == 1
    assert len(pictures(checked(tenfold.show(images[:1000].reshape(-1, 784))))) == 200
    with pytest.raises(tenfold.DataError, match="images have shape"):
        tenfold.show(np.zeros((2, 3), np.uint8))
    for count in (1, 4):
        with pytest.raises(tenfold.DataError, match="one label an image"):
            tenfold.show(images[:3], labels[:count])


def test_an_evaluation_shows_its_confusion_matrix(mnist: Mnist) -> None:
    _, (images, labels) = mnist
    found = evaluate(tenfold.load_network("article"), images, labels)
    shown = checked(found)
    assert "74.47 %" in shown
    counts = [int(cell or 0) for cell in re.findall(r"<td[^>]*>(\d*)</td>", shown)]
    assert counts == found.confusion.ravel().tolist()


def test_an_explanation_shows_ten_planes_and_evidence_over_the_runner_up() -> None:
    reading = tenfold.Reader("article").read(SAMPLES / "7.jpg")
    shown = checked(tenfold.explain(reading))
    assert len(pictures(shown)) == 11
    assert "exact" in shown


def test_a_number_shows_each_digit_and_its_reading() -> None:
    number = tenfold.read_number(SAMPLES / "7.jpg")
    assert len(pictures(checked(number))) == len(number.digits) == 1
    assert "read as 7" in checked(number)
    assert "no digits" in checked(tenfold.read_number(np.full((40, 40), 255, np.uint8)))
