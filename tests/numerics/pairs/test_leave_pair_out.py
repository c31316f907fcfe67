import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from isocortex.numerics.pairs.discriminant import lda_accuracy
from isocortex.numerics.pairs.leave_pair_out import leave_pair_out, solver_for


@pytest.mark.parametrize(("m", "n_units"), [(20, 17), (30, 40), (30, 64), (12, 30)])
def test_the_fast_solvers_decide_and_equal_the_plain_one(rng, m, n_units):
    values = rng.normal(size=(3, 4, m, n_units)) @ rng.normal(size=(n_units, n_units))
    accuracy, unsure = leave_pair_out(values)
    assert solver_for(m, n_units) is not None
    assert unsure.mean() < 0.2
    trials = values.transpose(0, 2, 1, 3).reshape(3, -1, n_units)
    condition, fold = np.tile(np.arange(4), m), np.repeat(np.arange(m), 4)
    # An uneven last condition needs the general solver; it is left out of the comparison.
    extra = rng.normal(size=(3, 1, n_units))
    plain = lda_accuracy(
        np.concatenate([trials, trials[:, :m], extra], 1),
        np.r_[condition, np.full(m + 1, 4)],
        np.r_[fold, np.arange(m), 0],
    )
    columns = np.triu_indices(5, 1)[1]
    np.testing.assert_allclose(accuracy[~unsure], plain[:, columns < 4][~unsure], atol=1e-12)


def test_duplicated_trials_are_left_to_the_solver_for_any_case(rng):
    values = rng.normal(size=(1, 3, 8, 20))
    values[:, 0, 1] = values[:, 0, 0]
    _, unsure = leave_pair_out(values)
    assert unsure[0].tolist() == [True, True, False]


@pytest.mark.parametrize("shrinkage", [0.05, 1.0])
@pytest.mark.parametrize(("m", "n_units"), [(20, 17), (6, 30)])
def test_the_shrunken_solver_decides_and_equals_one_by_one(rng, m, n_units, shrinkage):
    values = rng.normal(size=(2, 3, m, n_units)) @ rng.normal(size=(n_units, n_units))
    accuracy, unsure = leave_pair_out(values, shrinkage)
    assert not unsure.any()
    for t in range(2):
        for pair, (a, b) in enumerate([(0, 1), (0, 2), (1, 2)]):
            right = 0
            for k in range(m):
                train = [np.delete(values[t, c], k, 0) for c in (a, b)]
                model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)
                model.fit(np.concatenate(train), np.repeat([0, 1], m - 1))
                right += (model.predict(values[t, [a, b], k]) == [0, 1]).sum()
            assert accuracy[t, pair] == pytest.approx(right / (2 * m))
