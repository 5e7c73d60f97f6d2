"""The part of a sheet around a field, from its scan, straightened as the blank form is. No HTTP here."""

from __future__ import annotations

import os

import cv2
import numpy as np

from tenfold.batch.inputs import Source
from tenfold.errors import FormError, PictureError
from tenfold.forms.registration.patches import warp
from tenfold.forms.sheet_reader import SheetTask, page_pixels
from tenfold.review.review_queue import Item

AROUND = 4.0  # heights of the field that are shown above and below it
WIDTH = 1100  # pixels of the picture


def picture_around(item: Item) -> bytes:
    """The sheet around a field, which has a frame, as a JPEG file.

    Raises:
        FormError: the scan cannot be read any more.
    """
    sheet = item.sheet
    if sheet.matrix is None:
        raise FormError(f"the sheet {sheet.name!r} was rejected: there is nothing to show")
    try:
        scan = page_pixels(SheetTask(Source(os.fsdecode(sheet.source)), sheet.page.page or None, sheet.page.sha256))
    except (PictureError, OSError) as error:
        raise FormError(f"the scan {sheet.name!r} cannot be read ({error}): put it back where it was") from error
    left, top, width, height = item.field.box
    extent = max(width * 1.3, AROUND * 3 * height)
    scale = extent / WIDTH
    rows = round((2 * AROUND + 1) * height / scale)
    origin = (left + width / 2 - extent / 2, top - AROUND * height)
    frame = np.array([[scale, 0, origin[0]], [0, scale, origin[1]], [0, 0, 1]])
    shown = cv2.cvtColor(warp(scan, np.array(sheet.matrix) @ frame, (WIDTH, rows)), cv2.COLOR_GRAY2BGR)
    corner = (round((left - origin[0]) / scale), round((top - origin[1]) / scale))
    other = (round((left + width - origin[0]) / scale), round((top + height - origin[1]) / scale))
    cv2.rectangle(shown, corner, other, (214, 89, 36), 3)
    return cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
