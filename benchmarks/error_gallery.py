"""Draw every picture that tenfold reads wrong on one sheet, each with the likely reason: `make errors FOLDER=...`.

`compare_readers.py` says how FOLDER is sorted, and which pictures are used without it. Under each picture are the
images that the network classified.
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

COARSE = 12  # pixels of height; smaller digits have lost the details that distinguish them
CLOSE = 0.2  # lowest probability of the correct digit at which the mistake was close

Mistake = tuple[str, str, Panel]  # the group, the reason, the panel


def main() -> None:
    parser = argparse.ArgumentParser(description="draw a sheet of the pictures that tenfold reads wrong")
    parser.add_argument("folder", nargs="?", type=Path, help="pictures in folders 0 to 9, numbers and none")
    parser.add_argument(
        "--limit", type=int, default=500, help="most pictures per group, chosen with a fixed seed (%(default)s)"
    )
    parser.add_argument("--out", type=Path, default=Path("build/mistakes.png"), help="the sheet (%(default)s)")
    arguments = parser.parse_args()
    reader = tenfold.Reader()
    wrong = [mistake for group in pictures_in(arguments.folder, arguments.limit) for mistake in mistakes(group, reader)]
    if not wrong:
        print("nothing was read wrong")
        return
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(arguments.out, encode(montage([shown for _, _, shown in wrong], columns=12)))
    for (name, why), count in sorted(Counter((name, why) for name, why, _ in wrong).items()):
        print(f"{name:24}{count:5}  {why}")
    print(f"{len(wrong)} mistakes on {arguments.out}")


def mistakes(group: Group, reader: tenfold.Reader) -> Iterator[Mistake]:
    """The mistakes in a group; pictures that cannot be decoded are skipped."""
    for picture, label in group.pictures:
        with suppress(tenfold.PictureError):
            if group.holds == LINE:
                number = reader.read_number(picture)
                if digits_of(number.text) != label:
                    why = why_of_number(number, label)
                    images = [placed.reading.image for placed in number.digits][:5]
                    yield group.name, why, shown(number.picture, images, f"{label} read {number.answer}", why)
            else:
                reading = reader.read(picture)
                if reading.answer != label and reading.stages is not None:
                    why = why_of(reading, reading.stages, label, reader)
                    caption = f"{label or 'no digit'} read {reading.answer or 'no digit'}"
                    yield group.name, why, shown(reading.stages.picture, [reading.image], caption, why)


def why_of(reading: Reading, stages: Stages, label: str, reader: tenfold.Reader) -> str:
    """The likely reason for a wrong digit."""
    if not label:
        return "passes for a digit"
    probability = float(reading.probabilities[int(label)])
    if reading.digit is None and probability > reading.probabilities.sum() / 2:
        return "right, but rejected"
    height = stages.box[3] * max(stages.picture.shape) / max(stages.ink.shape)
    if height < COARSE:
        return "too coarse" if height else "no ink found"
    if probability >= CLOSE:
        return "close"
    images = [preprocess(stages.picture, settings).image for settings in (DEFAULT, *RETRY_SETTINGS)]
    if (reader.network.probabilities(np.stack(images))[:, int(label)] > REJECT_BELOW).any():
        return "wrong strokes taken"
    return "sure, but wrong"


def why_of_number(number: NumberReading, label: str) -> str:
    """How the digits of a wrong line differ from the correct ones."""
    text = digits_of(number.text)
    if not text:
        return "no digits found"
    if len(text) != len(label):
        return "digits overlooked" if len(text) < len(label) else "too many digits"
    wrong = [f"{digit} read as {read}" for digit, read in zip(label, text, strict=True) if digit != read]
    return wrong[0] if len(wrong) == 1 else "several digits wrong"


def shown(picture: Grey, images: list[Grey], caption: str, why: str) -> Panel:
    """The picture, and under it the image of each digit that the network classified."""
    page = Image.new("RGB", (160, 146), "white")
    page.paste(panel(picture, 110), (0, 0))
    for i, image in enumerate(images):
        page.paste(Image.fromarray(255 - image), (i * 32, 116))
    return f"{caption}\n{why}", page


if __name__ == "__main__":
    main()
