"""Train the packaged networks from scratch (`make model`): the digit network with five seeds, and the line network.

The script packages the seed with the lowest loss on synthetic validation digits and non-digits. The 5,000 original
validation digits of MNIST are too few to distinguish the seeds, and differ from the pictures that people give. If the
script is interrupted, call it again: it resumes. If the synthesis changes,
delete build/digits and build/lines first.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import fit_numbers
import fit_review
import tenfold
from tenfold.networks import serialization
from tenfold.networks.line_network import LineNetwork
from tenfold.networks.onnx_classifier import OnnxClassifier
from tenfold.networks.registry import packaged_folder
from tenfold.synthesis.numbers.synthetic_lines import synthesize_lines
from tenfold.synthesis.synthetic_digits import synthesize_digits, synthesize_negatives
from tenfold.training.recipes import LINES, RECIPES
from tenfold.training.train_digits import VALIDATION_DIGITS, examples, train_digits
from tenfold.training.train_lines import VALIDATION_SEED, train_lines, validation_source

SEEDS = range(5)
BUILD = Path("build/digits")
LINES_BUILD = Path("build/lines")
VALIDATION_SYNTHESIS_SEED = 1  # seeds the synthesis of validation images; that of training images has the seed 0


def main() -> None:
    parser = argparse.ArgumentParser(description="train the packaged networks")
    parser.add_argument("--handwriting", type=Path, default=None, help="folder of handwriting (default: MNIST alone)")
    arguments = parser.parse_args()
    data = None
    for seed in SEEDS:
        out = BUILD / str(seed)
        if not is_trained(out, RECIPES["best"]):
            data = data or examples("best", callback=print_progress)
            run = train_digits(data, seed, out, resume=True, callback=print_progress)
            if not run.complete:
                raise SystemExit("\ninterrupted: call it again to continue")
            run.save(out)
            print(f"\nseed {seed}: {run.evaluation.errors} errors of {len(run.evaluation.labels)}", flush=True)
    if not is_trained(LINES_BUILD, LINES):
        lines = train_lines(arguments.handwriting, LINES_BUILD, callback=print_progress)
        serialization.save_model(LINES_BUILD, lines.model, lines.card)
        print(
            f"\nlines: {100 * lines.card['validation_whole_lines_right']:.1f} % of validation lines read correctly",
            flush=True,
        )
    losses = validation_losses([BUILD / str(seed) for seed in SEEDS])
    package(
        BUILD / str(SEEDS[int(np.argmin(losses))]), "digits", spread() | {"seeds_synthetic_validation_loss": losses}
    )
    package(LINES_BUILD, "lines", line_speed())
    fit_numbers.fit_network(packaged_folder("lines"), arguments.handwriting)
    fit_review.fit_packaged(handwriting=arguments.handwriting)


def is_trained(out: Path, recipe: Any) -> bool:
    return bool(serialization.card(out).get("recipe") == json.loads(json.dumps(asdict(recipe))))


def validation_losses(folders: list[Path]) -> list[float]:
    """The cross-entropy of networks, in nats per image, on synthetic images that none of them was trained on.

    Half of the images are digits, half are non-digits.
    """
    (images, labels), _ = tenfold.load_data()
    images, labels = images[-VALIDATION_DIGITS:], labels[-VALIDATION_DIGITS:]
    digits = synthesize_digits(
        images, labels, 1, VALIDATION_SYNTHESIS_SEED, partial(print_progress, "synthesizing validation digits")
    )[0]
    negatives = synthesize_negatives(
        images,
        labels,
        VALIDATION_DIGITS,
        VALIDATION_SYNTHESIS_SEED,
        partial(print_progress, "synthesizing validation non-digits"),
    )
    losses = []
    for network in map(OnnxClassifier.load, folders):
        correct = network.probabilities(digits)[np.arange(VALIDATION_DIGITS), labels]
        rejected = 1 - network.probabilities(negatives).sum(axis=1)
        losses.append(float(-np.log(np.maximum([correct, rejected], 1e-9)).mean()))
    return losses


def spread() -> dict[str, Any]:
    """The results of the seeds, and the speed of such a network."""
    cards = [serialization.card(BUILD / str(seed)) for seed in SEEDS]
    errors = [card["test_errors"] for card in cards]
    facts = {
        "seeds": list(SEEDS),
        "seeds_validation_accuracy": [card["validation_accuracy"] for card in cards],
        "seeds_validation_loss": [card["validation_loss"] for card in cards],
        "seeds_test_errors": errors,
        "seeds_test_errors_mean": statistics.mean(errors),
        "seeds_test_errors_deviation": round(statistics.stdev(errors), 2),
    }
    print(json.dumps(facts, indent=2))
    return facts | speed(OnnxClassifier.load(BUILD / str(SEEDS[0])))


def package(source: Path, name: str, facts: dict[str, Any]) -> None:
    target = packaged_folder(name)
    serialization.save_model(target, serialization.load_model(source), serialization.card(source) | facts)
    print(f"packaged {target.name}: {(target / 'model.onnx').stat().st_size / 1000:.0f} kB")


def speed(network: OnnxClassifier) -> dict[str, float]:
    """The speed on this machine: milliseconds per image on one thread, images per second on two threads."""
    _, (images, _) = tenfold.load_data()
    two = OnnxClassifier(network.model, threads=2)
    one_image = statistics.median(seconds(partial(network.scores, images[:1])) for _ in range(500))
    all_images = statistics.median(seconds(partial(two.scores, images)) for _ in range(7))
    return {"milliseconds_an_image": round(1000 * one_image, 3), "images_a_second": round(len(images) / all_images)}


def line_speed() -> dict[str, float]:
    """The speed on this machine with one thread: milliseconds per line, for lines like the validation lines."""
    lines = synthesize_lines(validation_source(None), 250, VALIDATION_SEED)
    network = LineNetwork(LINES_BUILD)
    durations = [seconds(partial(network.probabilities, [line.image])) for line in lines]
    return {"milliseconds_a_line": round(1000 * statistics.median(durations), 2)}


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def print_progress(task: str, done: int, total: int) -> None:
    print(f"\r{done:6} of {total}: {task}", end="", flush=True)


if __name__ == "__main__":
    main()
