"""Measure how fast the article's network trains (`make bench`).

Four implementations give the same weights, bit for bit, in one run on one thread: plain Python, NumPy, tenfold's
compiled loops, and C if a compiler is installed. The table also has scikit-learn's nearest equivalent, whose rounding
differs. Times are medians of several runs.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tenfold

ALPHA = 1e-7
FULL = 12  # alternating runs of tenfold and C on all images
Weights = NDArray[np.float64]


def main() -> None:
    (images, labels), (x_test, y_test) = tenfold.load_data()
    images = images.reshape(-1, 784)
    print("The article's network, updates per second on one thread\n")
    rows: list[tuple[str, int, float, str]] = []
    plain = timed(lambda: plain_python(images[:300].tolist(), labels[:300].tolist()), 3)
    rows.append(("plain Python, lists", 300, 300 / plain[0], plain[1]))
    numpy = timed(lambda: in_numpy(images[:3000], labels[:3000]), 3)
    rows.append(("NumPy, in order", 3000, 3000 / numpy[0], numpy[1]))
    learn = timed(lambda: in_sklearn(images[:3000], labels[:3000]), 3)
    rows.append(("scikit-learn SGDRegressor x 10", 3000, 3000 / learn[0], learn[1]))
    for name, seconds, sha256 in contenders(images, labels):
        rows.append((name, 5 * len(images), 5 * len(images) / seconds, sha256))
    ours = next(rate for name, _, rate, _ in rows if name == "tenfold")
    print(f"{'':34}{'updates':>9}{'per second':>13}{'tenfold is':>12}   SHA-256 of the weights")
    for name, updates, rate, sha256 in rows:
        print(f"{name:34}{updates:9,}{rate:13,.0f}{ours / rate:11.2f}x   {sha256}")
    print("\n(rows with different numbers of updates end in different weights)\n")
    net = tenfold.OneLayerNet(ALPHA).fit(images, labels, 5)
    score = statistics.median(seconds_of(lambda: net.score(x_test, y_test)) for _ in range(FULL))
    print(f"accuracy of all 10,000 test images, {100 * net.score(x_test, y_test):.2f} %, takes {1000 * score:.1f} ms")


def contenders(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> list[tuple[str, float, str]]:
    """Median seconds and checksum of tenfold and of the C baseline, 60,000 images x 5 epochs, in alternating runs."""
    ways: dict[str, Callable[[], Weights]] = {
        "tenfold": lambda: tenfold.OneLayerNet(ALPHA).fit(images, labels, 5).weights
    }
    with tempfile.TemporaryDirectory() as folder:
        baseline = c_baseline(Path(folder))
        if baseline is not None:
            ways["C baseline, hand-written vectors"] = lambda: baseline(images, labels, 5)
        times: dict[str, list[float]] = {name: [] for name in ways}
        sums = {name: checksum(way()) for name, way in ways.items()}
        for _ in range(FULL):
            for name, way in ways.items():
                times[name].append(seconds_of(way))
    return [(name, statistics.median(times[name]), sums[name]) for name in ways]


def plain_python(images: list[list[int]], labels: list[int]) -> Weights:
    """The article's arithmetic on lists of plain integers."""
    weights = tenfold.OneLayerNet().weights.tolist()
    for image, label in zip(images, labels, strict=True):
        for digit, row in enumerate(weights):
            score = 0.0
            for pixel, weight in zip(image, row, strict=True):
                score += pixel * weight
            delta = score - (digit == label)
            for p, pixel in enumerate(image):
                row[p] -= ALPHA * (delta * pixel)
    return np.array(weights)


def in_numpy(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Weights:
    """The same with array operations; `accumulate` adds in order, which `@` and `sum` do not."""
    weights = tenfold.OneLayerNet().weights
    for image, label in zip(images.astype(np.float64), labels, strict=True):
        delta = np.add.accumulate(weights * image, axis=1)[:, -1]
        delta[label] -= 1
        weights -= ALPHA * (delta[:, None] * image)
    return weights


def in_sklearn(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Weights:
    """Ten linear regressions by stochastic gradient descent: one pass in order, constant learning rate."""
    from sklearn.linear_model import SGDRegressor

    pixels = images.astype(np.float64)
    start = tenfold.OneLayerNet().weights
    rows = []
    for digit in range(10):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns that one epoch has not converged
            model = SGDRegressor(
                penalty=None,
                fit_intercept=False,
                learning_rate="constant",
                eta0=ALPHA,
                max_iter=1,
                tol=None,
                shuffle=False,
            )
            model.fit(pixels, (labels == digit).astype(np.float64), coef_init=start[digit])
        rows.append(model.coef_)
    return np.array(rows)


def c_baseline(folder: Path) -> Callable[..., Weights] | None:
    """The baseline in C, compiled for this processor; None if there is no compiler."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        print("there is no C compiler: the C baseline is skipped\n", file=sys.stderr)
        return None
    library = folder / "baseline.so"
    source = Path(__file__).with_name("c_baseline.c")
    flags = ["-O3", "-march=native", "-ffp-contract=off", "-Wno-psabi", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, str(source), "-o", str(library)], check=True)
    train = ctypes.CDLL(str(library)).train

    def run(images: NDArray[np.uint8], labels: NDArray[np.uint8], epochs: int) -> Weights:
        columns = np.ascontiguousarray(tenfold.OneLayerNet().weights.T)
        arrays = [ctypes.c_void_p(array.ctypes.data) for array in (images, labels, columns)]
        n, times = ctypes.c_long(len(images)), ctypes.c_long(epochs)
        if train(arrays[0], arrays[1], n, times, ctypes.c_double(ALPHA), arrays[2]):
            raise MemoryError("the C baseline ran out of memory")
        return np.ascontiguousarray(columns.T)

    return run


def timed(way: Callable[[], Weights], runs: int) -> tuple[float, str]:
    """Median seconds of several runs, and the checksum of the weights."""
    return statistics.median(seconds_of(way) for _ in range(runs)), checksum(way())


def seconds_of(way: Callable[[], object]) -> float:
    started = time.perf_counter()
    way()
    return time.perf_counter() - started


def checksum(weights: Weights) -> str:
    return hashlib.sha256(weights.astype("<f8").tobytes()).hexdigest()[:16]


if __name__ == "__main__":
    main()
