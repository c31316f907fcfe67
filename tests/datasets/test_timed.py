import numpy as np
import pytest

import isocortex as ic


def test_fingers_have_the_distances_of_their_readme(shared):
    data = ic.datasets.finger7t()
    rdms = ic.RDMs.concat([ic.rdms(each, "crossnobis") for each in data.trials])
    between = ic.compare(rdms, rdms, "pearson").values[np.triu_indices(7, 1)].mean()
    np.testing.assert_allclose(between, 0.79, atol=0.005)
    models = ic.compare(data.models, rdms, "pearson").values.mean(1)
    np.testing.assert_allclose(models, [0.77, 0.85, 0.64], atol=0.005)


def test_neurons_tell_objects_apart_after_the_stimulus_only(shared):
    trials = ic.datasets.objects7_it(width=0.1)
    assert trials.values.shape == (399, 132, 10)
    accuracy = ic.decoding_rdms(trials, folds=5).values.mean(1)
    assert (abs(accuracy[trials.times < 0] - 0.5) < 0.03).all()
    assert (accuracy[trials.times > 0.1] > 0.65).all()
    with pytest.raises(ic.InputError, match="do not divide 1 s"):
        ic.datasets.objects7_it(width=0.3)


def test_faces_and_houses_come_apart_after_the_stimulus_only(shared):
    trials = ic.datasets.n170_eeg()
    assert [each.labels["subject"] for each in trials] == [1, 2, 3, 11]
    windows = [ic.time_windows(each, 0.1, step=0.1) for each in trials]
    rdms = ic.decoding_rdms(windows, folds=10, shrinkage="auto")
    course = rdms.values.reshape(4, -1).mean(0)
    times = windows[0].times
    assert abs(course[times < 0].mean() - 0.5) < 0.03
    assert course[(times > 0.2) & (times < 0.3)].max() > 0.56
