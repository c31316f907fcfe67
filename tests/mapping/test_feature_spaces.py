import pickle

import numpy as np
import pytest

import isocortex as ic
from isocortex.numerics.measures.splits import product_split, without_means

ALPHAS = np.logspace(-3, 4, 8)
NAMES = [f"image {i}" for i in range(48)]


def test_shares_go_through_select_mean_and_table(space_scores):
    table = space_scores.table()
    assert {"share_rate", "share_glove", "mixture_rate", "alpha"} <= set(table.columns)
    np.testing.assert_allclose(table.share_rate + table.share_glove, table.score, atol=1e-10)
    mean = space_scores.mean("fold")
    np.testing.assert_allclose(mean.columns["share"].sum(-1), mean.values, atol=1e-10)
    one = space_scores.select(voxel=[1, 2]).columns["share"]
    np.testing.assert_array_equal(one, space_scores.columns["share"][:, :, 1:3])
    both = ic.Scores.concat(
        [space_scores.select(fold=0), space_scores.select(fold=[1, 2, 3])], "fold"
    )
    np.testing.assert_array_equal(both.columns["share"], space_scores.columns["share"])


def test_a_column_of_further_axes_needs_names_of_spaces():
    with pytest.raises(ic.InputError, match=r"share of shape \(3, 2\) does not fit"):
        ic.Scores(np.ones(3), {"unit": {"unit": range(3)}}, columns={"share": np.ones((3, 2))})


def test_held_out_predictions_are_sums_of_what_spaces_predict(two_spaces, space_scores):
    (predicted,) = space_scores.predicted
    assert predicted.stimuli == tuple(NAMES) or list(predicted.stimuli) == NAMES
    parts = {name: each.numpy() for name, each in predicted.spaces.items()}
    y = two_spaces[1].numpy()
    for f in range(4):
        test = [i for i, name in enumerate(NAMES) if predicted.fold_of[name] == f]
        train = np.setdiff1d(np.arange(48), test)
        total = parts["rate"][test] + parts["glove"][test] + y[train].mean(0)
        np.testing.assert_allclose(predicted.numpy()[test], total, atol=1e-10)
        both = np.array([parts["rate"][test], parts["glove"][test]])
        np.testing.assert_allclose(
            product_split(*without_means(y[test], both)).T, space_scores.columns["share"][0, f]
        )
    kept = ic.encode(*two_spaces, ic.BandedRidge(ALPHAS), folds=4, keep_model=True).predicted[0]
    np.testing.assert_allclose(kept.numpy(), predicted.numpy())


def test_kept_models_predict_new_stimuli_space_by_space(two_spaces, space_scores, tmp_path):
    (model,) = space_scores.models
    assert {name: w.shape for name, w in model.weights.items()} == {
        "rate": (2, 4),
        "glove": (30, 4),
    }
    joined = np.concatenate([each.numpy() for each in two_spaces[0]], 1)
    whole = ic.BandedRidge(ALPHAS, bands=[2, 30]).fit(joined, two_spaces[1].numpy())
    order = [5, 3, 40]
    new = [two_spaces[0][0].take(order), two_spaces[0][1].take(order[::-1])]
    found = model.predict(new)
    assert list(found.stimuli) == [NAMES[i] for i in order]
    np.testing.assert_allclose(found.numpy(), whole.predict(joined[order]), atol=1e-8)
    # Steps end where they gain less than 1e-6 of the loss.
    np.testing.assert_allclose(model.chosen["mixture"], whole.shares_, rtol=1e-5)
    alone = [model.predict(new, space=name).numpy() for name in ("rate", "glove")]
    np.testing.assert_allclose(sum(alone) + model.intercept, found.numpy(), atol=1e-10)
    kept = ic.encode(*two_spaces, ic.BandedRidge(ALPHAS), folds=4, keep_model=True)
    for again in (
        ic.read(ic.save(kept, tmp_path / "s.npz")),
        pickle.loads(pickle.dumps(space_scores)),
    ):
        np.testing.assert_array_equal(again.models[0].predict(new).numpy(), found.numpy())
        np.testing.assert_array_equal(
            again.predicted[0].spaces["glove"].numpy(),
            space_scores.predicted[0].spaces["glove"].numpy(),
        )
    with pytest.raises(ic.InputError, match=r"fitted to 2 feature spaces \('rate', 'glove'\), but"):
        model.predict(new[:1])
    with pytest.raises(ic.InputError, match="no feature space 'glov'; it has 'rate', 'glove'"):
        model.predict(new, space="glov")
    with pytest.raises(ic.MisalignedError):
        model.predict([new[0], new[1].take([0, 1])])


def test_spaces_come_back_from_a_file_as_gram_matrices_by_which_scores_are_parted(
    space_scores, tmp_path
):
    again = ic.read(ic.save(space_scores, tmp_path / "space_scores.npz"))
    for method in ("product", "parts", "correlation"):
        np.testing.assert_allclose(
            ic.partition(again, method=method).explained,
            ic.partition(space_scores, method=method).explained,
            atol=1e-9,
        )
    with pytest.raises(ic.InputError, match="needs the features themselves"):
        _ = again.models


def test_a_third_space_that_is_noise_does_not_cost_the_score(rng):
    """The third space is the largest, and useless: 30 random draws held one useful mixture."""
    x = [rng.normal(size=(120, p)) for p in (4, 40, 250)]
    y = 1.2 * rng.normal(size=(120, 12))
    for v in x[:2]:
        y += v @ rng.normal(size=(v.shape[1], 12)) / np.sqrt(v.shape[1])
    spaces, recording = [ic.Responses(v) for v in x], ic.Responses(y)
    alphas = np.logspace(-1, 4, 6)
    scores = ic.encode(spaces, recording, ic.BandedRidge(alphas), folds=4)
    random = ic.BandedRidge(alphas * 40, mixtures=30, seed=0)
    drawn = ic.encode(spaces, recording, random, folds=4)
    assert scores.values.mean() > drawn.values.mean() - 0.005
    assert scores.columns["mixture"][..., 2].mean() < 0.25
    share = scores.columns["share"].mean((0, 1, 2))
    assert abs(share[2]) < 0.02 < 0.03 < min(share[:2])
