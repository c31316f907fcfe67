import numpy as np
import pytest
from scipy import stats

from isocortex.errors import UndefinedError
from isocortex.numerics.partial import partial, partial_spearman, regression

mne_rsa = pytest.importorskip("mne_rsa")
NAMES = {partial: "partial", partial_spearman: "partial-spearman", regression: "regression"}


@pytest.fixture
def stacks(rng):
    models = rng.random((3, 45))
    models[1] += models[0]
    return models, rng.random((4, 45)) + models[0] - 0.3 * models[2]


@pytest.mark.parametrize("function", NAMES)
def test_equals_mne_rsa(stacks, function):
    models, data = stacks
    expected = [mne_rsa.rsa(row, list(models), metric=NAMES[function]) for row in data]
    np.testing.assert_allclose(function(models, data), np.transpose(expected), atol=1e-12)


def test_is_the_correlation_of_residuals(stacks):
    models, data = stacks
    others = np.column_stack([np.ones(45), models[1:].T])

    def rest(y):
        return y - others @ np.linalg.lstsq(others, y, rcond=None)[0]

    expected = stats.pearsonr(rest(models[0]), rest(data[0]))[0]
    np.testing.assert_allclose(partial(models, data)[0, 0], expected)


def test_of_one_model_is_the_plain_correlation(stacks):
    models, data = stacks
    expected = stats.pearsonr(models[0], data[1])[0]
    np.testing.assert_allclose(partial(models[:1], data)[0, 1], expected)


def test_dependent_models_are_refused(stacks):
    models, data = stacks
    with pytest.raises(UndefinedError, match="3 model RDMs are linearly dependent"):
        partial(np.stack([models[0], models[1], models[0] + 2 * models[1]]), data)
    with pytest.raises(UndefinedError, match="data RDMs that are constant"):
        regression(models, np.ones((1, 45)))
    with pytest.raises(UndefinedError, match="model RDMs that are constant"):
        regression(np.ones((1, 45)), data)
