"""What a line network sees step by step -> the texts that this may be, and where each digit of one stands.

Knows connectionist temporal classification (CTC: Graves et al., 2006); does not know pictures or networks.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import DIGITS

BLANK_CLASS = DIGITS  # the class of "no digit here"
BEAM_WIDTH = 10  # texts that are followed at once
MIN_PROBABILITY = 1e-4  # a digit less probable than this, or a text beside the likeliest, is not followed
LOG_FLOOR = 1e-30  # instead of a probability of 0, whose logarithm there is not

Text = tuple[int, ...]


def beam_search(shares: NDArray[np.float32], width: int = BEAM_WIDTH) -> dict[Text, float]:
    """The likeliest texts, each with its probability 0..1, by prefix search with a beam.

    A text's probability is the sum over all its ways through the steps: a digit that one step sees half, and the next
    half, is seen, though at each of them "no digit" is likelier.

    Args:
        shares: `(steps, 11)`: the probabilities of the ten digits and of none at every step, 0..1.
        width: how many beginnings of texts are followed at once.
    """
    beams: dict[Text, tuple[float, float]] = {(): (1.0, 0.0)}  # probabilities: the last step saw none; saw a digit
    for row in shares.tolist():
        seen = [digit for digit in range(DIGITS) if row[digit] > MIN_PROBABILITY]
        grown: dict[Text, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for text, (none, digit_last) in beams.items():
            grown[text][0] += (none + digit_last) * row[BLANK_CLASS]
            if text:
                grown[text][1] += digit_last * row[text[-1]]
            for digit in seen:
                repeats = bool(text) and text[-1] == digit  # then only a step of none parts the two
                grown[(*text, digit)][1] += (none if repeats else none + digit_last) * row[digit]
        kept = sorted(grown.items(), key=lambda item: -sum(item[1]))[:width]
        least = MIN_PROBABILITY * sum(kept[0][1])
        beams = {text: (none, digit_last) for text, (none, digit_last) in kept if none + digit_last >= least}
    return {text: none + digit_last for text, (none, digit_last) in beams.items()}


def align(shares: NDArray[np.float32], text: Text) -> list[int]:
    """The step at which each digit of a text is seen best, on the text's likeliest way through the steps (Viterbi).

    Args:
        shares: as of `beam_search`.
        text: one that they give.
    """
    states = np.full(2 * len(text) + 1, BLANK_CLASS)  # none, the first digit, none, the second digit, ...
    states[1::2] = text
    leaps = np.zeros(len(states), bool)  # to a digit from another one, without a step of none between
    leaps[3::2] = states[3::2] != states[1:-2:2]
    logs = np.log(np.maximum(shares[:, states].astype(np.float64), LOG_FLOOR))
    best = np.full(len(states), -np.inf)
    best[:2] = logs[0, :2]
    moves = []
    for row in logs[1:]:
        padded = np.concatenate([[-np.inf, -np.inf], best])
        options = np.stack([best, padded[1:-1], np.where(leaps, padded[:-2], -np.inf)])
        moves.append(options.argmax(axis=0))
        best = options.max(axis=0) + row
    way = [len(states) - 1 if len(states) == 1 or best[-1] >= best[-2] else len(states) - 2]
    for move in reversed(moves):
        way.append(way[-1] - int(move[way[-1]]))
    way.reverse()
    steps: list[list[int]] = [[step for step, at in enumerate(way) if at == 2 * i + 1] for i in range(len(text))]
    return [max(seen, key=lambda step: shares[step, digit]) for seen, digit in zip(steps, text, strict=True)]
