"""Fit the constants of `tenfold.adaptation.finetune` on drawn writers, and print what each setting does.

A drawn writer has forms of the digits that nobody else has: those of `tenfold.writing.digit_glyphs` with their points
moved far, alike every time. Thirty digits teach, a hundred judge. What is forgotten is counted on training digits of
MNIST restyled as by other hands: the network has learned the digits themselves too well to misread them. The best
setting removes most errors of those that misread at most MAX_FORGOTTEN more of the restyled digits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import tenfold
from tenfold.adaptation import finetune
from tenfold.adaptation.last_layer import LastLayer, features_of, last_layer
from tenfold.adaptation.memory import memory_of, with_one
from tenfold.arrays import DIGITS
from tenfold.networks.onnx_classifier import OnnxClassifier
from tenfold.preprocessing.digit_pipeline import preprocess
from tenfold.writing.digit_glyphs import forms
from tenfold.writing.handwriting import vary
from tenfold.writing.letter_glyphs import traced
from tenfold.writing.pen_rendering import Points, render_strokes, sample_hand

WRITERS = 12
TEACH, JUDGE = 30, 100  # digits of a writer
HABIT = 0.13  # standard deviation of the points of a writer's forms, as a fraction of the height of a digit
STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0)
HARD_WEIGHTS = (0.5, 2.0, 8.0)
RESTYLED = 3000  # training digits
MAX_FORGOTTEN = 0.005  # as a fraction of the errors before: other hands must hardly notice


def draw_writer(rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images of one writer's digits as a network reads them, and labels; each digit in turn."""
    hand = sample_hand(rng)
    chosen = [str(rng.choice(forms(digit))) for digit in range(DIGITS)]
    habits = [rng.normal(0, HABIT, (20, 2)) for _ in range(DIGITS)]
    labels = np.arange(TEACH + JUDGE, dtype=np.uint8) % DIGITS
    images = []
    for label in labels:
        strokes = [_bent(stroke.astype(np.float32), habits[label]) for stroke in traced(chosen[label], rng)]
        ink = render_strokes(strokes, 80, hand, rng)
        picture = np.full((ink.shape[0] + 40, ink.shape[1] + 40), 255, np.uint8)
        picture[20:-20, 20:-20] -= (ink * 255).astype(np.uint8)
        images.append(preprocess(picture).image)
    return np.stack(images), labels


def _bent(stroke: Points, habit: NDArray[np.float64]) -> Points:
    """A stroke moved smoothly along its length, by as much every time."""
    at = np.linspace(0, 4, len(stroke))
    shift = [np.interp(at, np.arange(5), habit[:5, axis]) for axis in (0, 1)]
    return (stroke + np.stack(shift, axis=1)).astype(np.float32)


def restyled(rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Training digits in other hands, as a network reads them, and labels."""
    (images, labels), _ = tenfold.load_data()
    chosen = rng.choice(len(images), RESTYLED, replace=False)
    canvases = [vary(images[i], int(labels[i]), rng, drawn=0) for i in chosen]
    pictures = [255 - np.pad((canvas * 255).astype(np.uint8), 20) for canvas in canvases]
    return np.stack([preprocess(picture).image for picture in pictures]), labels[chosen].astype(np.int64)


def main() -> None:
    """Print a table of the settings, and the best one."""
    network = tenfold.load_network("digits")
    assert isinstance(network, OnnxClassifier)  # noqa: S101 (the packaged network is one)
    rng = np.random.default_rng(0)
    images, truth = restyled(rng)
    held_out = with_one(features_of(network.model, images))
    layer, memory = last_layer(network.model), memory_of(network.model)
    writers = [
        (with_one(features_of(network.model, images)), labels.astype(np.int64))
        for images, labels in (draw_writer(rng) for _ in range(WRITERS))
    ]
    before = np.mean([_errors(layer, x[TEACH:], y[TEACH:]) for x, y in writers])
    print(f"{WRITERS} drawn writers; before teaching, {before:.1f} of {JUDGE} digits are misread")
    known = _errors(layer, held_out, truth, DIGITS)
    print(f"of {RESTYLED} restyled digits, {known} are misread")
    print("strength  weight of hard digits  misread after  more restyled digits")
    results = []
    for finetune.STRENGTH in STRENGTHS:
        for finetune.HARD_WEIGHT in HARD_WEIGHTS:
            layers = [finetune.fit(layer, x[:TEACH], y[:TEACH], memory) for x, y in writers]
            after = np.mean([_errors(each, x[TEACH:], y[TEACH:]) for each, (x, y) in zip(layers, writers, strict=True)])
            forgotten = np.mean([_errors(each, held_out, truth, DIGITS) for each in layers]) - known
            print(f"{finetune.STRENGTH:8g}  {finetune.HARD_WEIGHT:21g}  {after:13.1f}  {forgotten:20.2f}", flush=True)
            results.append(
                (after if forgotten <= MAX_FORGOTTEN * known else np.inf, finetune.STRENGTH, finetune.HARD_WEIGHT)
            )
    _, strength, weight = min(results)
    print(f"best: STRENGTH = {strength:g}, HARD_WEIGHT = {weight:g}")


def _errors(layer: LastLayer, features: NDArray[np.float64], labels: NDArray[np.integer], classes: int = 11) -> int:
    logits = layer.logits(features[:, :-1].astype(np.float32))
    return int((logits[:, :classes].argmax(axis=1) != labels).sum())


if __name__ == "__main__":
    main()
