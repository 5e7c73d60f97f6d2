"""One gradient step of a run, with every number. No HTTP here."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, PIXELS
from tenfold.datasets import mnist
from tenfold.errors import DataError
from tenfold.lab.training_run import Settings, data
from tenfold.networks.onelayer import OneLayerNet

CHECKPOINTS = 64  # places of a run from which it can be gone on with: an update is at most 1/64 of a run away


@dataclass(frozen=True, eq=False)
class Update:
    """One update: the image shown, what the network made of it, and what it changed.

    Attributes:
        number: of the update, from 1.
        epoch: from 1.
        index: of the image among the training images, from 0.
        image: `(28, 28) uint8`, 0 paper .. 255 ink.
        label: 0..9.
        sums: `(10,)`, each digit's weighted sum of the pixels.
        goal: `(10,)`, 1 for the label and 0 elsewhere.
        delta: `(10,)`, sums - goal.
        errors: `(10,)`, the squares of delta.
        changes: `(10, 784)`, alpha * (delta * pixel): what each weight loses.
        before, after: `(10, 784)`, the weights; `after` is not finite where the run broke at this update.
    """

    number: int
    epoch: int
    index: int
    image: NDArray[np.uint8]
    label: int
    sums: NDArray[np.float64]
    goal: NDArray[np.float64]
    delta: NDArray[np.float64]
    errors: NDArray[np.float64]
    changes: NDArray[np.float64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]


def compute_update(settings: Settings, number: int) -> Update:
    """The update of that number in a run.

    Raises:
        DataError: the run has no such update, or broke before it.
    """
    if not 1 <= number <= settings.updates:
        raise DataError(f"update {number} is asked for: this run has updates 1 to {settings.updates:,}")
    before = _weights_before(settings, number)
    place = (number - 1) % settings.images
    (images, labels), _ = mnist.load_data()
    image, label = images[place], int(labels[place])
    pixels = image.reshape(PIXELS).astype(np.float64)
    goal = np.zeros(DIGITS)
    goal[label] = 1
    with np.errstate(over="ignore", invalid="ignore"):  # where a run breaks, this is what happens
        sums = np.add.accumulate(before * pixels, axis=1)[:, -1] + 0.0  # accumulate adds from first to last
        delta = sums - goal
        changes = settings.alpha * (delta[:, None] * pixels)
        return Update(
            number=number,
            epoch=1 + (number - 1) // settings.images,
            index=place,
            image=image,
            label=label,
            sums=sums,
            goal=goal,
            delta=delta,
            errors=delta**2,
            changes=changes,
            before=before,
            after=before - changes,
        )


def _weights_before(settings: Settings, number: int) -> NDArray[np.float64]:
    marks = _checkpoints(settings)
    stride = _stride(settings)
    mark = min((number - 1) // stride, len(marks) - 1)
    net = OneLayerNet(settings.alpha, marks[mark])
    done = _advance(net, settings, mark * stride, number - 1)
    if done < number - 1:
        raise DataError(
            f"update {number} is asked for: the run broke at update {done + 1:,}, where a weight became infinite "
            f"numbers; ask for 1 to {done + 1:,}"
        )
    return net.weights


def _advance(net: OneLayerNet, settings: Settings, done: int, stop: int) -> int:
    """Train from `done` updates to `stop`, or as long as all weights are finite; returns how many are done."""
    seen = data()
    while done < stop:
        place = done % settings.images
        count = min(stop - done, settings.images - place)
        while count and not net.update(seen.ink.part(place, place + count), seen.labels[place : place + count]):
            count //= 2  # the weights are as they were: come closer
        if count == 0:
            break
        done += count
    return done


@functools.lru_cache(maxsize=4)
def _checkpoints(settings: Settings) -> list[NDArray[np.float64]]:
    """The weights after 0, 1, 2, ... strides, as far as they are finite."""
    net, stride = settings.network(), _stride(settings)
    marks = [net.weights]
    for done in range(0, settings.updates - stride + 1, stride):
        if _advance(net, settings, done, done + stride) < done + stride:
            break
        marks.append(net.weights)
    return marks


def _stride(settings: Settings) -> int:
    return -(-settings.updates // CHECKPOINTS)
