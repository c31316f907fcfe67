import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import zscore

import isocortex as ic

TIMES = [f"volume {i}" for i in range(120)]


def people(rng, n=5, shared=1.0, n_units=2, **options):
    film = rng.normal(size=(120, n_units))
    return [
        ic.Responses(
            shared * film + rng.normal(size=(120, n_units)),
            TIMES,
            {"region": [f"r{i}" for i in range(n_units)]},
            {"subject": f"s{i}"},
            **options,
        )
        for i in range(n)
    ]


def test_each_subject_is_held_against_the_mean_of_the_others(rng):
    who = people(rng)
    scores = ic.intersubject(who)
    assert scores.dims == ("subject", "unit")
    z = np.array([zscore(each.numpy(), axis=0) for each in who])
    for s in range(5):
        others = np.delete(z, s, 0).mean(0)
        for unit in range(2):
            r = np.corrcoef(z[s, :, unit], others[:, unit])[0, 1]
            assert scores.values[s, unit] == pytest.approx(r, abs=1e-14)
    assert scores.tables["subject"]["subject"].tolist() == ["s0", "s1", "s2", "s3", "s4"]
    assert scores.tables["unit"]["region"].tolist() == ["r0", "r1"]


def test_reliability_and_ceilings_are_spearman_browns(rng):
    who = people(rng)
    table = ic.intersubject(who).mean("subject").table()
    r = np.corrcoef([each.numpy()[:, 0] for each in who])[np.triu_indices(5, 1)].mean()
    alpha = 5 * r / (1 + 4 * r)
    wanted = [r, alpha, np.sqrt(alpha), np.sqrt(r)]
    named = ["pairwise", "reliability", "ceiling_group", "ceiling_single"]
    np.testing.assert_allclose(table[named].iloc[0].astype(float), wanted, atol=1e-14)


def test_a_perfect_model_of_the_group_reaches_its_ceiling(rng):
    """Over many draws, the true signal's r with the group's mean is the root of reliability."""
    reached, ceilings = [], []
    for _ in range(60):
        film = rng.normal(size=120)
        noisy = film + 1.5 * rng.normal(size=(8, 120))
        who = [ic.Responses(x[:, None], TIMES, labels={"subject": i}) for i, x in enumerate(noisy)]
        reached.append(np.corrcoef(film, np.mean(zscore(noisy, axis=1), 0))[0, 1])
        ceilings.append(ic.intersubject(who).columns["ceiling_group"].item())
    assert np.mean(reached) == pytest.approx(np.mean(ceilings), abs=0.01)


def test_rows_meet_by_name_and_keys_name_subjects(rng):
    who = people(rng)
    turned = [who[0], *(each.take(rng.permutation(120)) for each in who[1:])]
    named = {f"p{i}": each for i, each in enumerate(turned)}
    scores = ic.intersubject(named)
    np.testing.assert_allclose(scores.values, ic.intersubject(who).values, atol=1e-13)
    assert scores.tables["subject"]["subject"].tolist() == [f"p{i}" for i in range(5)]


def test_unrelated_slow_series_are_found_alike_in_one_of_twenty_draws(rng):
    p = []
    for seed in range(60):
        noise = lfilter([1], [1, -0.8], rng.normal(size=(6, 300, 3)), axis=1)[:, 180:]
        who = [ic.Responses(x, TIMES, labels={"subject": i}) for i, x in enumerate(noise)]
        p += ic.intersubject(who, permutations=ic.Permutation(99, seed)).columns["p"].tolist()
    assert 0.01 <= np.mean(np.ravel(p) <= 0.05) <= 0.10
    shared = ic.intersubject(people(rng), permutations=199)
    assert (shared.columns["p"] == 1 / 200).all()
    assert shared.notes["null"] == "circular"


def test_runs_are_shifted_each_by_itself(rng):
    who = people(rng, table={"run": ["a"] * 60 + ["b"] * 60})
    found = ic.intersubject(who, permutations=ic.Permutation(99, null="circular"))
    assert found.columns["p"].max() <= 0.05
    with pytest.raises(ic.InputError, match="shifts series; null='rows'"):
        ic.intersubject(who, permutations=ic.Permutation(99, null="rows"))


def test_who_says_nothing_is_named(rng):
    who = people(rng)
    who[3] = who[3].replace(values=np.zeros((120, 2)))
    with pytest.raises(ic.InputError, match="subject 's3' is constant in all 2 units.*Leave it"):
        ic.intersubject(who)
    half = who[2].numpy().copy()
    half[:, 1] = 7.0
    who[3] = who[2].replace(values=half, labels={"subject": "s3"})
    with pytest.warns(ic.IsocortexWarning, match="1 of 2 units are constant in subject 's3'"):
        scores = ic.intersubject(who, permutations=19)
    assert np.isfinite(scores.values[:, 0]).all()
    assert np.isnan(scores.values[:, 1]).all()
    assert np.isnan(scores.columns["p"][0, 1])


def test_what_cannot_be_compared_is_refused(rng):
    who = people(rng)
    with pytest.raises(ic.InputError, match="two or more subjects.* got 1"):
        ic.intersubject(who[:1])
    with pytest.raises(ic.InputError, match="subject 's1' has other units than subject 's0'"):
        ic.intersubject([who[0], who[1].units_where([0]), who[2]])
    with pytest.raises(ic.MisalignedError, match="intersubject: the two have different stimuli"):
        ic.intersubject([who[0], who[1].take(slice(0, 100))])
