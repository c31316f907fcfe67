import numpy as np
import pandas as pd
import pytest
from scipy import stats

from isocortex.study.ranking import chosen_by_others, ranked_networks


def table(scores):
    """Rows of ``{network: array (people, layers)}``."""
    rows = [
        {"network": network, "layer": f"layer {j}", "subject": f"s{i}", "score": value}
        for network, held in scores.items()
        for i, person in enumerate(held)
        for j, value in enumerate(person)
    ]
    return pd.DataFrame(rows)


def test_each_persons_layer_is_chosen_by_the_others():
    scores = np.random.default_rng(0).normal(size=(6, 4))
    values, layers = chosen_by_others(scores)
    for person in range(6):
        best = np.delete(scores, person, 0).mean(0).argmax()
        assert layers[person] == best
        assert values[person] == scores[person, best]


def test_choosing_among_noise_gives_no_score():
    rng = np.random.default_rng(1)
    honest = [chosen_by_others(rng.normal(size=(8, 20)))[0].mean() for _ in range(400)]
    naive = [rng.normal(size=(8, 20)).mean(0).max() for _ in range(400)]
    assert abs(np.mean(honest)) < 3 * np.std(honest) / 20
    assert np.mean(naive) > 0.5


def test_intervals_and_differences_are_t_tests_over_people_with_holm():
    rng = np.random.default_rng(2)
    scores = {name: rng.normal(shift, 1, (10, 1)) for name, shift in (("a", 0), ("b", 1), ("c", 2))}
    found = ranked_networks(table(scores), 0.9)
    assert found.honest
    best = found.networks.iloc[0]
    held = scores[best["network"]][:, 0]
    span = stats.t.interval(0.9, 9, held.mean(), stats.sem(held))
    assert (best["low"], best["high"]) == pytest.approx(span)
    raw = [
        stats.ttest_rel(scores[row.first][:, 0], scores[row.second][:, 0]).pvalue
        for row in found.pairs.itertuples()
    ]
    order = np.argsort(raw)
    holm = np.maximum.accumulate(np.minimum(1, np.array(raw)[order] * [3, 2, 1]))
    assert found.pairs["p"].to_numpy()[order] == pytest.approx(holm)


def test_one_person_has_neither_interval_nor_test():
    found = ranked_networks(table({"a": np.ones((1, 2)), "b": np.zeros((1, 2))}), 0.95)
    assert not found.honest
    assert found.networks["low"].isna().all()
    assert found.pairs["p"].isna().all()
