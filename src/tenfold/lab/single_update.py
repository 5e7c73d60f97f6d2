"""One update of a training run, with every number. No HTTP here."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS, PIXELS
from tenfold.datasets import mnist
from tenfold.errors import DataError
from tenfold.lab.training_run import Settings, sparse_mnist
from tenfold.networks.onelayer import OneLayerNet

CHECKPOINTS = 64  # saved weights in a run: any update is reached by repeating at most 1/64 of the run


@dataclass(frozen=True, eq=False)
class Update:
    """One update: its image, the scores of the network, and the changed weights.

    Attributes:
        number: the number of the update, from 1.
        epoch: the epoch, from 1.
        index: the index of the image among the training images, from 0.
        image: `(28, 28) uint8`, 0 paper .. 255 ink.
        label: 0..9.
        sums: `(10,)`, each digit's weighted sum of the pixels.
        target: `(10,)`, 1 for the label and 0 for the other digits.
        delta: `(10,)`, sums - target.
        errors: `(10,)`, the squares of delta.
        weight_changes: `(10, 784)`, alpha * (delta * pixel), which is subtracted from the weights.
        before: `(10, 784)`, the weights before the update.
        after: `(10, 784)`, the weights after it; not all finite if the run diverges at this update.
    """

    number: int
    epoch: int
    index: int
    image: NDArray[np.uint8]
    label: int
    sums: NDArray[np.float64]
    target: NDArray[np.float64]
    delta: NDArray[np.float64]
    errors: NDArray[np.float64]
    weight_changes: NDArray[np.float64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]


def compute_update(settings: Settings, number: int) -> Update:
    """Compute one update of a run.

    Args:
        settings: the settings of the run.
        number: the number of the update, from 1.

    Raises:
        DataError: the run has no such update, or diverged before it.
    """
    if not 1 <= number <= settings.updates:
        raise DataError(f"the number of the update is {number}: this run has updates 1 to {settings.updates:,}")
    before = _weights_before(settings, number)
    index = (number - 1) % settings.images
    (images, labels), _ = mnist.load_data()
    image, label = images[index], int(labels[index])
    pixels = image.reshape(PIXELS).astype(np.float64)
    target = np.zeros(DIGITS)
    target[label] = 1
    with np.errstate(over="ignore", invalid="ignore"):  # the update at which a run diverges overflows
        sums = np.add.accumulate(before * pixels, axis=1)[:, -1] + 0.0  # accumulate adds from first to last
        delta = sums - target
        weight_changes = settings.alpha * (delta[:, None] * pixels)
        return Update(
            number=number,
            epoch=1 + (number - 1) // settings.images,
            index=index,
            image=image,
            label=label,
            sums=sums,
            target=target,
            delta=delta,
            errors=delta**2,
            weight_changes=weight_changes,
            before=before,
            after=before - weight_changes,
        )


def _weights_before(settings: Settings, number: int) -> NDArray[np.float64]:
    checkpoints, stride = _checkpoints(settings), _stride(settings)
    nearest = min((number - 1) // stride, len(checkpoints) - 1)
    net = OneLayerNet(settings.alpha, checkpoints[nearest])
    done = _advance(net, settings, nearest * stride, number - 1)
    if done < number - 1:
        raise DataError(
            f"the number of the update is {number}: the run diverged at update {done + 1:,}, where a weight became "
            f"infinite or not a number; choose 1 to {done + 1:,}"
        )
    return net.weights


def _advance(net: OneLayerNet, settings: Settings, done: int, stop: int) -> int:
    """Train from `done` updates to `stop`, or until the next update would diverge; returns the number done."""
    training = sparse_mnist()
    while done < stop:
        first = done % settings.images
        count = min(stop - done, settings.images - first)
        while count and not net.update(training.ink.part(first, first + count), training.labels[first : first + count]):
            count //= 2  # the weights are unchanged: approach the divergence by smaller parts
        if count == 0:
            break
        done += count
    return done


@functools.lru_cache(maxsize=4)
def _checkpoints(settings: Settings) -> list[NDArray[np.float64]]:
    """The weights after 0, 1, 2, ... strides, as long as they are finite."""
    net, stride = settings.network(), _stride(settings)
    checkpoints = [net.weights]
    for done in range(0, settings.updates - stride + 1, stride):
        if _advance(net, settings, done, done + stride) < done + stride:
            break
        checkpoints.append(net.weights)
    return checkpoints


def _stride(settings: Settings) -> int:
    return -(-settings.updates // CHECKPOINTS)
