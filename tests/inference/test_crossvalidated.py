import numpy as np
import pytest

import isocortex as ic
from isocortex.inference.crossvalidated import _Fold, in_folds, repetitions
from isocortex.inference.models import models_of
from isocortex.inference.people import people_of
from isocortex.inference.relabelled import refitted_p
from isocortex.inference.samples import Task
from isocortex.numerics.inference.draws import default_folds, fold_numbers
from isocortex.numerics.inference.relabelling import relabellings

C = 18
NAMES = [f"image {i}" for i in range(C)]


def rdms(rng, n, noise=0.0, **labels):
    features = rng.normal(size=(n, C, 8))
    i, j = np.triu_indices(C, 1)
    values = ((features[:, i] - features[:, j]) ** 2).sum(2)
    return ic.RDMs(values + noise * rng.random(values.shape), NAMES, labels)


@pytest.fixture
def parts(rng):
    """Three parts of a model, and brains that weight them 3 : 1 : 0."""
    parts = rdms(rng, 3, part=["a", "b", "c"])
    mixed = 3 * parts.values[0] + parts.values[1] + 3 * rdms(rng, 6).values
    return parts, ic.RDMs(mixed, NAMES, {"subject": range(6)})


def slowly(model, brain, metric, folds):
    """One fold after the other, by the verbs for whole RDMs."""
    of_stimuli, of_people = folds
    scores = []
    for f in range(of_stimuli.max() + 1):
        train, test = np.flatnonzero(of_stimuli != f), np.flatnonzero(of_stimuli == f)
        x = model.rdms.take(train).values
        if metric != "cosine":
            x = x - x.mean(1, keepdims=True)
        for g in range(of_people.max() + 1):
            some = brain.take(train).values[of_people != g]
            d = some - some.mean(1, keepdims=True) if metric != "cosine" else some
            d = d / np.linalg.norm(d, axis=1, keepdims=True)
            weights = model.fit((x @ x.T)[None], (x @ d.sum(0))[None])[0]
            stack = model.rdms.take(test)
            sum_ = ic.RDMs(weights[None] @ stack.values, stack.stimuli)
            held_out = brain.select(subject=np.flatnonzero(of_people == g).tolist()).take(test)
            scores.append(ic.compare(sum_, held_out, metric).values.mean())
    return np.mean(scores)


@pytest.mark.parametrize("metric", ["pearson", "cosine", "spearman"])
@pytest.mark.parametrize("kind", [ic.Weighted, ic.Selected, ic.Interpolated])
def test_folds_are_fitted_and_scored_as_one_by_one(parts, metric, kind):
    several, brain = parts
    model = kind(several)
    task = Task(models_of(model, brain), brain.values, people_of(brain), C, metric)
    w, u = np.ones((1, C), dtype=int), np.ones((1, 6), dtype=int)
    found = in_folds(task, w, u, (3, 2), (1, np.random.default_rng(5))).columns[0, 0, 0]
    rng = np.random.default_rng(5)
    folds = fold_numbers(w, 3, rng)[0], fold_numbers(u, 2, rng)[0]
    assert found == pytest.approx(slowly(model, brain, metric, folds), abs=1e-9)


def test_fitted_and_single_models_stand_in_one_table(parts):
    several, brain = parts
    models = {
        "sum": ic.Weighted(several),
        "a": several.select(part="a"),
        "c": several.select(part="c"),
    }
    found = ic.infer(models, brain, "pearson", n=100)
    table = found.table().set_index("model")
    assert table["score"].idxmax() == "sum"
    assert table.loc["sum", "p"] < 0.05
    assert table.loc["c", "score"] < table.loc["a", "score"]
    assert "cross-validated over both in every sample" in found.method
    low, high = found.ceiling
    assert low < high


def test_freedom_alone_wins_nothing(rng):
    """Five unrelated models, fitted: in ten sets their mean score is about 0."""
    scores = []
    for _ in range(10):
        brain = rdms(rng, 6, subject=range(6))
        brain = ic.RDMs(brain.values + 2 * rdms(rng, 1).values, NAMES, brain.labels)
        several = rdms(rng, 5, part=list("abcde"))
        models = {"weighted": ic.Weighted(several, nonnegative=False), "one": ic.Selected(several)}
        scores.append(ic.infer(models, brain, "pearson", n=20).score)
    mean, error = np.mean(scores, axis=0), np.std(scores, axis=0, ddof=1) / np.sqrt(10)
    assert (np.abs(mean) < 3 * error + 0.01).all()


def test_one_person_is_fitted_and_tested_on_other_stimuli(parts):
    several, brain = parts
    found = ic.infer(
        ic.Weighted(several), brain.select(subject=0), "pearson", over="stimulus", n=50
    )
    assert found.score[0] > 0.2
    assert np.isnan(found.ceiling).all()


@pytest.mark.parametrize("metric", ["pearson", "spearman", "whitened_correlation"])
def test_people_who_lack_stimuli_are_fitted_and_tested_on_those_they_have(parts, metric):
    several, brain = parts
    i, j = np.triu_indices(C, 1)
    values = brain.values.copy()
    values[0, (i == 2) | (j == 2)] = np.nan
    values[3, (i == 5) | (j == 5)] = np.nan
    gaps = ic.RDMs(values, NAMES, brain.labels, gaps=True)
    models = {"sum": ic.Weighted(several), "a": several.select(part="a")}
    whole, found = (ic.infer(models, each, metric, n=20) for each in (brain, gaps))
    np.testing.assert_allclose(found.score, whole.score, atol=0.08)
    assert not np.array_equal(found.score, whole.score)
    np.testing.assert_allclose(found.ceiling, whole.ceiling, atol=0.08)


def test_gaps_that_hide_nothing_change_nothing(parts):
    """A stimulus that nobody has is one that the models have in vain."""
    several, brain = parts
    i, j = np.triu_indices(C, 1)
    values = np.where((i == 4) | (j == 4), np.nan, brain.values)
    gaps = ic.RDMs(values, NAMES, brain.labels, gaps=True)
    keep = [k for k in range(C) if k != 4]
    w, u = np.ones((1, C), dtype=int), np.ones((1, 6), dtype=int)
    scores = []
    for stimuli, people in (([*range(C)], gaps), (keep, brain)):
        part = ic.RDMs(several.take(stimuli).values, [NAMES[k] for k in stimuli], several.labels)
        task = Task(
            models_of(ic.Weighted(part), people.take(stimuli)),
            people.take(stimuli).values,
            people_of(people),
            len(stimuli),
            "pearson",
        )
        fold = _Fold(task)
        halves = [np.arange(C) % 2 == half for half in (0, 1)]
        fold.train((w * halves[0])[:, stimuli])
        fold.test((w * halves[1])[:, stimuli])
        scores.append(fold.columns(u * [1, 1, 1, 0, 0, 0], u * [0, 0, 0, 1, 1, 1], u)[0])
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-12)


def test_what_fitted_models_cannot_have_is_refused(parts):
    several, brain = parts
    with pytest.raises(ic.InputError, match="cannot be tested by method='permutation'"):
        ic.infer(ic.Weighted(several), brain, "pearson", method="permutation")


def test_of_cosines_p_is_of_relabelled_stimuli_and_new_fits(parts, rng):
    """Unrelated models score far above 0, and are told from related ones all the same."""
    several, brain = parts
    unrelated = rdms(rng, 3, part=["x", "y", "z"])
    models = {
        "sum": ic.Weighted(several),
        "unrelated": ic.Weighted(unrelated),
        "a": several.select(part="a"),
        "x": unrelated.select(part="x"),
    }
    found = ic.infer(models, brain, "whitened_cosine", n=30)
    assert (found.score > 0.3).all()
    assert found.p[[0, 2]] == pytest.approx(1 / 31)
    assert (found.p[[1, 3]] > 0.05).all()
    assert "relabelled 30 times, and models fitted anew, since whitened_cosine" in found.method


def test_new_fits_of_relabelled_models_are_those_of_moved_rdms(parts):
    """The same folds for all: a slow relabelling of whole RDMs gives the same p."""
    several, brain = parts
    models = {"sum": ic.Weighted(several), "c": several.select(part="c")}
    task = Task(models_of(models, brain), brain.values, people_of(brain), C, "cosine")
    p, n = refitted_p(task, 25, np.random.default_rng(8))
    again = np.random.default_rng(8)
    orders = relabellings(25, C, again)
    folds = int(again.integers(2**63))
    w, u = np.ones((1, C), dtype=int), np.ones((1, 6), dtype=int)
    scores = []
    for order in [np.arange(C), *orders]:
        moved = ic.RDMs(several.take(order).values, NAMES, several.labels)
        stack = {"sum": ic.Weighted(moved), "c": moved.select(part="c")}
        one = Task(models_of(stack, brain), brain.values, people_of(brain), C, "cosine")
        drawing = (2, np.random.default_rng(folds))
        columns = in_folds(one, w, u, default_folds(C, 6), drawing).columns
        scores.append(columns[0, :, :2].mean(0))
    expected = (1 + (np.array(scores[1:]) >= scores[0]).sum(0)) / 26
    np.testing.assert_allclose(p, expected)
    assert n == 25


def test_parts_of_which_one_is_a_sum_of_others_are_named(parts):
    several, brain = parts
    both = np.concatenate([several.values, several.values[:1] + 2 * several.values[1:2]])
    more = ic.RDMs(both, NAMES, {"part": ["a", "b", "c", "a + 2 b"]})
    sentence = "infer: free: 3 of the 4 RDMs .* dependent .'a', 'b', 'a . 2 b'"
    for metric in ("whitened_correlation", "spearman"):
        with pytest.raises(ic.UndefinedError, match=sentence):
            ic.infer({"free": ic.Weighted(more, nonnegative=False)}, brain, metric, n=20)
    held = {"at least 0": ic.Weighted(more), "penalty": ic.Weighted(more, False, alpha=0.1)}
    assert np.isfinite(ic.infer(held, brain, "pearson", n=20).score).all()


def test_the_fewer_samples_the_more_drawings_of_folds():
    assert [repetitions(n) for n in (20, 100, 300, 400, 999, 1000, 10_000)] == [
        10,
        10,
        4,
        3,
        2,
        2,
        2,
    ]


@pytest.mark.slow
def test_fitted_models_are_scored_on_what_each_person_has(parts, rng):
    """Also where many folds have too few stimuli of somebody."""
    several, brain = parts
    values = brain.values.copy()
    i, j = np.triu_indices(C, 1)
    for row in values:
        lost = rng.permutation(C)[:6]
        row[np.isin(i, lost) | np.isin(j, lost)] = np.nan
    gappy = ic.RDMs(values, NAMES, brain.labels, gaps=True)
    model = {"sum": ic.Weighted(several)}
    for metric in ("pearson", "rho_a"):
        whole, some = (ic.infer(model, each, metric, n=60) for each in (brain, gappy))
        assert some.dropped < 12
        assert some.score == pytest.approx(whole.score, abs=0.15)
        assert np.isfinite(some.table()[["low", "p_ceiling"]].to_numpy()).all()


def test_a_single_model_is_ranked_once_and_is_the_same_as_a_sum_of_one(rng, monkeypatch):
    """Weights of one model alone take the ranks of the fold; of any other sum they are new."""
    from isocortex.inference import crossvalidated

    names = [f"image {i}" for i in range(30)]
    parts = ic.RDMs(rng.random((3, 435)), names, {"layer": list("abc")})
    brain = ic.RDMs(parts.values.mean(0) + rng.random((10, 435)), names, {"subject": range(10)})
    asked = {"a": ic.Selected(parts), "b": parts.select(layer="b")}
    counted = []
    ranked = crossvalidated.RankedPeople
    monkeypatch.setattr(
        crossvalidated, "RankedPeople", lambda *a: counted.append(len(a[1])) or ranked(*a)
    )
    fast = ic.infer(asked, brain, "spearman", n=20, seed=2)
    assert not counted
    monkeypatch.setattr(
        crossvalidated, "_is_single", lambda weights: np.zeros(len(weights), dtype=bool)
    )
    slow = ic.infer(asked, brain, "spearman", n=20, seed=2)
    assert sum(counted) > 1000
    numbers = fast.table().select_dtypes("number")
    np.testing.assert_allclose(numbers, slow.table()[numbers.columns], atol=1e-12)
