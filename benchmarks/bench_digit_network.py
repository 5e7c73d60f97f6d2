"""Measure the speed of the packaged digit network (`make bench`) and the training recipes (`make bench-train`).

    python benchmarks/bench_digit_network.py reading            the speed of the packaged network
    python benchmarks/bench_digit_network.py training [SEEDS]   all recipes but the longest, and that of most tutorials

Training times are from arrays in memory to final weights, on all processors. The test images are only for evaluation;
no choice depends on them.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import tenfold
from tenfold.networks.onnx_classifier import OnnxClassifier
from tenfold.networks.registry import network_folder
from tenfold.training import convnet
from tenfold.training.recipes import RECIPES

(IMAGES, LABELS), (X_TEST, Y_TEST) = tenfold.load_data()


def reading() -> None:
    """Time the packaged network on one image and on 10,000."""
    network = OnnxClassifier.load(network_folder("digits"))
    network.scores(X_TEST[:1])
    single = statistics.median(seconds(lambda: network.scores(X_TEST[:1])) for _ in range(500))
    print(f"The packaged network: {network.parameters:,} parameters, {len(network.model) / 1000:.0f} kB\n")
    print(f"{'one image, one thread':44}{1000 * single:8.3f} ms")
    for threads in (1, 2):
        batch = OnnxClassifier(network.model, threads=threads)
        batch.scores(X_TEST)
        rate = len(X_TEST) / statistics.median(seconds(lambda batch=batch: batch.scores(X_TEST)) for _ in range(5))
        print(f"{f'10,000 images, {threads} threads':44}{rate:8,.0f} images/s")


def training(seeds: int) -> None:
    """Train each recipe with several seeds, and the tutorial's recipe once."""
    print(f"{torch.get_num_threads()} threads, {seeds} seeds: seconds, test accuracy mean (lowest to highest)\n")
    means = {}
    for name, recipe in RECIPES.items():
        if recipe.synthetic_fraction:
            continue
        times, accuracies = [], []
        for seed in range(seeds):
            started = time.perf_counter()
            run = convnet.Training(recipe, IMAGES, LABELS, None, None, seed)
            run.run(run.total)
            times.append(time.perf_counter() - started)
            accuracies.append(100 * (convnet.logits(run.network(), X_TEST).argmax(1) == Y_TEST).mean())
        means[name] = statistics.mean(times)
        spread = f"({min(accuracies):.2f} to {max(accuracies):.2f})"
        print(f"{name:12}{means[name]:8.2f} s{statistics.mean(accuracies):9.3f} % {spread}", flush=True)
    started = time.perf_counter()
    accuracy = tutorial()
    duration = time.perf_counter() - started
    print(f"{'tutorial':12}{duration:8.2f} s{accuracy:9.3f} %   until 99 % on validation images\n")
    print("".join(f"{name} takes 1/{duration / mean:.0f} of the tutorial's time\n" for name, mean in means.items()))


def tutorial() -> float:
    """The recipe that most tutorials copy, in float32 as there, until 99 % on validation images or 12 epochs."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10),
    )  # fmt: skip
    optimizer = torch.optim.Adadelta(network.parameters(), lr=1.0)
    pixels = torch.from_numpy(IMAGES.copy())[:, None].float() / 255
    targets = torch.from_numpy(LABELS.astype(np.int64))
    for _ in range(12):
        network.train()
        for indices in torch.randperm(55_000).split(64):
            loss = functional.cross_entropy(network(pixels[indices]), targets[indices])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        network.eval()
        if (convnet.logits(network, IMAGES[55_000:]).argmax(1) == LABELS[55_000:]).mean() >= 0.99:
            break
    return float(100 * (convnet.logits(network, X_TEST).argmax(1) == Y_TEST).mean())


def seconds(work: object) -> float:
    started = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - started


if __name__ == "__main__":
    if sys.argv[1:2] == ["training"]:
        training(int(sys.argv[2]) if len(sys.argv) > 2 else 10)
    else:
        reading()
