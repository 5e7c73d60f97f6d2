"""Synthetic training lines: pictures of numbers, and the line images that preprocessing cuts out of them, with labels.

Lines of numbers, whole strings of pen strokes, and real lines of registers in other light. No networks here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Box, Grey
from tenfold.datasets import mnist
from tenfold.datasets.mnist_writers import load_mnist_writers
from tenfold.datasets.pen_strokes import PenSample, load_pen_strokes
from tenfold.datasets.register_lines import RegisterLine, load_register_lines
from tenfold.parallel import map_in_processes, worker_rng
from tenfold.preprocessing.line_detection import PADDING, Line, cut_line, detect_lines, page_ink
from tenfold.synthesis.degradation import render_on_paper
from tenfold.synthesis.layouts import Sheet
from tenfold.synthesis.numbers.form_print import surround
from tenfold.synthesis.numbers.hands import DIGITS, UNKNOWN, Hands
from tenfold.synthesis.numbers.number_texts import sample_text
from tenfold.synthesis.numbers.written_lines import WrittenLine, write_line
from tenfold.synthesis.photographs import photograph, render_clean
from tenfold.writing.pen_rendering import render_strokes, sample_hand
from tenfold.writing.sign_glyphs import SIGNS

BLOCK_SIZE = 250  # lines of one task; each block has its own random numbers
STRINGS, REGISTERS = 0.1, 0.08  # fractions of the lines that are whole recorded strings, and lines of registers
TURNED = 0.03  # fraction of the lines that stand upside down, if their digits tell
TELLING = "23457"  # digits that are none upside down
CHEQUES, CLEAN = 0.36, 0.2  # fractions on paper printed all over; and scanned or drawn, without paper
DETECTED = 0.6  # fraction of the lines that are cut where they were detected, if they were; others where they stand
MIN_CONTRAST_TO_NOISE = 1.2  # standard deviations of the paper by which strokes must differ from it
MAX_WIDTH = 700  # columns of a line image
CHARACTERS = DIGITS + SIGNS + UNKNOWN


class SyntheticLine(NamedTuple):
    """A line as preprocessing cut it out.

    Attributes:
        image: `(28, w) uint8`, 0 paper .. 255 ink.
        text: its characters; an unknown mark is `hands.UNKNOWN`.
        centers: the middle of each character, in columns of the image; empty if that is not known.
        digits_only: True if signs that stand there are not part of the text.
    """

    image: Grey
    text: str
    centers: list[float]
    digits_only: bool


class LineSource(NamedTuple):
    """Where characters come from, for the processes that draw lines.

    Attributes:
        handwriting: the folder of pen strokes, writers and register lines; None to do without.
        split: their part, "train" or "dev".
        digits: the part of MNIST's training images, as a slice's start and stop.
    """

    handwriting: Path | None
    split: str
    digits: tuple[int, int]


class Material(NamedTuple):
    """What lines are made of: hands, whole strings of pen strokes, lines of registers."""

    hands: Hands
    strings: list[PenSample]
    registers: list[RegisterLine]


def synthesize_lines(
    source: LineSource, count: int, seed: int, callback: Callable[[int, int], None] | None = None
) -> list[SyntheticLine]:
    """Draw pictures of numbers, and cut out their lines.

    Args:
        source: where characters come from.
        count: the number of lines.
        seed: seeds everything random; the same seed gives the same lines on any number of processors.
        callback: called with the number of lines done and of all lines.
    """
    blocks = range(-(-count // BLOCK_SIZE))
    tasks = [(source, min(BLOCK_SIZE, count - block * BLOCK_SIZE), (seed, 2, block)) for block in blocks]
    return [line for block in map_in_processes(line_block, tasks, count, callback) for line in block]


def load_material(source: LineSource) -> Material:
    """Load what lines are made of."""
    first, last = source.digits
    (images, labels), _ = mnist.load_data()
    if source.handwriting is None:
        return Material(Hands(images[first:last], labels[first:last]), [], [])
    writers = load_mnist_writers(source.handwriting, labels)
    samples = load_pen_strokes(source.handwriting, source.split)
    hands = Hands(images[first:last], labels[first:last], writers[first:last], samples)
    strings = [sample for sample in samples if len(sample.text) > 1 and any(d in sample.text for d in DIGITS)]
    return Material(hands, strings, load_register_lines(source.handwriting, source.split))


_material: dict[LineSource, Material] = {}  # of this process, which draws many blocks


def line_block(task: tuple[LineSource, int, tuple[int, int, int]]) -> list[SyntheticLine]:
    """The lines of one task: source, number of lines, and seed."""
    source, count, seed = task
    rng = worker_rng(seed)
    if source not in _material:
        _material[source] = load_material(source)
    return [sample_line(_material[source], rng) for _ in range(count)]


def sample_line(material: Material, rng: np.random.Generator) -> SyntheticLine:
    """Draw one line of any kind."""
    return sample_line_and_cut(material, rng)[0]


def sample_line_and_cut(material: Material, rng: np.random.Generator) -> tuple[SyntheticLine, Line]:
    """Draw one line of any kind; also as preprocessing gives it to recognition."""
    while True:
        kind = rng.random() if material.strings else 1.0
        line: tuple[SyntheticLine, Line] | None
        if kind < REGISTERS:
            line = _register_line(material.registers[rng.integers(len(material.registers))], rng)
        else:
            written = (
                _string(material.strings[rng.integers(len(material.strings))], rng)
                if kind < REGISTERS + STRINGS
                else sample_written(material.hands, rng)
            )
            strokes = written.sheet.ink
            picture = picture_of(written.sheet, rng)
            line = _cut(picture, written, rng) if is_visible(picture, strokes) else None
        if line is not None and line[0].image.shape[1] <= MAX_WIDTH:
            return line


def sample_height(rng: np.random.Generator) -> float:
    """The height of digits in a picture, 12 to 64 pixels."""
    return float(np.exp(rng.uniform(np.log(12), np.log(64))))


def sample_written(hands: Hands, rng: np.random.Generator, text: str | None = None) -> WrittenLine:
    """A line with what stands around it; some are upside down, and then hold unknown marks only."""
    line = write_line(text or sample_text(rng), sample_height(rng), hands, rng)
    if rng.random() < TURNED and sum(c in TELLING for c in line.text) >= max(2, len(line.text) / 3):
        _turn(line)
    surround(line, hands, rng)
    return line


def picture_of(sheet: Sheet, rng: np.random.Generator) -> Grey:
    """A picture of a sheet, `(h, w) uint8`: photographed, on a cheque, scanned or drawn."""
    kind = rng.random()
    if kind < CLEAN:
        sheet.ink = np.maximum(sheet.ink, sheet.printed * np.float32(rng.uniform(0.4, 1)))
        return render_clean(sheet, rng)
    if kind < CLEAN + CHEQUES:
        ink = np.maximum(sheet.ink, sheet.printed * np.float32(rng.uniform(0.3, 1))) * np.float32(rng.uniform(0.55, 1))
        photo = render_on_paper(ink, rng, cheque=rng.random() < 0.8)
        return cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.uint8)
    return photograph(sheet, rng)


def is_visible(picture: Grey, strokes: NDArray[np.float32], least: float = MIN_CONTRAST_TO_NOISE) -> bool:
    """False if the strokes hardly differ from what is around them, so that people could not read them either."""
    near = cv2.dilate(strokes, np.ones((7, 7), np.uint8)) > 0.5
    on, off = picture[strokes > 0.6], picture[near & (strokes < 0.1)]
    if len(on) < 4 or len(off) < 4:
        return len(on) >= 4
    return bool(abs(float(on.mean()) - float(off.mean())) > least * (off.std() + 2))


def _turn(line: WrittenLine) -> None:
    """Turn a line upside down, in place."""
    sheet = line.sheet
    sheet.ink = np.ascontiguousarray(sheet.ink[::-1, ::-1])
    left, top, right, bottom = line.extent
    line.extent = (sheet.width - right, sheet.height - bottom, sheet.width - left, sheet.height - top)
    line.body = (sheet.height - line.body[1], sheet.height - line.body[0])
    line.centers = [sheet.width - center for center in reversed(line.centers)]
    line.text = UNKNOWN * len(line.text)
    line.cells = []


def _string(sample: PenSample, rng: np.random.Generator) -> WrittenLine:
    """A whole string as its writer wrote it."""
    text = "".join(c if c in CHARACTERS else UNKNOWN for c in sample.text if c != " ")
    points = np.concatenate(sample.strokes)
    across, down = (points.max(axis=0) - points.min(axis=0)).tolist()
    tall = sample_height(rng)
    longer = tall * max(1.0, across / max(down, 1e-6))
    hand = sample_hand(rng)
    pen = float(np.exp(rng.uniform(np.log(0.03), np.log(0.28)))) * tall / longer
    ink = render_strokes(sample.strokes, max(8.0, longer), type(hand)(**(vars(hand) | {"pen": pen})), rng)
    over, under, before, after = tall * rng.uniform(0.03, rng.choice([0.1, 0.7, 1.5]), 4)
    sheet = Sheet(len(ink) + over + under, ink.shape[1] + before + after)
    left, top, wide, high = sheet.write(ink, before, over)
    return WrittenLine(sheet, text, [], len(ink), (left, top, left + wide, top + high), (top, top + high), [])


def _cut(picture: Grey, written: WrittenLine, rng: np.random.Generator) -> tuple[SyntheticLine, Line] | None:
    """Cut out the line where it is detected, or where it stands; None if it has less than a few pixels."""
    ink = page_ink(picture)
    line = _detected(ink, written) if rng.random() < DETECTED else None
    if line is None:
        line = cut_line(ink, _true_box(written, ink, rng))
    left, _, width, _ = line.box
    scale = (line.image.shape[1] - 2 * PADDING) / width
    centers = [(center - left) * scale + PADDING for center in written.centers]
    if any(not PADDING / 2 < center < line.image.shape[1] - PADDING / 2 for center in centers):
        return None
    return SyntheticLine(line.image, written.text, centers, False), line


def _detected(ink: Grey, written: WrittenLine) -> Line | None:
    """The detected line that holds all characters; None if none does, or much else is in it."""
    left, _, right, _ = written.extent
    top, bottom = written.body
    slack = 0.12 * written.tall
    for line in detect_lines(ink):
        x, y, width, height = line.box
        if (
            x <= left + slack and x + width >= right - slack and y <= top + slack and y + height >= bottom - slack
            and height < 2.4 * written.tall
        ):  # fmt: skip
            return line
    return None


def _true_box(written: WrittenLine, ink: Grey, rng: np.random.Generator) -> Box:
    """A box around the characters with about the margins that detection gives."""
    tall = written.tall
    left, top, right, bottom = written.extent
    body_top, body_bottom = written.body
    if rng.random() < 0.5:  # by the digits; what stands beyond them may be cut
        top, bottom = body_top, body_bottom
    over, under = tall * 0.2 * np.exp(rng.normal(0, 0.35, 2))
    before, after = tall * rng.uniform(0.1, 1.0, 2)
    y0, y1 = max(0, round(top - over)), min(ink.shape[0], round(bottom + under))
    x0, x1 = max(0, round(left - before)), min(ink.shape[1], round(right + after))
    return (x0, y0, max(4, x1 - x0), max(4, y1 - y0))


def _register_line(line: RegisterLine, rng: np.random.Generator) -> tuple[SyntheticLine, Line]:
    """A line of a register at another size, sharpness and contrast."""
    height = max(10, round(sample_height(rng) * rng.uniform(1.1, 1.6)))
    wide = max(10, round(line.image.shape[1] * height / len(line.image) * np.exp(rng.normal(0, 0.12))))
    image = cv2.resize(line.image, (wide, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    shear = rng.normal(0, 0.12)
    matrix = np.array([[1, shear, -shear * height / 2], [0, 1, 0]])
    image = cv2.warpAffine(image, matrix, (wide, height), borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    if rng.random() < 0.4:
        image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.2, 0.8))).astype(np.float32)
    low, high = np.percentile(image, [2, 95])
    contrast = rng.uniform(0.5, 1.3)
    image = high - (high - image) * contrast + rng.normal(0, rng.uniform(0, 6), image.shape)
    if rng.random() < 0.12:
        image = np.where(image > (low + high) / 2 + rng.uniform(-0.1, 0.2) * (high - low), 255.0, 0.0)
    picture = np.clip(image, 0, 255).astype(np.uint8)
    if rng.random() < 0.1:
        picture = 255 - picture
    ink = page_ink(picture)
    lines = detect_lines(ink)
    whole = cut_line(ink, (0, 0, ink.shape[1], ink.shape[0]))
    if len(lines) == 1 and lines[0].box[2] > 0.6 * wide and rng.random() < DETECTED:
        whole = lines[0]
    return SyntheticLine(whole.image, line.digits, [], True), whole
