import numpy as np
import pytest

import isocortex as ic

ORACLES = {"mean": np.mean, "max": np.max, "std": np.std}


@pytest.mark.parametrize("method", ORACLES)
def test_each_region_by_a_loop(method, rng):
    labels = rng.integers(1, 4, size=20)
    recording = ic.Responses(rng.normal(size=(5, 20)), units={"mask": labels}, labels={"s": 1})
    found = ic.regions(recording, method)
    assert found.units["region"].tolist() == [1, 2, 3]
    assert found.units["n_units"].tolist() == [(labels == r).sum() for r in (1, 2, 3)]
    assert found.labels == {"s": 1}
    for column, region in enumerate((1, 2, 3)):
        expected = [ORACLES[method](row[labels == region]) for row in recording.values]
        np.testing.assert_allclose(found.values[:, column], expected)


def test_of_trials_with_times_by_another_column(rng):
    values = rng.normal(size=(4, 6, 3))
    trials = ic.Trials(values, list("abab"), units={"lobe": ["o", "t", "o", "t", "t", "o"]})
    found = ic.regions(trials, by="lobe")
    assert found.stimuli == trials.stimuli
    np.testing.assert_allclose(found.values[:, 1], values[:, [1, 3, 4]].mean(1))


def test_faults_are_sentences(rng):
    recording = ic.Responses(rng.normal(size=(5, 2)), units={"mask": [1, 2]})
    with pytest.raises(ic.InputError, match="no column 'region'; they have 'mask'"):
        ic.regions(recording, by="region")
    with pytest.raises(ic.InputError, match="method='sum' is not known"):
        ic.regions(recording, "sum")
