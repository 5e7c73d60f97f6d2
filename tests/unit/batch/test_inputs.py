from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold
from tenfold.batch.inputs import Source, _names, sources


def paths(*inputs: str | Path, files_from: str | Path | None = None) -> list[str]:
    return [source.path for source in sources(inputs, files_from) if source.problem is None]


def problems(*inputs: str | Path) -> list[str | None]:
    return [source.problem for source in sources(inputs)]


@pytest.fixture
def box(tmp_path: Path) -> Path:
    for name in ("b.png", "a/2.JPG", "a/1.jpg", "c.pdf", "notes.txt", ".hidden.png", "a/.git/x.png", "r.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_a_folder_is_searched_with_all_below_by_name(box: Path) -> None:
    found = [str(Path(path).relative_to(box)) for path in paths(box)]
    assert found == ["a/1.jpg", "a/2.JPG", "b.png", "c.pdf"]


def test_inputs_keep_their_order_and_named_files_are_read_whatever_their_name(box: Path) -> None:
    assert paths(box / "notes.txt", box / "b.png", box / "a") == [
        *(str(box / name) for name in ("notes.txt", "b.png", "a/1.jpg", "a/2.JPG"))
    ]


def test_a_glob_names_files_and_folders(box: Path) -> None:
    assert paths(f"{box}/*.p*") == [str(box / "b.png"), str(box / "c.pdf")]
    assert paths(f"{box}/**/*.jpg") == [str(box / "a/1.jpg")]
    assert paths(f"{box}/[a]") == [str(box / "a/1.jpg"), str(box / "a/2.JPG")]


def test_a_file_whose_name_is_a_glob_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "[1].png").touch()
    assert paths(tmp_path / "[1].png") == [str(tmp_path / "[1].png")]


def test_links_in_a_circle_end_and_a_folder_is_read_once(box: Path) -> None:
    (box / "a" / "up").symlink_to(box)
    (box / "again").symlink_to(box / "a")
    (box / "itself.png").symlink_to(box / "itself.png")
    found = [str(Path(path).relative_to(box)) for path in paths(box)]
    assert found == ["a/1.jpg", "a/2.JPG", "b.png", "c.pdf", "itself.png"]


def test_a_folder_deeper_than_pythons_recursion_is_no_problem(tmp_path: Path) -> None:
    folders = [tmp_path]
    for _ in range(1100):
        folders.append(folders[-1] / "d")
        folders[-1].mkdir()
    (folders[-1] / "x.png").touch()
    assert len(paths(tmp_path)) == 1
    (folders[-1] / "x.png").unlink()
    for folder in reversed(folders[1:]):  # pytest would remove them by recursion
        folder.rmdir()


def test_what_holds_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert problems(tmp_path / "empty") == ["The folder holds no pictures."]
    assert problems(f"{tmp_path}/*.png") == ["Nothing fits."]
    assert problems("a\0b") == ["The name holds a NUL: give the name of a file."]
    assert problems("https://example.com/7.png") == [
        "'https://example.com/7.png' is an address of the web, and tenfold fetches nothing there."
    ]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open every folder")
def test_a_folder_without_permission_is_a_problem(box: Path) -> None:
    (box / "a").chmod(0)
    assert "cannot be opened" in str(problems(box)[0])


def test_a_name_that_is_not_utf8_is_found(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.png"
    try:
        open(name, "wb").close()
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    assert [os.fsencode(path) for path in paths(tmp_path)] == [name]


def test_sources_are_found_as_they_are_asked_for(box: Path) -> None:
    found = sources([box / "b.png", box / "missing"])
    assert next(found) == Source(str(box / "b.png"))
    (box / "missing").mkdir()
    (box / "missing" / "late.png").touch()
    assert next(found).path.endswith("late.png")


def test_a_list_names_files_and_folders_literally(box: Path) -> None:
    names = box / "list.txt"
    names.write_bytes(b"%s\r\n\n%s" % (os.fsencode(box / "b.png"), os.fsencode(box / "a")))
    assert [Path(path).name for path in paths(files_from=names)] == ["b.png", "1.jpg", "2.JPG"]
    names.write_text("*.png\n")
    assert paths(files_from=names) == ["*.png"]


def test_a_list_is_taken_from_standard_input(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{box}/b.png\n".encode())))
    assert paths(files_from="-") == [str(box / "b.png")]


def test_a_list_that_is_not_there_is_one_error() -> None:
    with pytest.raises(tenfold.DataError, match=r"the list 'no\.txt' cannot be read .* one name a line"):
        paths(files_from="no.txt")


@given(st.lists(st.binary(min_size=1, max_size=9).filter(lambda name: not {0, 10, 13} & set(name)), max_size=9))
def test_lists_by_line_and_by_nul_are_the_same(names: list[bytes]) -> None:
    by_line = _names(io.BytesIO(b"".join(name + b"\n" for name in names)))
    by_nul = _names(io.BytesIO(b"".join(name + b"\0" for name in names)))
    assert list(by_line) == list(by_nul) == [os.fsdecode(name) for name in names]
