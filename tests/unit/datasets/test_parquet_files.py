from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tenfold
from helpers.project import Mnist
from tenfold.datasets.parquet_files import load_parquet

pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
parquet = pytest.importorskip("pyarrow.parquet")

COUNT = 12


def png(image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def write(path: Path, mnist: Mnist, part: int, rows: slice) -> None:
    images, labels = mnist[part]
    cells = [{"bytes": png(image), "path": None} for image in images[rows]]
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.table({"image": cells, "label": labels[rows].tolist()}), path)


@pytest.mark.parametrize("place", ["", "data", "mnist"])
def test_files_as_on_hugging_face_load_in_order(tmp_path: Path, mnist: Mnist, place: str) -> None:
    write(tmp_path / place / "train-00000-of-00002.parquet", mnist, 0, slice(0, 5))
    write(tmp_path / place / "train-00001-of-00002.parquet", mnist, 0, slice(5, COUNT))
    write(tmp_path / place / "test-00000-of-00001.parquet", mnist, 1, slice(0, COUNT))
    for found, expected in zip(tenfold.load_data(tmp_path), mnist, strict=True):
        assert np.array_equal(found[0], expected[0][:COUNT])
        assert np.array_equal(found[1], expected[1][:COUNT])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"image": [{"bytes": b"no picture"}], "label": [1]}, "row 0 of .* cannot be read"),
        ({"image": [{"bytes": png(np.zeros((9, 9), np.uint8))}], "label": [1]}, "9 x 9 pixels"),
        ({"image": [None], "label": [1]}, "holds no picture"),
        ({"image": [png(np.zeros((28, 28), np.uint8))], "label": [None]}, "cannot be read"),
        ({"image": [png(np.zeros((28, 28), np.uint8))], "label": [11]}, "labels run from 11 to 11"),
        ({"text": ["a"]}, "cannot be read"),
    ],
)
def test_other_tables_are_rejected_with_the_rule(tmp_path: Path, columns: dict[str, object], message: str) -> None:
    parquet.write_table(pyarrow.table(columns), tmp_path / "train.parquet")
    with pytest.raises(tenfold.DataError, match=message):
        load_parquet([tmp_path / "train.parquet"])


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "train.parquet").write_bytes(b"PAR1 damaged")
    with pytest.raises(tenfold.DataError, match="cannot be read"):
        load_parquet([tmp_path / "train.parquet"])


def test_without_pyarrow_the_error_names_the_command(tmp_path: Path) -> None:
    (tmp_path / "train.parquet").write_bytes(b"PAR1")
    program = f"import sys; sys.modules['pyarrow'] = None\nimport tenfold\ntenfold.load_data({str(tmp_path)!r})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=300)
    assert "needs pyarrow: pip install pyarrow" in done.stderr
