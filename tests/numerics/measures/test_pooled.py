import numpy as np
import pytest
from scipy import stats

from isocortex.numerics.measures.pooled import POOLED, HeldOut, pool


def folds(rng, n_targets=3, sizes=(4, 7, 5)):
    parts = []
    for n in sizes:
        mean = rng.normal(size=n_targets)
        predicted = mean + rng.normal(size=(n, n_targets))
        variance = rng.uniform(0.5, 2, n_targets)
        parts.append(HeldOut(rng.normal(size=(n, n_targets)), predicted, mean, variance))
    return parts


def slow(parts, target):
    """The definition, for one target."""
    y = [part.measured[:, target] - part.mean[target] for part in parts]
    p = [part.predicted[:, target] - part.mean[target] for part in parts]
    v = [part.variance[target] for part in parts]
    ratio = sum((each**2).sum() for each in p) / sum(len(a) * b for a, b in zip(p, v, strict=True))
    scaled = [
        each / np.sqrt(((each**2).sum() + 2 * ratio * one) / (len(each) + 2))
        for each, one in zip(p, v, strict=True)
    ]
    y, p, scaled = (np.concatenate(each) for each in (y, p, scaled))
    r = y @ scaled / np.sqrt((y @ y) * (scaled @ scaled))
    return {
        "pearson": r,
        "r2": r * abs(r),
        "explained_variance": 1 - ((y - p) ** 2).sum() / (y**2).sum(),
        "spearman": stats.spearmanr(y, scaled).statistic,
    }


def test_scores_are_the_definition(rng):
    parts = folds(rng)
    found = pool(parts)
    for target in range(3):
        for name, expected in slow(parts, target).items():
            assert POOLED[name](found)[target] == pytest.approx(expected)


def test_the_scale_of_predictions_does_not_matter_but_for_explained_variance(rng):
    parts = folds(rng)
    larger = [
        HeldOut(each.measured, 9 * each.predicted - 8 * each.mean, each.mean, 81 * each.variance)
        for each in parts
    ]
    one, two = pool(parts), pool(larger)
    for name in ("pearson", "r2", "spearman"):
        np.testing.assert_allclose(POOLED[name](one), POOLED[name](two))
    assert (POOLED["explained_variance"](two) < POOLED["explained_variance"](one)).all()


def test_perfect_predictions_explain_everything(rng):
    parts = [HeldOut(each.measured, each.measured, each.mean, each.variance) for each in folds(rng)]
    np.testing.assert_allclose(POOLED["explained_variance"](pool(parts)), 1)
    np.testing.assert_allclose(POOLED["spearman"](pool(parts))[0], 1, atol=0.1)


def test_what_is_constant_has_no_score_and_the_mean_explains_nothing(rng):
    parts = folds(rng)
    for each in parts:
        each.measured[:, 0] = 2.0
        each.predicted[:, 1] = each.mean[1]
    found = pool(parts)
    for name in ("pearson", "r2", "spearman"):
        assert np.isnan(POOLED[name](found)).tolist() == [True, True, False]
    assert np.isnan(POOLED["explained_variance"](found)).tolist() == [True, False, False]
    assert POOLED["explained_variance"](found)[1] == 0


def test_nothing_learnt_scores_zero_on_average(rng):
    scores = [
        np.mean([POOLED[name](pool(folds(rng, 200))) for _ in range(10)])
        for name in ("pearson", "r2", "spearman")
    ]
    np.testing.assert_allclose(scores, 0, atol=0.02)
