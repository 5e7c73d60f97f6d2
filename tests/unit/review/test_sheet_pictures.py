from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from helpers import sheets
from tenfold.errors import FormError
from tenfold.forms.form_project import Form

pytest.importorskip("sqlalchemy")

from tenfold.review.review_queue import Item
from tenfold.review.sheet_pictures import WIDTH, picture_around


@pytest.fixture
def item(tmp_path: Path) -> Item:
    folder = sheets.project(tmp_path / "survey", scans=1)
    with Form(folder) as form:
        form.read([folder / "scans"], jobs=1)
        (sheet,) = form.sheets()
        value = sheet.values["day"]
        return Item(value.reading, sheet, form.template.fields[1], value)


def test_the_sheet_around_a_field_has_a_frame(item: Item) -> None:
    picture = cv2.imdecode(np.frombuffer(picture_around(item), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape[1] == WIDTH
    blue, green, red = (picture[..., channel].astype(int) for channel in range(3))
    framed = (blue - red > 80) & (blue - green > 40)
    left, _, width, height = cv2.boundingRect(framed.astype(np.uint8))
    assert width / height == pytest.approx(item.field.box[2] / item.field.box[3], rel=0.1)
    assert left + width / 2 == pytest.approx(WIDTH / 2, abs=6)


def test_a_scan_that_is_gone_or_changed_is_an_error(item: Item) -> None:
    path = Path(item.sheet.source)
    cv2.imwrite(str(path), sheets.sheet(5).picture)
    with pytest.raises(FormError, match="the file changed"):
        picture_around(item)
    path.unlink()
    with pytest.raises(FormError, match=r"the scan .*0.png' cannot be read .*: put it back where it was"):
        picture_around(item)
    assert json.dumps(item.sheet.matrix)
