"""Train the packaged network anew, from nothing (`make model`): five seeds for the spread, and the first is packaged.

Broken off, it goes on where it was when it is called again.
"""

from __future__ import annotations

import json
import shutil
import statistics
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tenfold
from tenfold import folder
from tenfold.network import network_folder
from tenfold.onnxnet import OnnxNet
from tenfold.recipes import RECIPES
from tenfold.train_conv import examples, train_conv

SEEDS = range(5)
BUILD = Path("build/conv")
RECIPE = json.loads(json.dumps(asdict(RECIPES["best"])))


def main() -> None:
    given = None
    for seed in SEEDS:
        out = BUILD / str(seed)
        if folder.card(out).get("recipe") == RECIPE:
            continue
        given = given or examples("best", callback=tell)
        run = train_conv(given, seed, out, resume=True, callback=tell)
        if not run.complete:
            raise SystemExit("\nbroken off; call it again to go on")
        run.save(out)
        print(f"\nseed {seed}: {run.evaluation.errors} errors of {len(run.evaluation.labels)}", flush=True)
    cards = [folder.card(BUILD / str(seed)) for seed in SEEDS]
    errors = [card["test_errors"] for card in cards]
    network = OnnxNet.load(BUILD / str(SEEDS[0]))
    facts = cards[0] | {
        "seeds": list(SEEDS),
        "seeds_held_out_accuracy": [card["held_out_accuracy"] for card in cards],
        "seeds_test_errors": errors,
        "seeds_test_errors_mean": statistics.mean(errors),
        "seeds_test_errors_deviation": round(statistics.stdev(errors), 2),
    }
    network.save(BUILD, **facts | speed(network))
    for name in ("model.onnx", "card.json", "README.md"):
        shutil.copyfile(BUILD / name, network_folder("conv") / name)
    print(json.dumps({name: value for name, value in facts.items() if name.startswith("seeds")}, indent=2))


def speed(network: OnnxNet) -> dict[str, float]:
    """Of reading, on this machine: milliseconds of one image on one thread, images a second on two threads."""
    _, (images, _) = tenfold.load_data()
    two = OnnxNet(network.model, threads=2)
    one_image = statistics.median(seconds(network, images[:1]) for _ in range(500))
    all_images = statistics.median(seconds(two, images) for _ in range(7))
    return {"milliseconds_an_image": round(1000 * one_image, 3), "images_a_second": round(len(images) / all_images)}


def seconds(network: OnnxNet, images: NDArray[np.uint8]) -> float:
    started = time.perf_counter()
    network.scores(images)
    return time.perf_counter() - started


def tell(what: str, done: int, total: int) -> None:
    print(f"\r{done:6} of {total}: {what}", end="", flush=True)


if __name__ == "__main__":
    main()
