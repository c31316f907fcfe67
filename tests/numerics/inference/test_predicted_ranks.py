"""Predictions of each sample are ranked with the people of its test set, weighted by copies."""

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from isocortex.arrays import pairs_of
from isocortex.numerics.inference.predicted_ranks import RankedPeople, centred_midranks

N = 9
I, J = pairs_of(N)


def repeated(w):
    """Each pair as often as its two stimuli were drawn."""
    return np.repeat(np.arange(len(I)), w[I] * w[J])


def slowly(rows, weights, data, stimuli, absolute):
    """One sample and person after the other, copies written out."""
    found = np.full((len(weights), len(data)), np.nan)
    for s, (theta, w) in enumerate(zip(weights, stimuli, strict=True)):
        for m, person in enumerate(data):
            pairs = repeated(w)
            pairs = pairs[np.isfinite(person[pairs])]
            if len(np.unique(pairs)) < 3:
                continue
            x, y = (theta[:, None] * rows[:, pairs]).sum(0), person[pairs]
            if absolute:
                k = len(pairs)
                a, b = (rankdata(each) - (k + 1) / 2 for each in (x, y))
                found[s, m] = 12 * (a @ b) / (k**3 - k)
            elif np.ptp(x) and np.ptp(y):
                found[s, m] = spearmanr(x, y).statistic
    return found


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("kind", ["numbers", "ties", "gaps", "constant"])
def test_equals_ranks_of_pairs_that_are_written_out(kind, absolute, rng):
    rows, data = rng.random((3, len(I))), rng.random((5, len(I)))
    if kind == "ties":
        # Whole numbers and weights: sums of them are equal where they should be.
        rows, data = np.round(rows * 2), np.round(data * 3)
    if kind == "gaps":
        data[1, :14] = data[3, 10:30] = np.nan
    if kind == "constant":
        data[2], rows[0] = 0.5, 0.25
    stimuli = rng.multinomial(N, np.full(N, 1 / N), size=12)
    stimuli[:4, :3] = 0
    stimuli[0] = np.eye(N, dtype=int)[0] * 4  # one stimulus has no pairs
    weights = rng.integers(0, 3, (12, 3)).astype(float)
    weights[5] = [1, 0, 0]
    found = RankedPeople(data, stimuli, absolute).alike(rows, weights)
    np.testing.assert_allclose(found, slowly(rows, weights, data, stimuli, absolute), atol=1e-12)


def test_ranks_of_weighted_values_are_those_of_copies(rng):
    values, weights = np.round(rng.random((4, 20)) * 6), rng.integers(0, 4, 20)
    copies = np.repeat(np.arange(20), weights)
    found = centred_midranks(values, weights)[:, copies]
    truth = 2 * rankdata(values[:, copies], axis=1) - len(copies) - 1
    np.testing.assert_array_equal(found, truth)
