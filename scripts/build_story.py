"""The story with its numbers: docs/story.md, the lab's page of it, and its pictures. `make story` runs this.

Everything is computed here and now. What is slow or differs from machine to machine (the rungs of the ladder, times) is
also kept in measured.json, from which the ladder's page and the test take it.
"""

from __future__ import annotations

import functools
import json
import math
from pathlib import Path
from string import Template
from typing import Any

import cv2
import nbformat
import numpy as np
from markdown_it import MarkdownIt
from nbclient import NotebookClient
from numpy.typing import NDArray

import tenfold
from tenfold.evaluation.metrics import confusion_matrix
from tenfold.lab.ladder import climb
from tenfold.lab.pure_python import seconds_per_update
from tenfold.lab.single_update import compute_update
from tenfold.lab.training_run import Settings, train
from tenfold.networks.onelayer import OneLayerNet

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
PAGE = DOCS.parent / "src" / "tenfold" / "server" / "static" / "lab" / "story"
MEASURED = PAGE / "measured.json"
NOTEBOOK = DOCS / "story.ipynb"

# What the article prints for the digits 3 to 7 of its first example, where its program computes something else.
ARTICLE_SHOWS = {3: 0.092263, 4: 0.216324, 5: 1.00253, 6: 0.324525, 7: 0.278556}

EPOCHS = (1, 2, 3, 5, 10, 20, 45, 100)
ALPHAS = (1e-10, 1e-9, 3e-9, 1e-8, 3e-8, 1e-7, 2e-7, 3e-7)  # of the table
CURVE = (*(float(f"{10 ** (step / 3):.3g}") for step in range(-30, -19)), 3e-7)  # of the chart
BLUE, ORANGE, GREY = "#4a7bea", "#d9742b", "#7f868f"  # readable on light and on dark

Facts = dict[str, str]
Measured = dict[str, Any]


def main() -> None:
    measured = measure()
    MEASURED.write_text(json.dumps(measured, indent=1) + "\n")
    told = facts(measured)
    text = story(told)
    (DOCS / "story.md").write_text(text)
    (PAGE / "index.html").write_text(page(text))
    for name, drawing in charts().items():
        (PAGE / name).write_text(drawing)
    (PAGE / "weights.png").write_bytes(weights_picture())
    nbformat.write(run_notebook(), NOTEBOOK)


def run_notebook() -> nbformat.NotebookNode:
    """docs/story.ipynb with what its cells show now."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    where = {"metadata": {"path": str(DOCS)}}
    NotebookClient(notebook, timeout=120, resources=where, record_timing=False, coalesce_streams=True).execute()
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        if "text/html" in output.get("data", {}):
            del output["data"]["text/plain"]  # which names an address in memory
    return notebook


def measure() -> Measured:
    """What is slow, or differs from machine to machine."""
    (images, labels), test = tenfold.load_data()
    rungs = [
        {"name": step.rung.name, "idea": step.rung.idea, "accuracy": step.evaluation.accuracy}
        for step in climb((images, labels), test)
    ]
    longhand = min(seconds_per_update(images, labels, OneLayerNet().weights) for _ in range(3))
    all_images = min(train(Settings(images=60_000)).seconds for _ in range(3))
    return {"rungs": rungs, "seconds_an_update": round(longhand, 5), "seconds_of_all": round(all_images, 3)}


def story(told: Facts) -> str:
    """docs/story.md."""
    return Template((HERE / "story_template.md.in").read_text()).substitute(told)


def facts(measured: Measured) -> Facts:
    """Every number of the story by its name in the template."""
    return _of_the_start() | _of_the_article() | _of_epochs() | _of_steps() | _of_the_rule() | _of_the_rest(measured)


def _of_the_start() -> Facts:
    (images, labels), _ = tenfold.load_data()
    first = compute_update(Settings(), 1)
    pixels = first.image.ravel().astype(np.int64)
    factor = 1e-7 * int((pixels**2).sum())
    alone = OneLayerNet().fit(images[:1], labels[:1], 5).scores(images[:1])[0]
    rows = [f"| {d} | {score!r} | {ARTICLE_SHOWS.get(d, score)!r} |" for d, score in enumerate(alone.tolist())]
    return {
        "ink": f"{np.count_nonzero(images) / len(images):.0f}",
        "first_label": str(first.label),
        "parameters": f"{OneLayerNet().parameters:,}",
        "start_scores": "    " + "  ".join(f"{score:.2f}" for score in first.sums),
        "start_nine": f"{first.sums[9]:.2f}",
        "start_five": f"{first.sums[5]:.4f}",
        "start_delta": f"{first.delta[5]:.4f}",
        "strongest": str(pixels.max()),
        "strongest_change": _power(float(first.weight_changes[5].max())),
        "before": percent(OneLayerNet().score(*tenfold.load_data()[1])),
        "first_square": f"{(pixels**2).sum():,}",
        "first_factor": f"{factor:.3f}",
        "first_percent": f"{100 * factor:.0f}",
        "first_table": "\n".join(rows),
    }


def _of_the_article() -> Facts:
    (images, labels), (x_test, y_test) = tenfold.load_data()
    run = train(Settings())
    longer = OneLayerNet().fit(images[:1000], labels[:1000], 45)
    swings, mean = last_epoch()
    shares = run.confusion.diagonal() / run.confusion.sum(axis=1)
    best, worst = int(shares.argmax()), int(shares.argmin())
    others = run.confusion[worst].copy()
    others[worst] = 0
    squares = images[:1000].reshape(1000, 784).astype(np.int64) ** 2
    return {
        "article": percent(run.test),
        "training_article": percent(run.training),
        "zeros": percent(train(Settings(start="zeros")).test),
        "longer": percent(longer.score(x_test, y_test)),
        "listing": f"{100 * longer.score(x_test[:100], y_test[:100]):.0f}",
        "swing_low": percent(min(swings)),
        "swing_high": percent(max(swings)),
        "mean_weights": percent(mean),
        "mean_square": f"{squares.sum(axis=1).mean():,.0f}",
        "mean_percent": f"{100 * 1e-7 * squares.sum(axis=1).mean():.0f}",
        "best_digit": str(best),
        "best_right": f"{100 * shares[best]:.0f}",
        "worst_digit": str(worst),
        "worst_right": f"{100 * shares[worst]:.0f}",
        "worst_taken": str(int(others.argmax())),
        "worst_taken_percent": f"{100 * others.max() / run.confusion[worst].sum():.0f}",
    }


def _of_epochs() -> Facts:
    (images, labels), (x_test, y_test) = tenfold.load_data()
    goals = np.eye(10)
    rows = []
    for epochs, net in by_epochs():
        few = net.scores(images[:1000]), labels[:1000]
        test = net.scores(x_test), y_test
        accuracies = [percent((scores.argmax(axis=1) == digits).mean()) + " %" for scores, digits in (few, test)]
        errors = [f"{((scores - goals[digits]) ** 2).mean():.4f}" for scores, digits in (few, test)]
        rows.append(f"| {epochs} | " + " | ".join(accuracies + errors) + " |")
    pixels = images[:1000].reshape(1000, 784) / 255
    weights = np.linalg.lstsq(pixels, goals[labels[:1000]], rcond=None)[0]
    by_heart = (pixels @ weights).argmax(axis=1)
    unseen = (x_test.reshape(-1, 784) / 255 @ weights).argmax(axis=1)
    return {
        "epochs_table": "\n".join(rows),
        "heart_training": f"{100 * (by_heart == labels[:1000]).mean():.1f}",
        "heart_test": f"{100 * (unseen == y_test).mean():.1f}",
    }


def _of_steps() -> Facts:
    few, all_images = by_alpha(ALPHAS, 1000), by_alpha(ALPHAS, 60_000)
    rows = [
        f"| {_power(alpha)} | {percent(one)} % | {percent(other)} % |"
        for alpha, one, other in zip(ALPHAS, few, all_images, strict=True)
    ]
    broken = train(Settings(alpha=1e-6))
    return {
        "alpha_table": "\n".join(rows),
        "alpha_few_best": percent(max(few)),
        "longest": f"{broken.max_squared_norm:,}",
        "limit": _power(broken.limit),
        "broke_at": f"{broken.diverged_at:,}",
        "three_percent": percent(few[ALPHAS.index(3e-7)]),
        "all": percent(all_images[ALPHAS.index(1e-7)]),
        "small_steps": percent(all_images[ALPHAS.index(3e-9)]),
    }


def _of_the_rule() -> Facts:
    (images, labels), test = tenfold.load_data()
    weights, start = least_squares()
    training, seen = [(OneLayerNet(weights=weights).scores(part) + start).argmax(axis=1) for part in (images, test[0])]
    confusion = confusion_matrix(test[1], seen)
    found = confusion.diagonal() / confusion.sum(axis=1)
    return {
        "least_training": percent((training == labels).mean()),
        "least_test": percent((seen == test[1]).mean()),
        "least_article": percent(OneLayerNet(weights=least_squares(start=False)[0]).score(*test)),
        "least_worst": str(int(found.argmin())),
        "least_found": f"{100 * found.min():.0f}",
    }


def least_squares(start: bool = True) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least squared error on all training images: weights `(10, 784)` and sums to start from, `(10,)`."""
    squares, products = _normal_equations()
    if not start:
        squares, products = squares[:-1, :-1], products[:-1]
    best = (np.linalg.pinv(squares, hermitian=True) @ products).T
    return (best[:, :-1], best[:, -1]) if start else (best, np.zeros(10))


@functools.cache
def _normal_equations() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Products of pixels with pixels and with goals, summed over all training images, to the last unit.

    A last pixel that is always 1 stands for the sum to start from. float32 holds whole numbers up to 2**24, which 256
    products of two pixels cannot exceed.
    """
    (images, labels), _ = tenfold.load_data()
    squares, products = np.zeros((785, 785)), np.zeros((785, 10))
    for first in range(0, len(images), 256):
        part = images[first : first + 256].reshape(-1, 784)
        pixels = np.hstack([part, np.ones((len(part), 1))]).astype(np.float32)
        squares += pixels.T @ pixels
        products += pixels.T @ np.eye(10, dtype=np.float32)[labels[first : first + 256]]
    return squares, products


def _of_the_rest(measured: Measured) -> Facts:
    rungs = measured["rungs"]
    mistakes = [round(10_000 * (1 - rung["accuracy"])) for rung in rungs]
    rows = [
        f"| {rung['name']} | {rung['idea']} | {percent(rung['accuracy'])} % | {wrong:,} |"
        for rung, wrong in zip(rungs, mistakes, strict=True)
    ]
    longhand = measured["seconds_an_update"]
    return {
        "ladder_table": "\n".join(rows),
        "softmax": percent(next(rung["accuracy"] for rung in rungs if rung["name"] == "softmax")),
        "mistakes_first": f"{mistakes[0]:,}",
        "mistakes_last": f"{mistakes[-1]:,}",
        "seconds_an_update": f"{1000 * longhand:.1f}",
        "all_minutes": f"{300_000 * longhand / 60:.0f} minutes",
        "all_seconds": f"{measured['seconds_of_all']:.2f}",
    }


@functools.cache
def last_epoch() -> tuple[list[float], float]:
    """Test accuracy after every tenth update of the article's last epoch, and of the mean of those weights."""
    (images, labels), test = tenfold.load_data()
    net = OneLayerNet().fit(images[:1000], labels[:1000], 4)
    accuracies, total = [], np.zeros((10, 784))
    for first in range(0, 1000, 10):
        net.fit(images[first : first + 10], labels[first : first + 10], 1)
        accuracies.append(net.score(*test))
        total += net.weights
    return accuracies, OneLayerNet(weights=total / len(accuracies)).score(*test)


@functools.cache
def by_epochs() -> list[tuple[int, OneLayerNet]]:
    """The article's network after each of EPOCHS."""
    (images, labels), _ = tenfold.load_data()
    return [(epochs, OneLayerNet().fit(images[:1000], labels[:1000], epochs)) for epochs in EPOCHS]


@functools.cache
def by_alpha(alphas: tuple[float, ...], images: int) -> list[float]:
    """Test accuracy after 5 epochs with each step size."""
    (x_train, y_train), test = tenfold.load_data()
    return [OneLayerNet(alpha).fit(x_train[:images], y_train[:images], 5).score(*test) for alpha in alphas]


def charts() -> dict[str, str]:
    """The story's charts as SVG, by file name."""
    (images, labels), test = tenfold.load_data()
    swings, _ = last_epoch()
    epochs = [(math.log10(epochs), net) for epochs, net in by_epochs()]
    logarithms = [math.log10(alpha) for alpha in CURVE]
    few, all_images = by_alpha(CURVE, 1000), by_alpha(CURVE, 60_000)
    return {
        "swing.svg": chart(
            [("", BLUE, [(4010 + 10 * i, accuracy) for i, accuracy in enumerate(swings)])],
            [(4000, "4,000"), (4500, "4,500 updates"), (5000, "5,000")],
            (0.5, 0.6, 0.7, 0.8),
        ),
        "epochs.svg": chart(
            [
                ("training", GREY, [(x, net.score(images[:1000], labels[:1000])) for x, net in epochs]),
                ("test", BLUE, [(x, net.score(*test)) for x, net in epochs]),
            ],
            [(math.log10(n), f"{n} epochs" if n == 100 else str(n)) for n in (1, 5, 20, 100)],
            (0.6, 0.7, 0.8, 0.9, 1),
        ),
        "alpha.svg": chart(
            [
                ("1,000 images", ORANGE, list(zip(logarithms, few, strict=True))),
                ("60,000 images", BLUE, list(zip(logarithms, all_images, strict=True))),
            ],
            [(-10, "10⁻¹⁰"), (-9, "10⁻⁹"), (-8, "10⁻⁸"), (-7, "10⁻⁷ step size")],
            (0, 0.25, 0.5, 0.75, 1),
        ),
    }


Line = tuple[str, str, list[tuple[float, float]]]  # name, colour, points (x, share 0..1)


def chart(lines: list[Line], ticks: list[tuple[float, str]], shares: tuple[float, ...]) -> str:
    """Lines of shares as SVG, 560 x 236, named beside a key above; `ticks` below, `shares` at the left."""
    left, right, top, bottom = 54, 548, 30, 205
    low, high = ticks[0][0], max(x for _, _, points in lines for x, _ in points)
    high = max(high, ticks[-1][0])

    def x_of(x: float) -> float:
        return left + (right - left) * (x - low) / (high - low)

    def y_of(share: float) -> float:
        return bottom - (bottom - top) * (share - shares[0]) / (shares[-1] - shares[0])

    font = 'font-family="system-ui, sans-serif" font-size="13"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 236" {font}>']
    for share in shares:
        y = y_of(share)
        parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="{GREY}" stroke-opacity=".3"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end" fill="{GREY}">{100 * share:.0f} %</text>')
    for x, name in ticks:
        anchor = "start" if x == low else "end" if x == high else "middle"
        parts.append(f'<text x="{x_of(x):.1f}" y="{bottom + 22}" text-anchor="{anchor}" fill="{GREY}">{name}</text>')
    for i, (name, colour, points) in enumerate(lines):
        path = "L".join(f"{x_of(x):.1f} {y_of(max(share, shares[0])):.1f}" for x, share in points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>')
        if name:
            x = left + 130 * i
            parts.append(f'<rect x="{x}" y="8" width="12" height="3" fill="{colour}"/>')
            parts.append(f'<text x="{x + 18}" y="15" fill="{GREY}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def weights_picture() -> bytes:
    """Three rows of ten weight images, transparent where a weight is 0: the bytes of a PNG file."""
    rows = [
        compute_update(Settings(), 1).after,
        train(Settings()).weights,
        train(Settings(alpha=3e-9, images=60_000)).weights,
    ]
    side, gap = 28 * 4, 10
    sheet = np.zeros((3 * side + 2 * gap, 10 * side + 9 * gap, 4), np.uint8)
    for r, weights in enumerate(rows):
        largest = np.quantile(np.abs(weights.reshape(10, 28, 28)[:, 6:22, 6:22]), 0.99)  # where ink falls
        for digit, row in enumerate(weights):
            sheet[r * (side + gap) :, digit * (side + gap) :][:side, :side] = _signed(row.reshape(28, 28) / largest)
    _, png = cv2.imencode(".png", sheet, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return png.tobytes()


def _signed(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Blue above 0 and orange below, `(112, 112, 4)` as OpenCV orders colours."""
    colours = np.where(values[:, :, None] > 0, _bgr(BLUE), _bgr(ORANGE))
    strength = np.rint(255 * np.clip(np.abs(values), 0, 1))[:, :, None]
    return np.concatenate([colours, strength], axis=2).astype(np.uint8).repeat(4, axis=0).repeat(4, axis=1)


def _bgr(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[i : i + 2], 16) for i in (5, 3, 1)], np.float64)


def page(text: str) -> str:
    """The lab's page of the story: its Markdown as HTML; code that names a place in the lab becomes a link to it."""
    markdown = MarkdownIt("commonmark").enable("table")
    body = markdown.render(text).replace("../src/tenfold/server/static/lab/story/", "/lab/story/")
    for target in sorted({part.split("</code>")[0] for part in body.split("<code>/lab/")[1:]}):
        body = body.replace(f"<code>/lab/{target}</code>", f'<a href="/lab/{target}">see it in the lab</a>')
    return Template((HERE / "story_page.html.in").read_text()).substitute(story=_tables(body))


def _tables(body: str) -> str:
    """Tables in boxes of their own, so that a narrow screen scrolls them and not the page."""
    body = body.replace(' style="text-align:right"', ' class="end"')  # the server allows no styles inside a page
    return body.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")


def percent(share: float) -> str:
    """Two decimals, without the sign."""
    return f"{100 * share:.2f}"


def _power(x: float) -> str:
    """In powers of ten, three digits at most: 1.43 x 10⁻⁷."""
    digits, exponent = f"{x:.2e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    short = digits.rstrip("0").rstrip(".")
    return f"10{raised}" if short == "1" else f"{short} x 10{raised}"


if __name__ == "__main__":
    main()
