"""Build the story: docs/story.md, its page in the lab, its pictures and its notebook. `make story` runs this.

Every number is computed. Numbers that are slow to compute or differ between machines (the rungs of the ladder, times)
are also written to measured.json, which the ladder's page and the test read.
"""

from __future__ import annotations

import json
from pathlib import Path
from string import Template
from typing import Any

import nbformat
import numpy as np
from markdown_it import MarkdownIt
from nbclient import NotebookClient

import tenfold
from story_charts import charts, weights_picture
from story_experiments import by_alpha, by_epochs, last_epoch, least_squares
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

# Scores that the article prints for the digits 3 to 7 of its first example; its program computes mistakes.
ARTICLE_SHOWS = {3: 0.092263, 4: 0.216324, 5: 1.00253, 6: 0.324525, 7: 0.278556}

ALPHAS = (1e-10, 1e-9, 3e-9, 1e-8, 3e-8, 1e-7, 2e-7, 3e-7)  # the learning rates of the table

Facts = dict[str, str]
Measured = dict[str, Any]


def main() -> None:
    measured = measure()
    MEASURED.write_text(json.dumps(measured, indent=1) + "\n")
    text = story(facts(measured))
    (DOCS / "story.md").write_text(text)
    (PAGE / "index.html").write_text(page(text))
    for name, drawing in charts().items():
        (PAGE / name).write_text(drawing)
    (PAGE / "weights.png").write_bytes(weights_picture())
    nbformat.write(run_notebook(), NOTEBOOK)


def run_notebook() -> nbformat.NotebookNode:
    """Run docs/story.ipynb, and return it with the new outputs of its cells."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    where = {"metadata": {"path": str(DOCS)}}
    NotebookClient(notebook, timeout=120, resources=where, record_timing=False, coalesce_streams=True).execute()
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        if "text/html" in output.get("data", {}):
            del output["data"]["text/plain"]  # it contains a memory address
    return notebook


def measure() -> Measured:
    """Measure the numbers that are slow to compute or differ between machines."""
    (images, labels), test = tenfold.load_data()
    rungs = [
        {"name": step.rung.name, "idea": step.rung.idea, "accuracy": step.evaluation.accuracy}
        for step in climb((images, labels), test)
    ]
    per_update = min(seconds_per_update(images, labels, OneLayerNet().weights) for _ in range(3))
    all_images = min(train(Settings(images=60_000)).seconds for _ in range(3))
    return {"rungs": rungs, "seconds_an_update": round(per_update, 5), "seconds_of_all": round(all_images, 3)}


def story(numbers: Facts) -> str:
    """The text of docs/story.md."""
    return Template((HERE / "story_template.md.in").read_text()).substitute(numbers)


def facts(measured: Measured) -> Facts:
    """All numbers of the story, by their names in the template."""
    return (
        _start_facts()
        | _article_facts()
        | _epoch_facts()
        | _learning_rate_facts()
        | _least_squares_facts()
        | _ladder_facts(measured)
    )


def _start_facts() -> Facts:
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


def _article_facts() -> Facts:
    (images, labels), (x_test, y_test) = tenfold.load_data()
    run = train(Settings())
    longer = OneLayerNet().fit(images[:1000], labels[:1000], 45)
    swings, mean = last_epoch()
    recall = run.confusion.diagonal() / run.confusion.sum(axis=1)
    best, worst = int(recall.argmax()), int(recall.argmin())
    mistakes = run.confusion[worst].copy()
    mistakes[worst] = 0
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
        "best_right": f"{100 * recall[best]:.0f}",
        "worst_digit": str(worst),
        "worst_right": f"{100 * recall[worst]:.0f}",
        "worst_taken": str(int(mistakes.argmax())),
        "worst_taken_percent": f"{100 * mistakes.max() / run.confusion[worst].sum():.0f}",
    }


def _epoch_facts() -> Facts:
    (images, labels), (x_test, y_test) = tenfold.load_data()
    targets = np.eye(10)
    rows = []
    for epochs, net in by_epochs():
        few = net.scores(images[:1000]), labels[:1000]
        test = net.scores(x_test), y_test
        accuracies = [percent((scores.argmax(axis=1) == digits).mean()) + " %" for scores, digits in (few, test)]
        errors = [f"{((scores - targets[digits]) ** 2).mean():.4f}" for scores, digits in (few, test)]
        rows.append(f"| {epochs} | " + " | ".join(accuracies + errors) + " |")
    pixels = images[:1000].reshape(1000, 784) / 255
    weights = np.linalg.lstsq(pixels, targets[labels[:1000]], rcond=None)[0]
    memorized = (pixels @ weights).argmax(axis=1)
    unseen = (x_test.reshape(-1, 784) / 255 @ weights).argmax(axis=1)
    return {
        "epochs_table": "\n".join(rows),
        "heart_training": f"{100 * (memorized == labels[:1000]).mean():.1f}",
        "heart_test": f"{100 * (unseen == y_test).mean():.1f}",
    }


def _learning_rate_facts() -> Facts:
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


def _least_squares_facts() -> Facts:
    (images, labels), test = tenfold.load_data()
    weights, bias = least_squares()
    training, read = [(OneLayerNet(weights=weights).scores(part) + bias).argmax(axis=1) for part in (images, test[0])]
    confusion = confusion_matrix(test[1], read)
    recall = confusion.diagonal() / confusion.sum(axis=1)
    return {
        "least_training": percent((training == labels).mean()),
        "least_test": percent((read == test[1]).mean()),
        "least_article": percent(OneLayerNet(weights=least_squares(bias=False)[0]).score(*test)),
        "least_worst": str(int(recall.argmin())),
        "least_found": f"{100 * recall.min():.0f}",
    }


def _ladder_facts(measured: Measured) -> Facts:
    rungs = measured["rungs"]
    mistakes = [round(10_000 * (1 - rung["accuracy"])) for rung in rungs]
    rows = [
        f"| {rung['name']} | {rung['idea']} | {percent(rung['accuracy'])} % | {wrong:,} |"
        for rung, wrong in zip(rungs, mistakes, strict=True)
    ]
    per_update = measured["seconds_an_update"]
    return {
        "ladder_table": "\n".join(rows),
        "softmax": percent(next(rung["accuracy"] for rung in rungs if rung["name"] == "softmax")),
        "mistakes_first": f"{mistakes[0]:,}",
        "mistakes_last": f"{mistakes[-1]:,}",
        "seconds_an_update": f"{1000 * per_update:.1f}",
        "all_minutes": f"{300_000 * per_update / 60:.0f} minutes",
        "all_seconds": f"{measured['seconds_of_all']:.2f}",
    }


def page(text: str) -> str:
    """The lab's page of the story: its Markdown as HTML. Code that names a lab URL becomes a relative link to it."""
    markdown = MarkdownIt("commonmark").enable("table")
    body = markdown.render(text).replace("../src/tenfold/server/static/lab/story/", "")
    for target in sorted({part.split("</code>")[0] for part in body.split("<code>/lab/")[1:]}):
        body = body.replace(f"<code>/lab/{target}</code>", f'<a href="../{target}">see it in the lab</a>')
    return Template((HERE / "story_page.html.in").read_text()).substitute(story=_tables(body))


def _tables(body: str) -> str:
    """Wrap each table in a box, so that a narrow screen scrolls the table, not the page."""
    body = body.replace(' style="text-align:right"', ' class="end"')  # the server allows no styles inside a page
    return body.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")


def percent(fraction: float) -> str:
    """A fraction in percent: two decimals, without the sign."""
    return f"{100 * fraction:.2f}"


def _power(x: float) -> str:
    """In scientific notation, with three digits at most: 1.43 x 10⁻⁷."""
    digits, exponent = f"{x:.2e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    short = digits.rstrip("0").rstrip(".")
    return f"10{raised}" if short == "1" else f"{short} x 10{raised}"


if __name__ == "__main__":
    main()
