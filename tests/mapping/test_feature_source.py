"""What a fold sees of a layer, against the definition on raw features."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

import isocortex as ic
from isocortex.mapping.feature_source import Bands, Source, standard_deviation

TRAIN, TEST = np.arange(3, 20), np.array([0, 1, 2])


@pytest.fixture(params=[0.0, 1e6], ids=["plain", "offset"])
def source(request, rng):
    x = rng.normal(size=(20, 7)) + request.param
    return Source(ic.Responses(x), rng.permutation(20)), request.param


def test_products_are_of_features_less_their_training_mean(source):
    source, offset = source
    x = source.noun.values[source.rows]
    centred = x - x[TRAIN].mean(0)
    within, across, _ = source.products(TRAIN, TEST, None)
    atol = 1e-12 if offset == 0 else 1e-7  # a number near 1e6 has a spacing of 1e-10
    np.testing.assert_allclose(within, centred[TRAIN] @ centred[TRAIN].T, atol=atol)
    np.testing.assert_allclose(across, centred[TEST] @ centred[TRAIN].T, atol=atol)


@pytest.mark.parametrize("ddof", [0, 1])
def test_scaled_products_and_features_are_those_of_a_scaler(source, ddof):
    source, offset = source
    x = source.noun.values[source.rows]
    scaled = StandardScaler().fit(x[TRAIN]).transform(x) * np.sqrt((17 - ddof) / 17)
    atol = 1e-12 if offset == 0 else 1e-7
    within, across, _ = source.products(TRAIN, TEST, ddof)
    np.testing.assert_allclose(within, scaled[TRAIN] @ scaled[TRAIN].T, atol=atol)
    train, test, _ = source.features(TRAIN, TEST, ddof)
    np.testing.assert_allclose(test @ train.T, across, atol=atol)


def test_a_constant_column_has_no_scale(rng):
    x = rng.normal(size=(9, 2))
    x[:, 0] = 0.1
    np.testing.assert_allclose(standard_deviation(x, 1), [1, x[:, 1].std(ddof=1)])


def test_a_gram_has_no_values_and_bands_have_all_columns(rng):
    noun = ic.Responses(rng.normal(size=(6, 4)))
    rows = np.arange(6)
    kernel = Source(ic.gram(noun), rows)
    assert not kernel.has_values
    with pytest.raises(ic.InputError, match="fit needs the features themselves"):
        kernel.check_values("fit")
    both = Bands([Source(noun, rows), kernel])
    assert both.n_features == 8
    assert not both.has_values
