"""Connectionist temporal classification (CTC; Graves et al., 2006): probabilities -> texts and alignment.

Does not know pictures or networks.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

BEAM_WIDTH = 10  # prefixes kept at every step
MIN_PROBABILITY = 1e-4  # less probable characters, and prefixes this much less probable than the best, are dropped
NO_PATHS = (0.0, 0.0)
LOG_FLOOR = 1e-30  # replaces a probability of 0, which has no logarithm

Text = tuple[int, ...]


def beam_search(
    probabilities: NDArray[np.float32],
    width: int = BEAM_WIDTH,
    may_begin: Callable[[Text], bool] | None = None,
    least: float = MIN_PROBABILITY,
) -> dict[Text, float]:
    """The most probable texts, each with its probability 0..1, by prefix beam search.

    A text's probability is the sum over all its paths through the steps. So a character is recognized even if it is
    less probable than blank at each of two neighbouring steps.

    Args:
        probabilities: `(steps, characters + 1)`, 0..1: those of each character and, last, of blank at every step.
        width: the number of prefixes kept at every step.
        may_begin: whether a text that is looked for may begin like this; None for any text.
        least: less probable characters, and prefixes this much less probable than the best, are dropped.
    """
    beams: dict[Text, tuple[float, float]] = {(): (1.0, 0.0)}  # paths that end in blank, and in the last character
    for row in probabilities.tolist():
        blank = row.pop()
        likely = [(code, probability) for code, probability in enumerate(row) if probability > least]
        extended: dict[Text, tuple[float, float]] = {}
        for text, (blank_last, character_last) in beams.items():
            both = blank_last + character_last
            last = text[-1] if text else -1
            before = extended.get(text, NO_PATHS)
            extended[text] = both * blank, before[1] + (character_last * row[last] if text else 0.0)
            for code, probability in likely:
                longer = (*text, code)
                if may_begin is None or may_begin(longer):
                    # The same character twice: a blank must separate the two.
                    ends = extended.get(longer, NO_PATHS)
                    extended[longer] = ends[0], ends[1] + (blank_last if last == code else both) * probability
        beams = _best(extended, width, least)
    return {text: blank_last + character_last for text, (blank_last, character_last) in beams.items()}


def _best(beams: dict[Text, tuple[float, float]], width: int, least: float) -> dict[Text, tuple[float, float]]:
    """The most probable prefixes, at most `width`, without those that are improbable beside the first."""
    totals = sorted((ends[0] + ends[1] for ends in beams.values()), reverse=True)
    floor = max(least * totals[0], totals[min(width, len(totals)) - 1])
    kept = {text: ends for text, ends in beams.items() if ends[0] + ends[1] >= floor}
    return kept if len(kept) <= width else dict(list(kept.items())[:width])


def align(probabilities: NDArray[np.float32], text: Text) -> list[int]:
    """The step at which each character of a text is most probable, on the text's best path (Viterbi).

    Args:
        probabilities: as in `beam_search`.
        text: a text that `beam_search` returned for them.
    """
    states = np.full(
        2 * len(text) + 1, probabilities.shape[1] - 1
    )  # blank, the first digit, blank, the second digit, ...
    states[1::2] = text
    skips = np.zeros(len(states), bool)  # states that may follow the character before them without a blank between
    skips[3::2] = states[3::2] != states[1:-2:2]
    logs = np.log(np.maximum(probabilities[:, states].astype(np.float64), LOG_FLOOR))
    best = np.full(len(states), -np.inf)
    best[:2] = logs[0, :2]
    moves = []
    for row in logs[1:]:
        padded = np.concatenate([[-np.inf, -np.inf], best])
        options = np.stack([best, padded[1:-1], np.where(skips, padded[:-2], -np.inf)])
        moves.append(options.argmax(axis=0))
        best = options.max(axis=0) + row
    path = [len(states) - 1 if len(states) == 1 or best[-1] >= best[-2] else len(states) - 2]
    for move in reversed(moves):
        path.append(path[-1] - int(move[path[-1]]))
    path.reverse()
    steps: list[list[int]] = [[step for step, state in enumerate(path) if state == 2 * i + 1] for i in range(len(text))]
    return [
        max(of_digit, key=lambda step: probabilities[step, digit]) for of_digit, digit in zip(steps, text, strict=True)
    ]
