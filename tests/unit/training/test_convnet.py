from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from helpers.project import Mnist
from helpers.tiny_training import trained

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")


@pytest.fixture(scope="module")
def uninterrupted(mnist: Mnist) -> dict[str, Any]:
    """The state at the end of a run."""
    state: dict[str, Any] = trained(mnist).state_dict()
    return state


@pytest.mark.parametrize("stop", [1, 7, 15, 22])
def test_an_interrupted_and_resumed_run_ends_with_the_same_weights(
    mnist: Mnist, uninterrupted: dict[str, Any], stop: int
) -> None:
    resumed = trained(mnist, resume=trained(mnist, stop).state_dict()).state_dict()
    assert int(resumed["done"]) == int(uninterrupted["done"]) == 30
    for name, array in uninterrupted.items():
        assert np.array_equal(array, resumed[name]), name


def test_bfloat16_is_used_if_the_processor_has_it_and_hardly_changes_an_update(
    mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = {}
    for has in (False, True):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda has=has: {"avx512_bf16": has})
        training = trained(mnist, updates=3)
        weights[has] = training.state_dict()["network.3.weight"]
        assert training._logits(torch.zeros(2, 1, 28, 28)).dtype == torch.float32
    assert not np.array_equal(weights[False], weights[True])
    np.testing.assert_allclose(weights[False], weights[True], atol=0.05)


def test_the_seed_decides_the_weights(mnist: Mnist) -> None:
    one, same, other = (trained(mnist, 3, seed=seed).state_dict()["network.0.weight"] for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
