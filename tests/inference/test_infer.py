from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import isocortex as ic
from isocortex.inference.contrasts import spread
from isocortex.inference.models import models_of
from isocortex.inference.people import people_of
from isocortex.inference.samples import Task, drawn, sampled
from isocortex.numerics.inference.relabelling import relabellings

C = 20
NAMES = [f"image {i}" for i in range(C)]
PAIRS = C * (C - 1) // 2


def rdms(rng, n, **labels):
    """Of a few features, so that dissimilarities of a stimulus go together."""
    features = rng.normal(size=(n, C, 10))
    i, j = np.triu_indices(C, 1)
    return ic.RDMs(((features[:, i] - features[:, j]) ** 2).sum(2), NAMES, labels)


@pytest.fixture
def made(rng):
    """A true model and two others, and six people with noise."""
    models = rdms(rng, 3, layer=["true", "other", "third"])
    noise = rdms(rng, 6).values
    return models, ic.RDMs(models.values[0] + 2 * noise, NAMES, {"subject": range(6)})


@pytest.fixture
def result(made):
    return ic.infer(*made, "pearson", n=200, seed=1)


def test_the_table_says_what_was_found(made, result):
    table = result.table()
    assert table.columns.tolist() == [
        "model",
        "score",
        "ceiling_low",
        "ceiling_high",
        "low",
        "high",
        "p",
        "p_ceiling",
        "n",
        "dropped",
        "method",
    ]
    assert table["model"].tolist() == ["true", "other", "third"]
    assert (table["n"] == 200).all()
    assert table["method"][0] == "two-factor bootstrap of 6 subjects and 20 stimuli, published df"
    assert "true scores highest" in repr(result)
    assert "noise ceiling" in repr(result)


def test_scores_and_ceilings_are_those_of_the_data_themselves(made, result):
    table = result.table()
    np.testing.assert_allclose(table["score"], ic.compare(*made, "pearson").values.mean(1))
    low, up = ic.noise_ceiling(made[1], "pearson")
    np.testing.assert_allclose(table[["ceiling_low", "ceiling_high"]].to_numpy(), [(low, up)] * 3)


def test_intervals_and_p_are_those_of_one_t(made, result):
    table, pairs = result.table(), result.pairs()
    sd = (table["high"] - table["score"]) / stats.t.ppf(0.975, 5)
    np.testing.assert_allclose(table["p"], stats.t.sf(table["score"] / sd, 5))
    np.testing.assert_allclose(table["score"] - table["low"], table["high"] - table["score"])
    assert pairs.columns.tolist() == [
        "first",
        "second",
        "difference",
        "low",
        "high",
        "p",
        "p_corrected",
    ]
    assert pairs["first"].tolist() == ["true", "true", "other"]
    sd = (pairs["high"] - pairs["difference"]) / stats.t.ppf(0.975, 5)
    np.testing.assert_allclose(pairs["p"], 2 * stats.t.sf(abs(pairs["difference"]) / sd, 5))
    assert (pairs["p_corrected"] >= pairs["p"]).all()


def test_the_family_of_pairs_is_corrected_by_the_largest(result):
    by_max = result.pairs("max")
    samples = result.samples
    first, second = np.triu_indices(3, 1)
    differences = samples[:, first] - samples[:, second]
    studentized = abs(differences - differences.mean(0)) / differences.std(0, ddof=1)
    sd = (by_max["high"] - by_max["difference"]) / stats.t.ppf(0.975, 5)
    t = abs(by_max["difference"] / sd).to_numpy()
    reaching = (studentized.max(1)[:, None] >= t).sum(0)
    np.testing.assert_allclose(by_max["p_corrected"], (1 + reaching) / (1 + len(samples)))
    with pytest.raises(ic.InputError, match="correction='bonferroni' is not known"):
        result.pairs("bonferroni")


def test_the_same_seed_gives_the_same_numbers(made, result):
    again = ic.infer(*made, "pearson", n=200, seed=1)
    assert again.table().equals(result.table())
    other = ic.infer(*made, "pearson", n=200, seed=2)
    assert not other.table().equals(result.table())


def test_rows_meet_by_name_not_by_place(made, result, rng):
    models, brain = made
    shuffled = models.take(rng.permutation(C))
    found = ic.infer(shuffled, brain, "pearson", n=200, seed=1).table()
    np.testing.assert_allclose(found["score"], result.table()["score"])
    np.testing.assert_allclose(found["low"], result.table()["low"])


def test_a_dict_names_the_models(made):
    models, brain = made
    stacks = {"best": models.select(layer="true"), "rest": models.select(layer=["other", "third"])}
    found = ic.infer(stacks, brain, "pearson", n=50)
    assert found.models == ("best", "rest other", "rest third")


def test_identical_models_do_not_differ(made):
    models, brain = made
    stacks = {"a": models.select(layer="true"), "b": models.select(layer="true")}
    pairs = ic.infer(stacks, brain, "pearson", n=50).pairs()
    assert pairs["p"].tolist() == [1.0]
    assert pairs[["difference", "low", "high"]].to_numpy().tolist() == [[0, 0, 0]]


@pytest.mark.parametrize("factor", ["subject", "stimulus"])
def test_one_factor_has_its_own_degrees_of_freedom(made, factor):
    models, brain = made
    found = ic.infer(models, brain, "pearson", over=factor, n=400, seed=3)
    n = {"subject": 6, "stimulus": C}[factor]
    sd = (found.table()["high"] - found.score) / stats.t.ppf(0.975, n - 1)
    if factor == "subject":
        # The bootstrap of a mean over people is the usual standard error, up to n samples.
        scores = ic.compare(models, brain, "pearson").values
        np.testing.assert_allclose(sd, scores.std(1, ddof=1) / np.sqrt(6), rtol=0.12)
    expected = "bootstrap of 6 subjects on these" if factor == "subject" else "bootstrap of 20 stim"
    assert found.method.startswith(expected)


def test_satterthwaite_has_more_degrees_of_freedom_and_the_same_variance(made):
    published = ic.infer(*made, "pearson", n=200)
    more = ic.infer(*made, "pearson", n=200, df="satterthwaite")
    np.testing.assert_array_equal(more.spread.of_scores, published.spread.of_scores)
    assert (more.spread.df_of_scores >= 5).all()
    assert (more.spread.df_of_scores <= 5 + C - 1).all()


def test_one_person_can_be_tested_over_stimuli(made):
    models, brain = made
    alone = brain.select(subject=2)
    table = ic.infer(models, alone, "spearman", over="stimulus", n=200).table()
    assert table["ceiling_low"].isna().all()
    assert table["p_ceiling"].isna().all()
    assert table["p"][0] < 0.01
    with pytest.raises(ic.InputError, match="at least 5 of them, but there is 1.*over='stimulus'"):
        ic.infer(models, alone, "spearman")


def test_several_rdms_of_a_person_are_one_person(made):
    models, brain = made
    twice = ic.RDMs.concat([brain, brain])
    one, two = (ic.infer(models, each, "pearson", n=100) for each in (brain, twice))
    np.testing.assert_allclose(two.table().iloc[:, 1:8], one.table().iloc[:, 1:8], atol=1e-12)
    assert two.notes["n_subjects"] == 6


def test_the_cosines_have_no_zero_and_p_is_of_relabelled_stimuli(rng):
    models, brain = rdms(rng, 2, layer=["a", "b"]), rdms(rng, 8, subject=range(8))
    found = ic.infer(models, brain, "whitened_cosine", n=200)
    assert (found.score > 0.3).all()
    assert (found.p > 0.02).all()
    assert "stimuli relabelled 200 times, since whitened_cosine has no zero" in found.method


def test_permutation_is_of_stimuli_and_gives_no_intervals(made):
    found = ic.infer(*made, "spearman", method="permutation", n=500)
    table = found.table()
    assert table["p"][0] == pytest.approx(1 / 501)
    assert table[["low", "high", "p_ceiling"]].isna().all(axis=None)
    assert "relabelled 500 times, for these 6 subjects" in found.method
    with pytest.raises(ic.InputError, match="cannot compare two models"):
        found.pairs()


@pytest.mark.parametrize("metric", ["pearson", "spearman", "whitened_correlation"])
@pytest.mark.parametrize("gaps", [False, True])
def test_permutation_compares_relabelled_models_with_each_person(made, metric, gaps):
    models, brain = made
    values = brain.values.copy()
    i, j = np.triu_indices(C, 1)
    if gaps:
        values[0, (i == 3) | (j == 3)] = np.nan
    brain = ic.RDMs(values, NAMES, brain.labels, gaps=gaps)
    found = ic.infer(models, brain, metric, method="permutation", n=20, seed=4)
    null = []
    for order in relabellings(20, C, np.random.default_rng(4)):
        moved = ic.RDMs(models.take(order).values, NAMES, models.labels)
        null.append(ic.compare(moved, brain, metric).values.mean(1))
    observed = ic.compare(models, brain, metric).values.mean(1)
    np.testing.assert_allclose(found.score, observed)
    np.testing.assert_allclose(found.p, (1 + (np.array(null) >= observed).sum(0)) / 21)


@pytest.mark.parametrize("metric", ["pearson", "spearman", "whitened_cosine"])
def test_people_who_lack_stimuli_count_with_those_they_have(made, metric):
    models, brain = made
    values = brain.values.copy()
    i, j = np.triu_indices(C, 1)
    for person, lacking in ((0, 3), (1, 7), (1, 8)):
        values[person, (i == lacking) | (j == lacking)] = np.nan
    gaps = ic.RDMs(values, NAMES, brain.labels, gaps=True)
    found = ic.infer(models, gaps, metric, n=100)
    parts = [
        brain.select(subject=s).take([k for k in range(C) if k not in out])
        for s, out in ((0, [3]), (1, [7, 8]), *((s, []) for s in range(2, 6)))
    ]
    scores = [
        ic.compare(models.take([NAMES.index(n) for n in p.stimuli]), p, metric).values
        for p in parts
    ]
    np.testing.assert_allclose(found.score, np.mean(scores, axis=0)[:, 0])
    whole = ic.infer(models, brain, metric, n=100)
    np.testing.assert_allclose(found.table()["low"], whole.table()["low"], atol=0.05)


def test_bad_input(made, rng):
    models, brain = made
    few = brain.select(subject=[0, 1, 2])
    with pytest.raises(ic.InputError, match="needs at least 5 of them, but there are 3"):
        ic.infer(models, few)
    four = list(range(4))
    with pytest.raises(ic.InputError, match="needs at least 5 of them, but there are 4"):
        ic.infer(models.take(four), brain.take(four))
    with pytest.raises(ic.MisalignedError, match="different stimuli"):
        ic.infer(models.take(range(C - 1)), brain)
    with pytest.raises(ic.InputError, match="'tau_a' is no product.*Use pearson"):
        ic.infer(models, brain, "tau_a")
    with pytest.raises(ic.InputError, match="Did you mean 'spearman'"):
        ic.infer(models, brain, "speerman")
    with pytest.raises(ic.InputError, match="over='run' is not known"):
        ic.infer(models, brain, over="run")
    with pytest.raises(ic.InputError, match="df='welch' is not known"):
        ic.infer(models, brain, df="welch")
    with pytest.raises(ic.InputError, match="n must be a whole number"):
        ic.infer(models, brain, n=5)
    with pytest.raises(ic.InputError, match="2 different regions"):
        ic.infer(
            models,
            ic.RDMs.concat([ic.RDMs(brain.values, NAMES, {"region": r}) for r in ("V1", "IT")]),
        )
    with pytest.raises(ic.InputError, match="names stand for several models"):
        ic.infer(ic.RDMs(models.values, NAMES, {"network": "alexnet"}), brain)
    flat = ic.RDMs(np.ones((1, PAIRS)), NAMES, {"layer": ["flat"]})
    with pytest.raises(ic.UndefinedError, match="undefined for models 'flat'"):
        ic.infer(flat, brain, "pearson")
    with pytest.raises(ic.InputError, match="needs RDMs as brain, not ndarray"):
        ic.infer(models, brain.values)


def test_few_stimuli_are_told(made):
    models, brain = (each.take(range(8)) for each in made)
    with pytest.warns(ic.IsocortexWarning, match="with 8 stimuli"):
        ic.infer(models, brain, "pearson", n=100)


def test_few_stimuli_have_all_relabellings(made):
    models, brain = (each.take(range(5)) for each in made)
    found = ic.infer(models, brain, "pearson", method="permutation")
    assert found.n == 119
    np.testing.assert_allclose((found.p * 120) % 1, 0, atol=1e-9)


def test_too_few_distinct_stimuli_are_dropped_and_counted(made):
    models, brain = (each.take(range(5)) for each in made)
    with pytest.warns(ic.IsocortexWarning):
        found = ic.infer(models, brain, "spearman", n=500)
    assert 5 < found.dropped < 100
    assert (found.table()["dropped"] == found.dropped).all()


def test_a_result_is_saved_whole_and_as_a_table(result, tmp_path):
    again = ic.read(ic.save(result, tmp_path / "result.npz"))
    pd.testing.assert_frame_equal(again.table(), result.table())
    pd.testing.assert_frame_equal(again.pairs("max"), result.pairs("max"))
    assert repr(again) == repr(result)
    table = pd.read_csv(ic.save(result, tmp_path / "result.csv"))
    pd.testing.assert_frame_equal(table, result.table(), check_dtype=False)


# Oracles


@pytest.mark.parametrize(
    ("metric", "theirs"),
    [
        ("pearson", "corr"),
        ("cosine", "cosine"),
        ("whitened_cosine", "cosine_cov"),
        ("whitened_correlation", "corr_cov"),
        ("spearman", "spearman"),
    ],
)
def test_all_three_bootstraps_are_those_of_rsatoolbox(made, rng, metric, theirs, monkeypatch):
    evaluate = pytest.importorskip("rsatoolbox.inference.evaluate")
    rdm, model = pytest.importorskip("rsatoolbox.rdm"), pytest.importorskip("rsatoolbox.model")
    models, brain = made
    task = Task(models_of(models, brain), brain.values, people_of(brain), C, metric)
    stimuli, people = drawn(task, ("subject", "stimulus"), 6, rng)
    handed = iter(zip(stimuli, people, strict=True))

    def ours(data, rdm_descriptor, pattern_descriptor):
        w, u = (np.repeat(np.arange(len(each)), each) for each in next(handed))
        sample = data.subsample("index", u).subsample_pattern("index", w)
        return sample, u, w

    monkeypatch.setattr(evaluate, "bootstrap_sample", ours)
    monkeypatch.setattr(evaluate, "tqdm", SimpleNamespace(trange=range))
    fixed = [model.ModelFixed(str(i), row) for i, row in enumerate(models.values)]
    expected = evaluate.eval_dual_bootstrap(
        fixed, rdm.RDMs(brain.values), method=theirs, N=6, k_pattern=1, k_rdm=1
    )
    found = sampled(task, ("subject", "stimulus"), stimuli, people)
    for place, factor in enumerate(("both", "subject", "stimulus")):
        np.testing.assert_allclose(
            found.by_factor[factor][:, 0, :3], expected.evaluations[:, :, 0, 0, place], atol=1e-8
        )
        if metric in ("pearson", "cosine"):
            # Theirs pools whitened and ranked RDMs as if they were neither.
            np.testing.assert_allclose(
                found.by_factor[factor][:, 0, 3], expected.noise_ceiling[0, :, 0, place], atol=1e-8
            )


def test_two_factor_variances_of_models_are_those_of_rsatoolbox(made, rng):
    util = pytest.importorskip("rsatoolbox.util.inference_util")
    models, brain = made
    task = Task(models_of(models, brain), brain.values, people_of(brain), C, "pearson")
    samples = sampled(
        task, ("subject", "stimulus"), *drawn(task, ("subject", "stimulus"), 200, rng)
    )
    found = spread(samples, 6, C, "published")
    covariances = np.array(
        [np.cov(samples.by_factor[f][:, 0].T) for f in ("both", "subject", "stimulus")]
    )
    theirs = util._dual_bootstrap(np.array([np.diag(c) for c in covariances]), 6, C)
    np.testing.assert_allclose(found.of_scores, theirs, rtol=1e-10)


def test_what_permutation_cannot_say_is_a_sentence(made):
    models, brain = made
    with pytest.raises(ic.InputError, match="exchanges stimuli, and says nothing of other subj"):
        ic.infer(models, brain, method="permutation", over="subject")
    few = [each.take(range(4)) for each in made]
    with pytest.raises(ic.InputError, match="needs at least 5 stimuli to exchange, not 4"):
        ic.infer(*few, method="permutation")


def test_each_comparison_that_samples_cannot_weight_says_why(made):
    with pytest.raises(ic.InputError, match="'kendall' is no product.*pairs of pairs"):
        ic.infer(*made, "kendall")
    with pytest.raises(
        ic.InputError, match="'regression' is no product of single RDMs.*weight. Us"
    ):
        ic.infer(*made, "regression")


def test_who_cannot_be_compared_is_named(made):
    models, brain = made
    values = brain.values.copy()
    values[2] = 1.0
    flat = ic.RDMs(values, brain.stimuli, {"subject": list("abcdef")})
    with pytest.raises(ic.UndefinedError, match="undefined for subjects 'c'"):
        ic.infer(models, flat)
    constant = ic.RDMs(np.ones((1, values.shape[1])), brain.stimuli)
    with pytest.raises(ic.UndefinedError, match="undefined for models 'flat'"):
        ic.infer({"flat": constant}, brain)
