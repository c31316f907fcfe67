import numpy as np
import pytest
from scipy.spatial.distance import cdist

from isocortex.numerics.arrays.gram import gram, plain_gram
from isocortex.numerics.measures.angles import Angles


@pytest.mark.parametrize("multiplied", [gram, plain_gram])
@pytest.mark.parametrize(("start", "stop"), [(0, 30), (4, 9), (29, 30)])
def test_a_band_is_a_part_of_all_distances(multiplied, start, stop, rng):
    x = rng.normal(size=(30, 12)) + 2 * rng.gamma(1, size=12)
    k, upper = multiplied(x), np.triu_indices(stop - start, 1, 30 - start)
    for angles, name in ((Angles.of_rows(k), "cosine"), (Angles.of_centred(k), "correlation")):
        found, near = angles.band(start, stop)
        assert near is None
        whole = cdist(x, x, name)[start:stop, start:]
        np.testing.assert_allclose(found[upper], whole[upper], atol=1e-13)


def test_what_is_known_of_centred_rows_is_what_centred_products_say(rng):
    k = gram(rng.normal(size=(20, 9)) + 100 * rng.gamma(1, size=9))
    angles, centred = Angles.of_centred(k), k.row_centred()
    np.testing.assert_array_equal(angles.squares, centred.raw_squares())
    np.testing.assert_array_equal(angles.own, centred.shifted.diagonal())
    assert angles.is_raw == centred.is_raw
    assert not angles.is_raw


def test_rows_nearer_than_products_tell_are_handed_on_with_their_places(rng):
    x = rng.normal(size=(12, 40)) + 100 * rng.gamma(1, size=40)
    x[10] = x[7] * (1 + 1e-9 * rng.normal(size=40))
    angles, means = Angles.of_centred(gram(x)), x.mean(1)
    _, near = angles.band(6, 9)
    assert near is not None
    assert (near.pairs.i.tolist(), near.pairs.j.tolist()) == ([7], [10])
    truth = np.array([np.longdouble(row) - np.longdouble(row).mean() for row in x[[7, 10]]])
    unit = truth / np.sqrt((truth**2).sum(1))[:, None]
    expected = ((unit[0] - unit[1]) ** 2).sum() / 2
    np.testing.assert_allclose(angles.resolved(near, x, means), [float(expected)], rtol=1e-6)
