import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from isocortex.errors import UndefinedError
from isocortex.numerics.measures.partial import explained, partial, partial_spearman, regression

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


def test_one_model_has_no_others_to_take_out(stacks):
    models, data = stacks
    for function in (partial, partial_spearman):
        with pytest.raises(UndefinedError, match="there is one only; use 'pearson'"):
            function(models[:1], data)


def test_as_many_pairs_as_weights_and_intercept_are_enough():
    models = np.array([[1.0, -1.0, 0.0], [1.0, 1.0, -2.0]])
    data = 3 * models[:1] + 5 * models[1:]
    np.testing.assert_allclose(regression(models, data + 7), [[3], [5]])
    np.testing.assert_allclose(explained(models, data + 7), 1)
    with pytest.raises(UndefinedError, match="2 model RDMs together need at least 4 pairs"):
        partial(models, data)
    with pytest.raises(UndefinedError, match="3 model RDMs together need at least 4 pairs"):
        regression(np.eye(3), data)


def test_explained_is_the_r2_of_scikit_learn(stacks):
    models, data = stacks
    fitted = LinearRegression().fit(models.T, data.T)
    expected = [r2_score(y, fitted.predict(models.T)[:, i]) for i, y in enumerate(data)]
    np.testing.assert_allclose(explained(models, data), expected)
    np.testing.assert_allclose(explained(models + 1e6, data + 1e6), expected, rtol=1e-8)


def test_dependent_models_are_refused(stacks):
    models, data = stacks
    with pytest.raises(UndefinedError, match="3 model RDMs are linearly dependent"):
        partial(np.stack([models[0], models[1], models[0] + 2 * models[1]]), data)
    with pytest.raises(UndefinedError, match="data RDMs that are constant"):
        regression(models, np.ones((1, 45)))
    with pytest.raises(UndefinedError, match="model RDMs that are constant"):
        regression(np.ones((1, 45)), data)
