import numpy as np
import pytest

import isocortex as ic


def test_trials_name_the_channels_and_trials_with_nan(rng):
    values = rng.normal(size=(6, 3, 4))
    values[2, 1, 0] = np.nan
    with pytest.raises(ic.InputError, match=r"1 of 3 units \('Pz'\) and 1 of 6 trials \('2'\)"):
        ic.Trials(values, list("ababab"), units={"channel": ["Cz", "Pz", "Oz"]})
    with pytest.raises(ic.InputError, match=r"4 time points but times has shape \(3,\)"):
        ic.Trials(np.ones((6, 3, 4)), list("ababab"), times=[0, 1, 2])
