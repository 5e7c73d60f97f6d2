"""What people write where numbers stand: amounts, dates, decimals, ids, marks, telephone numbers. No ink here.

All randomness comes from the given generator.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tenfold.synthesis.numbers.hands import UNKNOWN

MAX_DIGITS = 9  # of a plain number
GAP = " "  # a gap within a number, which is not part of its text


def sample_text(rng: np.random.Generator) -> str:
    """A text of digits, signs, `UNKNOWN` and `GAP`; it begins and ends with a character."""
    kind = rng.choice(len(_KINDS), p=_SHARES)
    text = _KINDS[kind](rng)
    if rng.random() < 0.06:
        text = _with_unknown(text, rng)
    return text.strip(GAP)


def digits(rng: np.random.Generator, count: int | None = None) -> str:
    """Digits; amounts often begin with a 1 and end in zeros, and some numbers are mostly ones."""
    if count is None:
        count = 1 + int(rng.binomial(MAX_DIGITS - 1, rng.choice([0.15, 0.45, 0.8])))
    chosen = rng.integers(0, 10, count)
    if rng.random() < 0.2:
        chosen[0] = 1
    if rng.random() < 0.16:
        chosen[rng.random(count) < 0.6] = 1
    if count > 1 and rng.random() < 0.3:
        chosen[count - int(rng.integers(1, count)) :] = 0
    return "".join(map(str, chosen))


def _plain(rng: np.random.Generator) -> str:
    text = digits(rng)
    if rng.random() < 0.08 and len(text) > 3:  # in groups
        text = _grouped(text, GAP)
    return text


def _grouped(text: str, mark: str) -> str:
    first = len(text) % 3
    groups = ([text[:first]] if first else []) + [text[i : i + 3] for i in range(first, len(text), 3)]
    return mark.join(groups)


def _amount(rng: np.random.Generator) -> str:
    """An amount as on cheques and bills: currency, thousands, decimals, and an ending that leaves no room."""
    text = digits(rng, int(rng.integers(2, 8)))
    if len(text) > 3 and rng.random() < 0.45:
        text = _grouped(text, str(rng.choice([",", ",", ",", ".", GAP])))
    if rng.random() < 0.3:
        text += str(rng.choice([".", ".", ",", "-", GAP])) + digits(rng, 2)
    if rng.random() < 0.35:
        text += str(rng.choice(["/-", "/-", "-", "=", "/=", ".-", "--", ".", ",-"]))
    before = str(rng.choice(["", "$", "£", "€", "₹", "=", "-", "="], p=[0.6, 0.12, 0.06, 0.05, 0.07, 0.04, 0.03, 0.03]))
    after = str(rng.choice(["", "$", "€"], p=[0.95, 0.02, 0.03]))
    return before + text + after


def _date(rng: np.random.Generator) -> str:
    day, month = int(rng.integers(1, 32)), int(rng.integers(1, 13))
    year = str(rng.choice([f"{rng.integers(0, 100):02}", str(rng.integers(1900, 2032))]))
    form = "02" if rng.random() < 0.7 else ""
    mark = str(rng.choice(["/", "/", "/", ".", "-", GAP]))
    return f"{day:{form}}{mark}{month:{form}}{mark}{year}"


def _decimal(rng: np.random.Generator) -> str:
    sign = str(rng.choice(["", "-", "+"], p=[0.62, 0.25, 0.13]))
    text = digits(rng, int(rng.integers(1, 5)))
    if rng.random() < 0.7:
        text += str(rng.choice([".", ".", ","])) + digits(rng, int(rng.integers(1, 4)))
    return sign + text + ("%" if rng.random() < 0.15 else "")


def _fraction(rng: np.random.Generator) -> str:
    return f"{digits(rng, int(rng.integers(1, 4)))}/{digits(rng, int(rng.integers(1, 4)))}"


def _time(rng: np.random.Generator) -> str:
    return f"{rng.integers(0, 24)}{rng.choice([':', ':', '.', '-'])}{rng.integers(0, 60):02}"


def _bracketed(rng: np.random.Generator) -> str:
    inner = digits(rng, int(rng.integers(1, 5)))
    return str(rng.choice([f"({inner})", f"{digits(rng, 2)}({inner})", f"({inner}) {digits(rng, 3)}-{digits(rng, 4)}"]))


def _identity(rng: np.random.Generator) -> str:
    """A telephone number, an ISBN, an account: groups of digits between dashes, points or gaps."""
    mark = str(rng.choice(["-", "-", GAP, "."]))
    return mark.join(digits(rng, int(rng.integers(1, 5))) for _ in range(rng.integers(2, 5)))


def _operation(rng: np.random.Generator) -> str:
    """A sum: signs that most hands write close to digits."""
    parts = [digits(rng, int(rng.integers(1, 3))) for _ in range(rng.integers(2, 4))]
    text = parts[0]
    for part in parts[1:]:
        text += str(rng.choice(["+", "-", "/", UNKNOWN, ":", "="])) + part
    return text


def _signs(rng: np.random.Generator) -> str:
    """Any digits and signs, so that no sign is read from its neighbours alone."""
    return "".join(rng.choice(list("0123456789" * 2 + ".,-/:+%()=$€£₹" + "/-$+")) for _ in range(rng.integers(1, 7)))


def _words(rng: np.random.Generator) -> str:
    """Letters, with or without a number beside them."""
    word = UNKNOWN * int(rng.integers(1, 6))
    number = digits(rng, int(rng.integers(1, 5)))
    return str(
        rng.choice(
            [
                word,
                f"{word} {number}",
                f"{number} {word}",
                f"{word}{number}",
                f"{word}{rng.choice(list('.:-'))}{number}",
            ]
        )
    )


def _with_unknown(text: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(len(text) + 1))
    return text[:at] + UNKNOWN + text[at:]


_KINDS: tuple[Callable[[np.random.Generator], str], ...] = (
    _plain, _amount, _date, _decimal, _fraction, _time, _bracketed, _identity, _operation, _signs, _words,
)  # fmt: skip
_SHARES = (0.39, 0.25, 0.06, 0.07, 0.02, 0.02, 0.03, 0.04, 0.02, 0.04, 0.06)
