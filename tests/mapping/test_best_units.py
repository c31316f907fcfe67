"""Each target is predicted from the unit that fits it best."""

import numpy as np
from scipy.stats import linregress

from isocortex.mapping.models.best_units import BestUnits


def test_the_unit_of_largest_training_correlation_predicts_by_its_line(rng):
    train, test = rng.normal(size=(20, 6)) + 4, rng.normal(size=(5, 6)) + 4
    y = train[:, [2, 5]] * [2.0, -3.0] + rng.normal(size=(20, 2))
    outcome = BestUnits(train, test).outcome(y, size=True)
    for t in range(2):
        lines = [linregress(train[:, u], y[:, t]) for u in range(6)]
        best = int(np.argmax([abs(line.rvalue) for line in lines]))
        line = lines[best]
        assert outcome.chosen["chosen"][t] == best
        guess = line.intercept + line.slope * test[:, best]
        np.testing.assert_allclose(outcome.predicted[:, t], guess, atol=1e-12)
        fitted = line.intercept + line.slope * train[:, best]
        np.testing.assert_allclose(outcome.variance[t], fitted.var(), atol=1e-12)
