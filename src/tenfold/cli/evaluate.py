"""`tenfold evaluate` and `tenfold ladder`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from tenfold.cli.options import AsJson, Data, Force, check_outputs, check_picture_name, progress_bar


def evaluate(
    network: Annotated[
        str, typer.Argument(metavar="NETWORK", help="The name of a packaged network, or the folder of a network.")
    ],
    data: Data = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="Write a page with tables and pictures.")
    ] = None,
    mistakes: Annotated[
        Path | None,
        typer.Option("--mistakes", metavar="FILE", help="Draw the twenty worst mistakes as .png, .jpg or .pdf."),
    ] = None,
    force: Force = False,
) -> None:
    """Evaluate a network on the test images of a set."""
    from tenfold.datasets.mnist import load_part
    from tenfold.evaluation.metrics import evaluate as evaluate_network
    from tenfold.evaluation.report import draw_mistakes, evaluation_page, evaluation_text
    from tenfold.io.atomic_write import write_whole
    from tenfold.networks.registry import load_network
    from tenfold.visualization.montage import encode

    check_picture_name(mistakes, "--mistakes")
    check_outputs(force, report, mistakes)
    net = load_network(network)
    images, labels = load_part("test", data)
    evaluation = evaluate_network(net, images, labels)
    if report is not None:
        write_whole(report, evaluation_page(evaluation, images, f"{network} on {data or 'MNIST'}"))
    if mistakes is not None:
        write_whole(mistakes, encode(draw_mistakes(evaluation, images), mistakes.suffix.lower()))
    print(evaluation_text(evaluation))


def ladder(data: Data = None, as_json: AsJson = False) -> None:
    """Train seven networks from 74 % up, each with one idea more."""
    from tenfold.cli.output import rung_as_json, rung_text
    from tenfold.datasets.mnist import load_data
    from tenfold.lab.ladder import climb, missing_libraries

    for rung, names in missing_libraries():
        needed = f"it needs {' and '.join(names)}: pip install {' '.join(names)}"
        print(f"The rung {rung.name!r} is left out, because {needed}", file=sys.stderr)
    train_part, test_part = load_data(data)
    with progress_bar() as callback:
        for result in climb(train_part, test_part, callback):
            print(json.dumps(rung_as_json(result)) if as_json else rung_text(result), flush=True)
