"""Train the packaged networks anew, from nothing (`make model`): that for digits with five seeds, and that for lines.

Packaged is the seed with the least loss on what the simulation makes of digits kept aside, and of what is no digit: the
5,000 digits as MNIST has them are too few to tell seeds apart, and not what people show it. Broken off, it goes on
where it was when it is called again; lines start anew. Delete build/conv and build/lines where the simulation changed.
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
from tenfold import folder
from tenfold.network import packaged_folder
from tenfold.number import LineNet
from tenfold.onnxnet import OnnxNet
from tenfold.recipes import LINES, RECIPES
from tenfold.simulated import simulate, simulate_others
from tenfold.simulated_lines import simulate_lines
from tenfold.train_conv import KEPT_ASIDE, examples, train_conv
from tenfold.train_lines import HELD_OUT_SEED, train_lines

SEEDS = range(5)
BUILD = Path("build/conv")
LINES_BUILD = Path("build/lines")
SIMULATION = 1  # the seed of the simulation that chooses; that of training is 0


def main() -> None:
    given = None
    for seed in SEEDS:
        out = BUILD / str(seed)
        if not is_made(out, RECIPES["best"]):
            given = given or examples("best", callback=tell)
            run = train_conv(given, seed, out, resume=True, callback=tell)
            if not run.complete:
                raise SystemExit("\nbroken off; call it again to go on")
            run.save(out)
            print(f"\nseed {seed}: {run.evaluation.errors} errors of {len(run.evaluation.labels)}", flush=True)
    if not is_made(LINES_BUILD, LINES):
        lines = train_lines(callback=tell)
        folder.save_model(LINES_BUILD, lines.model, lines.card)
        print(f"\nlines: {100 * lines.card['held_out_whole_lines_right']:.1f} % held out read whole", flush=True)
    losses = reading_losses([BUILD / str(seed) for seed in SEEDS])
    package(BUILD / str(SEEDS[int(np.argmin(losses))]), "conv", spread() | {"seeds_reading_loss": losses})
    package(LINES_BUILD, "lines", line_speed())


def is_made(out: Path, recipe: Any) -> bool:
    return bool(folder.card(out).get("recipe") == json.loads(json.dumps(asdict(recipe))))


def reading_losses(made: list[Path]) -> list[float]:
    """The loss (cross-entropy, in nats an image) of networks on simulated images that none of them was trained on.

    Half of it is that of digits, half that of what is no digit.
    """
    (images, labels), _ = tenfold.load_data()
    images, labels = images[-KEPT_ASIDE:], labels[-KEPT_ASIDE:]
    digits = simulate(images, labels, 1, SIMULATION, partial(tell, "writing what was kept aside"))[0]
    others = simulate_others(images, labels, KEPT_ASIDE, SIMULATION, partial(tell, "drawing what is no digit"))
    losses = []
    for network in map(OnnxNet.load, made):
        right = network.probabilities(digits)[np.arange(KEPT_ASIDE), labels]
        none = 1 - network.probabilities(others).sum(axis=1)
        losses.append(float(-np.log(np.maximum([right, none], 1e-9)).mean()))
    return losses


def spread() -> dict[str, Any]:
    """What the seeds came to, and how fast such a network reads."""
    cards = [folder.card(BUILD / str(seed)) for seed in SEEDS]
    errors = [card["test_errors"] for card in cards]
    facts = {
        "seeds": list(SEEDS),
        "seeds_held_out_accuracy": [card["held_out_accuracy"] for card in cards],
        "seeds_held_out_loss": [card["held_out_loss"] for card in cards],
        "seeds_test_errors": errors,
        "seeds_test_errors_mean": statistics.mean(errors),
        "seeds_test_errors_deviation": round(statistics.stdev(errors), 2),
    }
    print(json.dumps(facts, indent=2))
    return facts | speed(OnnxNet.load(BUILD / str(SEEDS[0])))


def package(made: Path, name: str, facts: dict[str, Any]) -> None:
    target = packaged_folder(name)
    folder.save_model(target, folder.load_model(made), folder.card(made) | facts)
    print(f"packaged {target.name}: {(target / 'model.onnx').stat().st_size / 1000:.0f} kB")


def speed(network: OnnxNet) -> dict[str, float]:
    """Of reading, on this machine: milliseconds of one image on one thread, images a second on two threads."""
    _, (images, _) = tenfold.load_data()
    two = OnnxNet(network.model, threads=2)
    one_image = statistics.median(seconds(partial(network.scores, images[:1])) for _ in range(500))
    all_images = statistics.median(seconds(partial(two.scores, images)) for _ in range(7))
    return {"milliseconds_an_image": round(1000 * one_image, 3), "images_a_second": round(len(images) / all_images)}


def line_speed() -> dict[str, float]:
    """Of reading lines, on one thread of this machine: milliseconds a strip, as long as those it was validated with."""
    (images, labels), _ = tenfold.load_data()
    lines = simulate_lines(images[-KEPT_ASIDE:], labels[-KEPT_ASIDE:], 250, HELD_OUT_SEED)
    network = LineNet(LINES_BUILD)
    took = [seconds(partial(network.probabilities, line.strip)) for line in lines]
    return {"milliseconds_a_line": round(1000 * statistics.median(took), 2)}


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def tell(what: str, done: int, total: int) -> None:
    print(f"\r{done:6} of {total}: {what}", end="", flush=True)


if __name__ == "__main__":
    main()
