from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from helpers import documents, sheets
from tenfold.batch.inputs import Source
from tenfold.errors import FormError, PictureError
from tenfold.forms.sheet_reader import SheetReader, SheetTask, blank_pixels, page_pixels, tasks_of
from tenfold.forms.template import Template


@pytest.fixture(scope="module")
def reader() -> SheetReader:
    return SheetReader(sheets.template(), sheets.blank().page)


def write_pages(path: Path, count: int) -> None:
    first, *rest = [Image.fromarray(sheets.sheet(seed).picture) for seed in range(count)]
    first.save(path, save_all=True, append_images=rest)


def test_a_scan_is_not_reduced_as_pictures_of_single_digits_are(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.jpg"), np.full((2339, 1654), 255, np.uint8))
    (task,) = tasks_of([Source(str(tmp_path / "a.jpg"))])
    assert page_pixels(task).shape == (2339, 1654)
    cv2.imwrite(str(tmp_path / "a.png"), np.full((4678, 3308), 255, np.uint8))
    (task,) = tasks_of([Source(str(tmp_path / "a.png"))])
    assert page_pixels(task).shape == (2339, 1654)


def test_documents_are_read_page_by_page(tmp_path: Path, reader: SheetReader) -> None:
    write_pages(tmp_path / "a.tif", 2)
    tasks = list(tasks_of([Source(str(tmp_path / "a.tif"))]))
    assert [task.page for task in tasks] == [1, 2]
    assert len({task.sha256 for task in tasks}) == 1
    found = reader(tasks[1])
    assert (found.problem, found.page, found.source) == (None, 2, str(tmp_path / "a.tif"))
    assert (page_pixels(tasks[0]) == sheets.sheet(0).picture).all()


def test_a_page_of_a_pdf_is_a_sheet(tmp_path: Path, reader: SheetReader) -> None:
    pytest.importorskip("pypdfium2")
    picture = sheets.sheet(1).picture
    height, width = picture.shape
    (tmp_path / "a.pdf").write_bytes(documents.pages((width * 0.48, height * 0.48), [documents.image(picture)]))
    (task,) = tasks_of([Source(str(tmp_path / "a.pdf"))])
    assert reader(task).problem is None


def test_every_failure_is_a_rejected_sheet(tmp_path: Path, reader: SheetReader) -> None:
    (tmp_path / "a.png").write_text("not a picture")
    (tmp_path / "b.png").write_bytes(b"")
    sources = [Source(str(tmp_path / name)) for name in ("a.png", "b.png", "nothing.png")]
    for task in tasks_of([*sources, Source("c", "The folder holds no pictures.")]):
        found = reader(task)
        assert found.fields == ()
        assert "cannot be read" in str(found.problem)


def test_a_file_that_changes_between_is_rejected(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), sheets.sheet(0).picture)
    (task,) = tasks_of([Source(str(tmp_path / "a.png"))])
    cv2.imwrite(str(tmp_path / "a.png"), sheets.sheet(1).picture)
    with pytest.raises(PictureError, match="the file changed while it was read"):
        page_pixels(task)
    with pytest.raises(PictureError, match="has no page 2"):
        page_pixels(SheetTask(Source(str(tmp_path / "a.png")), 2))


def test_a_blank_form_of_several_pages_needs_a_page(tmp_path: Path) -> None:
    write_pages(tmp_path / "blank.tif", 2)
    assert blank_pixels(Template("a", "blank.tif", 2, ()), tmp_path).shape == sheets.sheet(1).picture.shape
    with pytest.raises(FormError, match=r"it has 2 pages: say which, as in blank.tif#2"):
        blank_pixels(Template("a", "blank.tif", None, ()), tmp_path)
    with pytest.raises(FormError, match="has no page 3"):
        blank_pixels(Template("a", "blank.tif", 3, ()), tmp_path)
