import numpy as np
import pytest
import torch

import isocortex as ic


def test_penalties_are_their_formulas(rng):
    x = torch.from_numpy(rng.uniform(size=(1, 3, 5, 6)))
    values = x.numpy()
    penalties = ic.regularizers
    assert float(penalties.L1(2).penalty(x)) == pytest.approx(2 * np.abs(values - 0.5).mean())
    assert float(penalties.L2(3).penalty(x)) == pytest.approx(3 * ((values - 0.5) ** 2).mean())
    variation = np.abs(np.diff(values, axis=2)).mean() + np.abs(np.diff(values, axis=3)).mean()
    assert float(penalties.TotalVariation().penalty(x)) == pytest.approx(variation)


def test_transformations(rng):
    from scipy.ndimage import gaussian_filter

    x = torch.from_numpy(rng.uniform(size=(1, 2, 16, 18)))
    generator = torch.Generator().manual_seed(0)
    moved = ic.regularizers.Jitter(3).transform(x, generator)
    assert sorted(moved.ravel().tolist()) == sorted(x.ravel().tolist())
    blurred = ic.regularizers.Blur(1.5).transform(x, generator).numpy()
    expected = gaussian_filter(x.numpy()[0, 1], 1.5, mode="nearest", radius=4)
    np.testing.assert_allclose(blurred[0, 1], expected, atol=1e-3)


def test_more_penalty_makes_smoother_images(plain):
    def roughness(weight):
        penalty = [ic.regularizers.TotalVariation(weight)]
        image = ic.optimal_stimulus(plain, "b", 2, steps=15, regularizers=penalty).image
        return np.abs(np.diff(image, axis=0)).mean()

    assert roughness(50.0) < roughness(0.0)
