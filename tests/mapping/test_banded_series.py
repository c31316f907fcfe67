"""Spaces of a series: each with delays of its own, and p-values from circular shifts."""

import numpy as np
import pytest
from scipy.signal import lfilter

import isocortex as ic

ALPHAS = np.logspace(-1, 4, 6)


def series(rng, n, p, phi=0.9):
    return lfilter([1], [1, -phi], rng.normal(size=(n, p)), axis=0)


def test_each_space_has_its_own_delays_through_its_gram(rng, tmp_path):
    n, names = 90, [f"volume {i}" for i in range(90)]
    runs = np.repeat([0, 1, 2], 30)
    rate, glove = (
        ic.Responses(
            series(rng, n, p), names, labels={"layer": name}, table={"run": runs.astype(str)}
        )
        for name, p in (("rate", 1), ("glove", 12))
    )
    y = rate.numpy()[:, :1] + glove.numpy() @ rng.normal(size=(12, 3)) + 3 * rng.normal(size=(n, 3))
    recording = ic.Responses(y, names, table={"run": runs.astype(str)})
    late = [ic.delayed(rate, [1, 2, 3, 4]), ic.delayed(glove, [0, 2])]
    by_hand = [
        ic.Responses(each.numpy(), names, labels=each.labels, table=each.table) for each in late
    ]
    folds = [(np.flatnonzero(runs != r), np.flatnonzero(runs == r)) for r in range(3)]
    model = ic.BandedRidge(ALPHAS, inner=3)
    found, plain = (ic.encode(each, recording, model, folds=folds) for each in (late, by_hand))
    np.testing.assert_allclose(found.values, plain.values, atol=1e-4)
    np.testing.assert_allclose(found.columns["share"], plain.columns["share"], atol=1e-4)
    weights = found.models[0].weights
    assert [each.shape for each in weights.values()] == [(4, 3), (24, 3)]
    again = ic.encode(late, recording, model, folds=folds, accuracy="explained_variance")
    parts = ic.partition(again, method="parts").people.values
    only = ic.encode(late[0], recording, model, folds=folds, accuracy="explained_variance")
    # Models of some of the spaces have inner folds that follow the runs as well.
    np.testing.assert_allclose(parts[0] + parts[2], only.values.mean((0, 1)), atol=1e-5)
    read = ic.read(ic.save(again, tmp_path / "scores.npz"))
    np.testing.assert_allclose(ic.partition(read, method="parts").people.values, parts, atol=1e-4)
    predicted = found.models[0].predict(late).numpy()
    np.testing.assert_allclose(predicted, plain.models[0].predict(by_hand).numpy(), atol=1e-3)


def rejected(rng, n_sets, n_targets=4, n=80):
    """How often unrelated series have p up to .05, and how many there were."""
    p = []
    for _ in range(n_sets):
        spaces = [ic.Responses(series(rng, n, k), labels={"layer": str(k)}) for k in (2, 6)]
        scores = ic.encode(
            spaces,
            ic.Responses(series(rng, n, n_targets)),
            ic.BandedRidge(ALPHAS, inner=3),
            folds=4,
            permutations=ic.Permutation(39, null="circular"),
        )
        p.extend(np.ravel(scores.columns["p"]))
    return float(np.mean(np.array(p) <= 0.05)), len(p)


@pytest.mark.filterwarnings("ignore::isocortex.IsocortexWarning")
def test_everything_is_chosen_anew_for_every_shift(rng):
    share, n = rejected(rng, 3)
    assert n == 12
    assert share <= 0.34  # of 12: 5 or more at a rate of .1 come once in 230 runs.


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::isocortex.IsocortexWarning")
def test_p_values_of_unrelated_series_are_uniform_enough(rng):
    share, _ = rejected(rng, 60)
    assert 0.02 < share < 0.10


def test_shares_of_values_far_from_0_are_right_once_they_are_centred(rng):
    tr = 1.5
    onset = np.cumsum(rng.choice([0.2, 0.4, 1.6], 800, p=[0.6, 0.3, 0.1]))
    n = int(onset[-1] / tr) + 2
    table = {"onset": onset, "offset": onset + 0.1}
    zipf = 5 + rng.normal(size=(800, 1))
    rate, frequency = (
        ic.Responses(x, table=table, labels={"layer": name})
        for name, x in (("rate", np.ones((800, 1))), ("frequency", zipf))
    )
    planted = ic.resample(frequency, n, tr=tr, centre=True)
    y = planted.numpy() / planted.numpy().std() + rng.normal(size=(n, 4))
    recording = ic.Responses(y, planted.stimuli, table=planted.table)
    folds, model = ic.Folds.by_run(recording, 5), ic.BandedRidge(ALPHAS)

    def shares(centre):
        late = [
            ic.delayed(ic.resample(rate, n, tr=tr), [0, 1]),
            ic.delayed(ic.resample(frequency, n, tr=tr, centre=centre), [0, 1]),
        ]
        scores = ic.encode(late, recording, model, folds=folds, accuracy="explained_variance")
        return scores.columns["share"].mean((0, 1, 2))

    right = shares(True)
    np.testing.assert_allclose(right, [0, 0.5], atol=0.06)  # signal and noise have variance 1
    with pytest.warns(ic.IsocortexWarning, match=r"'rate' and 'frequency' correlate at 0\.9"):
        wrong = shares(False)
    assert wrong[0] > 0.15  # of nothing
