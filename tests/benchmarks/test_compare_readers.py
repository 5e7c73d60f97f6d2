import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import compare_readers
import error_gallery
import tenfold


def _save(image: np.ndarray[Any, np.dtype[np.uint8]], path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(image).save(path)


def test_a_folder_sorted_by_digit_becomes_one_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, (images, digits) = tenfold.load_data()
    for i in range(4):
        _save(images[i], tmp_path / str(digits[i]) / f"{i}.png")
    _save(images[4], tmp_path / str((digits[4] + 1) % 10) / "wrongly sorted.png")
    _save(np.full((60, 60), 255, np.uint8), tmp_path / "none" / "blank.png")
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "no picture.txt").write_text("3")
    compare_readers.print_table(
        compare_readers.in_folder(tmp_path),
        {"tenfold": compare_readers.by_tenfold(), "tutorial": compare_readers.by_tutorial()},
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["pictures", "tenfold", "tutorial"]
    assert lines[2].split()[:4] == ["digits", "6", "66.7", "%"]  # the mislabelled one and the text are wrong
    assert lines[3].split()[:6] == ["no", "digit:", "rejected", "1", "100.0", "%"]


def test_lines_are_named_by_their_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("105__a.png", "105__b.jpg", "7__c.png"):
        _save(np.full((30, 90), 255, np.uint8), tmp_path / "numbers" / name)
    asked = []

    def read(picture: Path, line: bool) -> tuple[str, float]:
        asked.append(line)
        return "1 0-5", 0.4

    compare_readers.print_table(compare_readers.in_folder(tmp_path), {"one": read})
    assert capsys.readouterr().out.splitlines()[2].split()[:4] == ["numbers", "3", "66.7", "%"]
    assert all(asked)


@pytest.mark.parametrize(
    ("text", "score", "rejected"),
    [("7", 0.9, False), ("7.", 0.5, False), ("7", 0.49, True), ("", 0.9, True), ("B7", 0.9, True), ("77", 0.9, True)],
)
def test_a_peer_takes_a_picture_for_a_digit_where_it_answers_one_and_is_sure(
    text: str, score: float, rejected: bool
) -> None:
    assert compare_readers.rejects(text, score) is rejected


def test_an_empty_folder_is_an_error_that_says_how_to_sort(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="folders named 0 to 9, numbers and none"):
        compare_readers.in_folder(tmp_path)


def test_every_mistake_is_shown_with_a_word_on_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (images, digits) = tenfold.load_data()
    for i in range(3):
        _save(images[i], tmp_path / str(digits[i]) / f"{i}.png")
    _save(images[3], tmp_path / str((digits[3] + 1) % 10) / "wrongly sorted.png")
    _save(images[4], tmp_path / "none" / "a digit.png")
    _save(np.hstack([np.zeros((28, 20), np.uint8), images[0], images[2]]), tmp_path / "numbers" / "711__a.png")
    out = tmp_path / "out.png"
    monkeypatch.setattr("sys.argv", ["mistakes.py", str(tmp_path), "--out", str(out)])
    error_gallery.main()
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "digits 1 sure, but wrong",
        "no digit: rejected 1 passes for a digit",
        "numbers 1 digits overlooked",
        f"3 mistakes on {out}",
    ]
    with Image.open(out) as page:
        assert page.width > 300


def test_a_zip_file_is_a_row_of_pictures_named_by_their_labels(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "numbers.zip", "w") as archive:
        archive.writestr("105__a.png", b"one")
        archive.writestr("7/b.png", b"two")
    assert compare_readers.in_archive(tmp_path / "numbers.zip", compare_readers.LINE) == [
        (b"one", "105"),
        (b"two", "7"),
    ]


def test_a_decoder_limited_to_digits_sees_no_letters() -> None:
    class Decode:
        dict = {"blank": 0, "A": 1} | {digit: 2 + int(digit) for digit in "0123456789"}

        def __call__(self, probabilities: np.ndarray[Any, np.dtype[np.float32]]) -> list[int]:
            return [int(row.argmax()) for row in probabilities[0]]

    probabilities = np.zeros((1, 2, 12), np.float32)
    probabilities[0, :, 1] = 0.9
    probabilities[0, 0, 4] = probabilities[0, 1, 0] = 0.1
    assert compare_readers.limited_to_digits(Decode())(probabilities) == [4, 0]
