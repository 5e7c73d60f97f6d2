from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold
from helpers.project import Mnist
from tenfold.datasets.csv_files import load_csv

COUNT = 12
HEADER = "label," + ",".join(f"pixel{i}" for i in range(784))
LAST = ",".join(f"pixel{i}" for i in range(784)) + ",label"


def table(mnist: Mnist, part: int, header: str = "", label_last: bool = False) -> str:
    images, labels = mnist[part]
    rows = []
    for image, label in zip(images[:COUNT].reshape(COUNT, 784), labels, strict=False):
        cells = [*image, label] if label_last else [label, *image]
        rows.append(",".join(map(str, cells)))
    return "\n".join([header, *rows] if header else rows) + "\n"


@pytest.mark.parametrize(
    ("names", "header", "label_last"),
    [
        (("train.csv", "test.csv"), HEADER, False),
        (("train.csv", "test.csv"), HEADER.upper().replace("LABEL", '"label"'), False),
        (("train.csv", "test.csv"), LAST, True),
        (("mnist_train.csv", "mnist_test.csv"), "", False),
        (("mnist_train.csv.gz", "mnist_test.csv.gz"), "", False),
    ],
    ids=["kaggle", "quoted", "label last", "no header", "gzip"],
)
def test_tables_as_people_have_them_load(
    tmp_path: Path, mnist: Mnist, names: tuple[str, str], header: str, label_last: bool
) -> None:
    for part, name in enumerate(names):
        data = table(mnist, part, header, label_last).encode()
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    for found, expected in zip(tenfold.load_data(tmp_path), mnist, strict=True):
        assert np.array_equal(found[0], expected[0][:COUNT])
        assert np.array_equal(found[1], expected[1][:COUNT])


def test_one_file_can_be_evaluated_but_is_not_split(tmp_path: Path, mnist: Mnist) -> None:
    path = tmp_path / "digits.csv"
    path.write_text(table(mnist, 1))
    assert len(tenfold.evaluate(tenfold.load_network("digits"), *load_csv(path)).labels) == COUNT
    with pytest.raises(tenfold.DataError, match="is not split into a training and a test part"):
        tenfold.load_data(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (",".join(f"pixel{i}" for i in range(784)) + "\n", "784 columns and no labels"),
        (",".join(["0"] * 784) + "\n", "784 columns and no labels"),
        ("name,age\nx,3\n", "give a header with a column 'label'"),
        ("1,2,3\n", "has 3 columns"),
        (",".join(["10", *["0"] * 784]) + "\n", "labels run from 10 to 10"),
        (",".join(["1", *["256"] * 784]) + "\n", "whole numbers 0..255"),
        (",".join(["1", *["0.5"] * 784]) + "\n", "only whole numbers"),
        ("1" * 20_000, "a row of over"),
        ("<!doctype html>", "is a web page"),
    ],
)
def test_other_tables_are_rejected_with_the_rule(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "train.csv").write_text(text)
    with pytest.raises(tenfold.DataError, match=message):
        load_csv(tmp_path / "train.csv")


@given(data=st.binary(max_size=100) | st.text('0123456789,\n"label', max_size=100).map(str.encode))
def test_any_bytes_end_in_a_set_or_in_one_error(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("csv") / "train.csv"
    path.write_bytes(data)
    with pytest.raises(tenfold.DataError) as caught:
        load_csv(path)
    assert "\n" not in str(caught.value)
