"""Every picture that tenfold gets wrong, on one sheet, with a word on why: `make mistakes FOLDER=...`.

FOLDER is sorted as `compare_readers.py` says, and without one the pictures are the same as there. Under each picture is
what the network saw of it.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

import tenfold
from compare_readers import LINE, Grey, Group, digits_of, pictures_in
from tenfold.io.atomic_write import write_whole
from tenfold.preprocessing.binarization import DEFAULT, RETRY_SETTINGS
from tenfold.preprocessing.digit_pipeline import Stages, preprocess
from tenfold.recognition.rejection import REJECT_BELOW
from tenfold.recognition.results import NumberReading, Reading
from tenfold.visualization.montage import Panel, encode, montage, panel

COARSE = 12  # pixels: a lower digit has lost what tells it apart
CLOSE = 0.2  # probability of the right digit from which it was a near thing

Mistake = tuple[str, str, Panel]  # the group, why, and what shows it


def main() -> None:
    parser = argparse.ArgumentParser(description="a sheet of what tenfold gets wrong")
    parser.add_argument("folder", nargs="?", type=Path, help="pictures in folders 0 to 9, numbers and none")
    parser.add_argument("--limit", type=int, default=500, help="pictures a group, picked with a fixed seed")
    parser.add_argument("--out", type=Path, default=Path("build/mistakes.png"), help="the sheet (%(default)s)")
    arguments = parser.parse_args()
    reader = tenfold.Reader()
    found = [mistake for group in pictures_in(arguments.folder, arguments.limit) for mistake in mistakes(group, reader)]
    if not found:
        print("nothing was read wrong")
        return
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(arguments.out, encode(montage([shown for _, _, shown in found], columns=12)))
    for (name, why), count in sorted(Counter((name, why) for name, why, _ in found).items()):
        print(f"{name:24}{count:5}  {why}")
    print(f"{len(found)} mistakes on {arguments.out}")


def mistakes(group: Group, reader: tenfold.Reader) -> Iterator[Mistake]:
    """What is wrong of a group, picture by picture; what cannot be decoded is left out."""
    for picture, label in group.pictures:
        with suppress(tenfold.PictureError):
            if group.holds == LINE:
                number = reader.read_number(picture)
                if digits_of(number.text) != label:
                    why = why_of_number(number, label)
                    seen = [placed.reading.image for placed in number.digits][:5]
                    yield group.name, why, shown(number.picture, seen, f"{label} read {number.answer}", why)
            else:
                reading = reader.read(picture)
                if reading.answer != label and reading.stages is not None:
                    why = why_of(reading, reading.stages, label, reader)
                    said = f"{label or 'no digit'} read {reading.answer or 'no digit'}"
                    yield group.name, why, shown(reading.stages.picture, [reading.image], said, why)


def why_of(reading: Reading, stages: Stages, label: str, reader: tenfold.Reader) -> str:
    """Why one digit was read wrong, as far as the reading tells."""
    if not label:
        return "passes for a digit"
    share = float(reading.probabilities[int(label)])
    if reading.digit is None and share > reading.probabilities.sum() / 2:
        return "right, but refused"
    height = stages.box[3] * max(stages.picture.shape) / max(stages.ink.shape)
    if height < COARSE:
        return "too coarse" if height else "no ink found"
    if share >= CLOSE:
        return "a near thing"
    images = [preprocess(stages.picture, look).image for look in (DEFAULT, *RETRY_SETTINGS)]
    if (reader.network.probabilities(np.stack(images))[:, int(label)] > REJECT_BELOW).any():
        return "wrong strokes taken"
    return "sure, but wrong"


def why_of_number(number: NumberReading, label: str) -> str:
    """Why a line was read wrong: how its digits differ."""
    text = digits_of(number.text)
    if not text:
        return "no digits found"
    if len(text) != len(label):
        return "digits overlooked" if len(text) < len(label) else "digits too many"
    wrong = [f"{right} taken for {read}" for right, read in zip(label, text, strict=True) if right != read]
    return wrong[0] if len(wrong) == 1 else "several digits wrong"


def shown(picture: Grey, seen: list[Grey], said: str, why: str) -> Panel:
    """The picture, and under it what the network saw of each digit."""
    page = Image.new("RGB", (160, 146), "white")
    page.paste(panel(picture, 110), (0, 0))
    for i, image in enumerate(seen):
        page.paste(Image.fromarray(255 - image), (i * 32, 116))
    return f"{said}\n{why}", page


if __name__ == "__main__":
    main()
