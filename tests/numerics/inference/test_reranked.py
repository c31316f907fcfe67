"""Mid-ranks in samples are those of the copies, one by one."""

import numpy as np
import pytest
from scipy.stats import rankdata

from isocortex.numerics.inference import reranked
from isocortex.numerics.inference.reranked import Orders, centred_ranks


@pytest.mark.parametrize("compiled", [False, True], ids=["numpy", "as installed"])
@pytest.mark.parametrize("ties", [False, True])
def test_ranks_are_of_copies(rng, monkeypatch, ties, compiled):
    if not compiled:
        monkeypatch.setattr(reranked, "_compiled", lambda: None)
    values = rng.normal(size=(3, 15))
    values = np.round(2 * values) if ties else values
    pairs = rng.integers(0, 4, size=(6, 15)).astype(float)
    rows = np.array([2, 0])
    found = centred_ranks(Orders(values), rows, pairs)
    for s, counts in enumerate(pairs.astype(int)):
        for k, row in enumerate(rows):
            copies = np.repeat(np.arange(15), counts)
            twice = 2 * rankdata(values[row][copies]) - (len(copies) + 1)
            np.testing.assert_allclose(found[s, k][copies], twice)
