"""A reading drawn stage by stage, as `tenfold read --show` writes it."""

from __future__ import annotations

from PIL import Image

from tenfold.preprocessing.binarization import DEFAULT
from tenfold.recognition.attribution import explain
from tenfold.recognition.results import NumberReading, Reading
from tenfold.visualization.montage import STAGE_SIDE, THUMBNAIL_SIDE, bars, heat_map, labelled, montage, panel, stack


def draw_reading(reading: Reading | NumberReading) -> Image.Image:
    """Draw a reading and how it came about."""
    return _draw_number(reading) if isinstance(reading, NumberReading) else draw_stages(reading)


def _draw_number(number: NumberReading) -> Image.Image:
    """The picture with a box around each digit, and below it the digits one by one."""
    boxes = [(placed.box, str(placed.reading.digit)) for placed in number.digits]
    page = montage(
        [(f"read as: {number.answer or 'no digits'}", labelled(number.picture, 4 * STAGE_SIDE, boxes))], columns=1
    )
    digits = [
        (
            f"{placed.reading.digit}   {100 * placed.reading.confidence:.0f} %",
            panel(placed.reading.image, THUMBNAIL_SIDE),
        )
        for placed in number.digits
    ]
    return page if not digits else stack(page, montage(digits, columns=8))


def draw_stages(reading: Reading) -> Image.Image:
    """Draw every stage of a reading, the ten probabilities and the evidence for the digit over the runner-up."""
    stages = reading.stages
    if stages is None:
        raise ValueError("a reading without stages cannot be shown")
    answer = "no digit" if reading.digit is None else f"{reading.digit}   {100 * reading.confidence:.0f} %"
    settings = "" if stages.settings == DEFAULT else f", {stages.settings.name}"
    panels = [
        ("1. grayscale picture", panel(stages.picture, STAGE_SIDE)),
        ("2. background subtracted", panel(255 - stages.ink, STAGE_SIDE)),
        (f"3. digit segmented{settings}", panel(255 - stages.strokes, STAGE_SIDE, stages.box)),
        ("4. normalized for the network", panel(stages.image, STAGE_SIDE)),
        (f"5. read as: {answer}", bars(reading.probabilities, STAGE_SIDE)),
    ]
    if reading.digit is not None:
        found = explain(reading)
        caption = f"6. evidence: blue {found.digit}, orange {found.runner_up}"
        panels.append((caption, heat_map(reading.image, found.evidence_over_runner_up, STAGE_SIDE)))
    return montage(panels, columns=3)
