import numpy as np

from isocortex.numerics.series.intersubject import alike, shifted


def unit_series(rng, shape):
    z = rng.normal(size=shape) + 0.5 * rng.normal(size=(1, *shape[1:]))
    z -= z.mean(1, keepdims=True)
    return z / np.sqrt((z**2).sum(1, keepdims=True))


def test_sums_over_subjects_give_what_a_loop_gives(rng):
    z = unit_series(rng, (6, 50, 3))
    found = alike(z)
    for unit in range(3):
        x = z[:, :, unit]
        for s in range(6):
            others = np.delete(x, s, 0).mean(0)
            assert abs(np.corrcoef(x[s], others)[0, 1] - found.left_out[s, unit]) < 1e-14
            assert abs(np.corrcoef(x[s], x.mean(0))[0, 1] - found.included[s, unit]) < 1e-14
        r = np.corrcoef(x)
        assert abs(r[np.triu_indices(6, 1)].mean() - found.pairwise[unit]) < 1e-14


def test_shifts_turn_each_run_of_each_subject_by_itself(rng):
    z = np.tile(np.arange(10.0)[None, :, None], (4, 1, 2))
    runs = [np.arange(6), np.arange(6, 10)]
    turned = shifted(z, runs, rng)
    for subject in turned[:, :, 0]:
        for run in runs:
            steps = (np.diff(subject[run]) - 1) % len(run)
            assert (steps == 0).all()
            assert sorted(subject[run]) == run.tolist()
    assert (turned[:, :, 0] == turned[:, :, 1]).all()
    assert len({tuple(each) for each in turned[:, :, 0]}) > 1
