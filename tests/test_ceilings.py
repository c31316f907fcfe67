import numpy as np
import pytest

import isocortex as ic


def test_of_rdms_by_any_comparison(rng):
    stack = ic.RDMs(rng.random((4, 6)) + rng.random(6), list("abcd"), {"subject": range(4)})
    low, high = ic.noise_ceiling(stack)
    assert (low, high) == ic.noise_ceiling(stack, "spearman")
    assert low <= high
    assert ic.noise_ceiling(stack, lambda a, b: a @ b.T)[1] > 0


def test_of_trials_one_for_each_unit(rng):
    names = [f"s{i}" for i in range(300)] * 4
    signal = np.tile(rng.normal(size=(300, 1)), (4, 2)) * [3.0, 0.0]
    trials = ic.Trials(signal + rng.normal(size=(1200, 2)), names)
    for method in (None, "split_half", "ncsnr"):
        found = ic.noise_ceiling(trials, method, seed=1)
        # Nine parts of signal to a quarter of noise: 36 / 37.
        assert found.values[0] == pytest.approx(36 / 37, abs=0.01)
        assert abs(found.values[1]) < 0.3


def test_bad_input(rng):
    with pytest.raises(ic.InputError, match="needs RDMs or Trials as data, not ndarray"):
        ic.noise_ceiling(rng.random((3, 3)))
    trials = ic.Trials(rng.random((4, 2)), list("aabb"))
    with pytest.raises(ic.InputError, match="'split_half' and 'ncsnr', no function"):
        ic.noise_ceiling(trials, max)
