from __future__ import annotations

import pytest

import tenfold
from helpers.project import Mnist
from tenfold.lab.ladder import climb


def test_too_few_training_images_are_one_error(mnist: Mnist) -> None:
    (images, labels), test = mnist
    with pytest.raises(tenfold.DataError, match="there are 100 training images"):
        next(iter(climb((images[:100], labels[:100]), test)))
