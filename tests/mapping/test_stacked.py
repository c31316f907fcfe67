import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LassoCV
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.model_selection import KFold

import isocortex as ic
from isocortex.numerics.linear.stacking import stacked_weights

ALPHAS = np.logspace(0, 4, 5)
NAMES = [f"image {i}" for i in range(48)]


@pytest.fixture
def made(rng):
    x = [rng.normal(size=(48, p)) + 3 for p in (3, 60, 8)]
    y = x[0] @ rng.normal(size=(3, 4)) + x[1][:, :5] @ rng.normal(size=(5, 4)) * [2, 1, 0, 0]
    y = y + rng.normal(size=y.shape) + 10
    spaces = [ic.Responses(v, NAMES, labels={"layer": n}) for n, v in zip("abc", x, strict=True)]
    return spaces, ic.Responses(y, NAMES)


def ridge(x, y, train, test):
    """With a penalty for each target, chosen on five folds of the training stimuli alone."""
    losses = np.zeros((len(ALPHAS), y.shape[1]))
    for a, b in KFold(5).split(train):
        for i, alpha in enumerate(ALPHAS):
            guess = SklearnRidge(alpha).fit(x[train[a]], y[train[a]]).predict(x[train[b]])
            losses[i] += ((guess - y[train[b]]) ** 2).mean(0)
    chosen = ALPHAS[losses.argmin(0)]
    return SklearnRidge(chosen).fit(x[train], y[train]).predict(x[test])


def slow(spaces, y, train, test):
    inner, truth = [], []
    for a, b in KFold(4).split(train):
        inner.append([ridge(x, y, train[a], train[b]) for x in spaces])
        truth.append(y[train[b]])
    weight = stacked_weights(np.concatenate(truth), np.concatenate(inner, axis=1))
    outer = np.array([ridge(x, y, train, test) for x in spaces])
    return weight, np.einsum("tb,bnt->nt", weight, outer)


def test_equals_a_slow_loop_that_never_sees_the_test_stimuli(made):
    spaces, recording = made
    model = ic.Stacked(ic.Ridge(ALPHAS), inner=4)
    scores = ic.encode(spaces, recording, model, folds=3)
    x, y = [each.numpy() for each in spaces], recording.numpy()
    for f, (train, test) in enumerate(KFold(3).split(y)):
        weight, predicted = slow(x, y, train, test)
        np.testing.assert_allclose(scores.columns["weight"][0, f], weight, atol=1e-7)
        np.testing.assert_allclose(scores.predicted[0].numpy()[test], predicted, atol=1e-7)
    np.testing.assert_allclose(scores.columns["weight"].sum(-1), 1)
    assert scores.columns["weight"].min() >= 0
    assert scores.columns["alpha"].shape == (1, 3, 4, 3)


def test_weights_do_not_change_with_what_is_held_out(made):
    spaces, recording = made
    y = recording.numpy().copy()
    y[:16] = np.random.default_rng(9).normal(size=(16, 4)) * 50
    model, folds = ic.Stacked(ic.OLS()), [(np.arange(16, 48), np.arange(16))]
    small = [spaces[0], spaces[2]]
    before, after = (
        ic.encode(small, ic.Responses(each, NAMES), model, folds=folds)
        for each in (recording.numpy(), y)
    )
    np.testing.assert_array_equal(before.columns["weight"], after.columns["weight"])
    np.testing.assert_array_equal(before.predicted[0].numpy(), after.predicted[0].numpy())


def test_shares_parts_models_and_files_as_of_a_banded_ridge(made, tmp_path):
    spaces, recording = made
    scores = ic.encode(
        spaces,
        recording,
        ic.Stacked(ic.Ridge(ALPHAS)),
        folds=3,
        accuracy="explained_variance",
        keep_model=True,
    )
    np.testing.assert_allclose(scores.columns["share"].sum(-1), scores.values, atol=1e-10)
    for method in ("product", "parts"):
        parts = ic.partition(scores, method=method)
        total = scores.values.mean((0, 1))
        np.testing.assert_allclose(parts.people.values[:-1].sum(0), total, atol=1e-10)
    joined = np.concatenate([each.numpy() for each in spaces], 1)
    whole = ic.Stacked(ic.Ridge(ALPHAS), bands=[3, 60, 8])
    fitted = clone(whole).fit(joined, recording.numpy())
    again = ic.read(ic.save(scores, tmp_path / "scores.npz"))
    for each in (scores, again):
        found = each.models[0].predict(spaces).numpy()
        np.testing.assert_allclose(found, fitted.predict(joined), atol=1e-8)
        np.testing.assert_allclose(each.models[0].chosen["weight"], fitted.weights_, atol=1e-12)
    grams = ic.encode([ic.gram(each) for each in spaces], recording, whole, folds=3)
    np.testing.assert_allclose(grams.columns["weight"], scores.columns["weight"], atol=1e-6)


def test_one_space_is_its_own_model_and_decoding_stacks_regions(made):
    spaces, recording = made
    alone = ic.encode(spaces[0], recording, ic.Stacked(ic.OLS()), folds=3)
    np.testing.assert_allclose(
        alone.values, ic.encode(spaces[0], recording, ic.OLS(), folds=3).values, atol=1e-9
    )
    regions = [s.replace(labels={"region": n}) for s, n in zip(spaces, "abc", strict=True)]
    found = ic.decode(regions, recording, ic.Stacked(ic.PCR(2)), folds=3, pooled=True)
    assert found.columns["weight"].shape == (1, 4, 3)


def test_runs_stay_whole_inside(made):
    spaces, recording = made
    runs = dict(zip(NAMES, np.repeat(range(6), 8), strict=True))
    from sklearn.model_selection import LeaveOneGroupOut

    folds = ic.Folds(LeaveOneGroupOut(), runs)
    found = ic.encode(spaces, recording, ic.Stacked(ic.Ridge(ALPHAS)), folds=folds)
    rows = np.arange(48)
    x, y = [each.numpy() for each in spaces], recording.numpy()
    train = rows[8:]
    inner = [(rows[(rows >= 8) & (rows // 8 != r)], rows[rows // 8 == r]) for r in range(1, 6)]
    chosen = [ic.Ridge(ALPHAS, inner=4)] * 3
    parts, truth = [], []
    for a, b in inner:
        parts.append(
            [clone(m).fit(v[a], y[a]).predict(v[b]) for m, v in zip(chosen, x, strict=True)]
        )
        truth.append(y[b])
    weight = stacked_weights(np.concatenate(truth), np.concatenate(parts, axis=1))
    np.testing.assert_allclose(found.columns["weight"][0, 0], weight, atol=1e-7)
    assert len(train) == 40


def test_bad_input_is_answered_with_a_sentence(made):
    spaces, recording = made
    with pytest.raises(ic.InputError, match="must follow from inner products"):
        ic.encode(spaces, recording, ic.Stacked(LassoCV()))
    with pytest.raises(ic.InputError, match="must follow from inner products"):
        ic.encode(spaces, recording, ic.Stacked(ic.BandedRidge(ALPHAS)))
    with pytest.raises(ic.InputError, match="up to 10 feature spaces, not 12"):
        ic.encode(spaces * 4, recording, ic.Stacked(ic.OLS()), folds=3)
    with pytest.raises(ic.InputError, match="add up to 5 columns, but X has 3"):
        ic.Stacked(ic.OLS(), bands=[2, 3]).fit(np.ones((9, 3)), np.ones(9))
    with pytest.raises(ic.InputError, match="penalties above 0"):
        ic.encode(spaces, recording, ic.Stacked(ic.Ridge(-1.0)))
