from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="torch, of the extra [train], is not installed")
trainer = pytest.importorskip("tenfold.training.trainer")


@pytest.mark.parametrize("shape", [(16, 36), (64, 576), (40, 9)])
def test_muon_steps_nearly_along_the_orthogonal_factor(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(0).normal(size=shape)
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    found = trainer._orthogonal(torch.from_numpy(matrix)).numpy()
    assert (found * (left @ right)).sum() / np.linalg.norm(found) / np.linalg.norm(left @ right) > 0.95
    sizes = np.linalg.svd(found, compute_uv=False)
    assert 0.4 < sizes.min() < sizes.max() < 1.3
