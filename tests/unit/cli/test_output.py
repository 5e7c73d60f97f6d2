from __future__ import annotations

from helpers.project import Mnist
from tenfold.cli.output import rung_as_json, rung_text
from tenfold.lab.ladder import climb


def test_a_rung_is_told_in_three_lines_or_as_json(mnist: Mnist) -> None:
    (images, labels), test = mnist
    step = next(iter(climb((images, labels), test)))
    assert "74.47 %" in rung_text(step)
    assert "7,840 parameters" in rung_text(step)
    assert rung_text(step).count("\n") == 3
    assert rung_as_json(step)["accuracy"] == 0.7447
