"""Train the packaged networks anew, from nothing (`make model`): that for digits with five seeds, and that for lines.

Packaged is the seed with the least loss on what the simulation makes of digits kept aside, and of what is no digit: the
5,000 digits as MNIST has them are too few to tell seeds apart, and not what people show it. Broken off, it goes on
where it was when it is called again; lines start anew. Delete build/digits and build/lines where the simulation
changed.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import tenfold
from tenfold.networks import serialization
from tenfold.networks.line_network import LineNetwork
from tenfold.networks.onnx_classifier import OnnxClassifier
from tenfold.networks.registry import packaged_folder
from tenfold.synthesis.synthetic_digits import synthesize_digits, synthesize_negatives
from tenfold.synthesis.synthetic_lines import synthesize_lines
from tenfold.training.recipes import LINES, RECIPES
from tenfold.training.train_digits import VALIDATION_DIGITS, examples, train_digits
from tenfold.training.train_lines import VALIDATION_SEED, train_lines

SEEDS = range(5)
BUILD = Path("build/digits")
LINES_BUILD = Path("build/lines")
SIMULATION = 1  # the seed of the simulation that chooses; that of training is 0


def main() -> None:
    given = None
    for seed in SEEDS:
        out = BUILD / str(seed)
        if not is_made(out, RECIPES["best"]):
            given = given or examples("best", callback=tell)
            run = train_digits(given, seed, out, resume=True, callback=tell)
            if not run.complete:
                raise SystemExit("\nbroken off; call it again to go on")
            run.save(out)
            print(f"\nseed {seed}: {run.evaluation.errors} errors of {len(run.evaluation.labels)}", flush=True)
    if not is_made(LINES_BUILD, LINES):
        lines = train_lines(callback=tell)
        serialization.save_model(LINES_BUILD, lines.model, lines.card)
        print(f"\nlines: {100 * lines.card['validation_whole_lines_right']:.1f} % held out read whole", flush=True)
    losses = reading_losses([BUILD / str(seed) for seed in SEEDS])
    package(
        BUILD / str(SEEDS[int(np.argmin(losses))]), "digits", spread() | {"seeds_synthetic_validation_loss": losses}
    )
    package(LINES_BUILD, "lines", line_speed())


def is_made(out: Path, recipe: Any) -> bool:
    return bool(serialization.card(out).get("recipe") == json.loads(json.dumps(asdict(recipe))))


def reading_losses(made: list[Path]) -> list[float]:
    """The loss (cross-entropy, in nats an image) of networks on simulated images that none of them was trained on.

    Half of it is that of digits, half that of what is no digit.
    """
    (images, labels), _ = tenfold.load_data()
    images, labels = images[-VALIDATION_DIGITS:], labels[-VALIDATION_DIGITS:]
    digits = synthesize_digits(images, labels, 1, SIMULATION, partial(tell, "writing what was kept aside"))[0]
    others = synthesize_negatives(
        images, labels, VALIDATION_DIGITS, SIMULATION, partial(tell, "drawing what is no digit")
    )
    losses = []
    for network in map(OnnxClassifier.load, made):
        right = network.probabilities(digits)[np.arange(VALIDATION_DIGITS), labels]
        none = 1 - network.probabilities(others).sum(axis=1)
        losses.append(float(-np.log(np.maximum([right, none], 1e-9)).mean()))
    return losses


def spread() -> dict[str, Any]:
    """What the seeds came to, and how fast such a network reads."""
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


def package(made: Path, name: str, facts: dict[str, Any]) -> None:
    target = packaged_folder(name)
    serialization.save_model(target, serialization.load_model(made), serialization.card(made) | facts)
    print(f"packaged {target.name}: {(target / 'model.onnx').stat().st_size / 1000:.0f} kB")


def speed(network: OnnxClassifier) -> dict[str, float]:
    """Of reading, on this machine: milliseconds of one image on one thread, images a second on two threads."""
    _, (images, _) = tenfold.load_data()
    two = OnnxClassifier(network.model, threads=2)
    one_image = statistics.median(seconds(partial(network.scores, images[:1])) for _ in range(500))
    all_images = statistics.median(seconds(partial(two.scores, images)) for _ in range(7))
    return {"milliseconds_an_image": round(1000 * one_image, 3), "images_a_second": round(len(images) / all_images)}


def line_speed() -> dict[str, float]:
    """Of reading lines, on one thread of this machine: milliseconds a strip, as long as those it was validated with."""
    (images, labels), _ = tenfold.load_data()
    lines = synthesize_lines(images[-VALIDATION_DIGITS:], labels[-VALIDATION_DIGITS:], 250, VALIDATION_SEED)
    network = LineNetwork(LINES_BUILD)
    took = [seconds(partial(network.probabilities, line.image)) for line in lines]
    return {"milliseconds_a_line": round(1000 * statistics.median(took), 2)}


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def tell(what: str, done: int, total: int) -> None:
    print(f"\r{done:6} of {total}: {what}", end="", flush=True)


if __name__ == "__main__":
    main()
