import warnings

import numpy as np
import pytest
from scipy.optimize import minimize, nnls

from isocortex.numerics.inference.flexible import (
    interpolated,
    nonnegative_least_squares,
    selected,
    weighted,
)


def problem(rng, n_models, n_pairs=66, n_people=4, common=0.5):
    """Models and data as rows, A and b for the cosine."""
    x = rng.normal(size=(n_models, n_pairs)) + common
    d = rng.normal(size=(n_people, n_pairs)) + common
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    return x, d, (x @ x.T)[None], (x @ d.T).sum(1)[None]


def mean_cosine(theta, x, d):
    guess = theta @ x
    return (d @ guess).mean() / np.linalg.norm(guess)


@pytest.mark.parametrize("kind", ["plain", "copy", "sum", "scales", "zero"])
def test_nonnegative_weights_are_those_of_scipy(rng, kind):
    for _ in range(40):
        n_models = int(rng.integers(4, 9))
        x, _, _, _ = problem(rng, n_models, common=rng.choice([0.0, 1.0]))
        y = rng.normal(size=66) + 0.3
        if kind == "copy":
            x[1] = x[0]
        if kind == "sum":
            x[2] = x[0] + x[1]
        if kind == "zero":
            x[1] = 0
        if kind == "scales":
            x *= 10.0 ** rng.uniform(-6, 6, n_models)[:, None]
        length = np.linalg.norm(x, axis=1)
        unit = x / np.where(length > 0, length, 1)[:, None]
        found = nonnegative_least_squares((unit @ unit.T)[None], (unit @ y)[None])[0]
        assert (found >= 0).all()
        right = nnls(unit.T, y)[1]
        assert np.linalg.norm(y - found @ unit) == pytest.approx(right, rel=1e-13)
        if kind in ("plain", "scales"):
            theta = weighted((x @ x.T)[None], (x @ y)[None])[0]
            truth = nnls(unit.T, y)[0] / length
            np.testing.assert_allclose(theta, truth / max(np.linalg.norm(truth), 1e-300), atol=1e-9)


def test_many_problems_together_are_each_as_alone(rng):
    x = rng.normal(size=(200, 7, 30)) + 0.3
    y = rng.normal(size=(200, 30))
    a, b = x @ x.transpose(0, 2, 1), (x @ y[:, :, None])[:, :, 0]
    alone = np.concatenate([weighted(a[i : i + 1], b[i : i + 1]) for i in range(200)])
    np.testing.assert_allclose(weighted(a, b), alone, atol=1e-14)


def test_where_no_model_is_like_the_data_all_weights_are_0(rng):
    _, _, a, b = problem(rng, 4)
    assert (weighted(a, -np.abs(b)) == 0).all()
    assert selected(a, -np.abs(b)).sum() == 1


@pytest.mark.parametrize("nonnegative", [True, False])
def test_weights_reach_the_maximum_of_the_mean_cosine(rng, nonnegative):
    for _ in range(5):
        x, d, a, b = problem(rng, 4)
        theta = weighted(a, b, nonnegative)[0]
        bounds = [(0 if nonnegative else None, None)] * 4
        best = min(
            minimize(lambda t, x=x, d=d: -mean_cosine(t, x, d), start, bounds=bounds).fun
            for start in np.abs(rng.normal(size=(6, 4)))
        )
        assert mean_cosine(theta, x, d) >= -best - 1e-10
        assert np.linalg.norm(theta) == pytest.approx(1)


def test_a_penalty_means_the_same_at_every_scale_of_the_models(rng):
    x, _, a, b = problem(rng, 5)
    scale = 10.0 ** np.array([-6, 3, 0, 6, -2])
    plain = weighted(a, b, False, 0.3)[0]
    scaled = weighted(a * np.outer(scale, scale), b * scale, False, 0.3)[0]
    back = scaled * scale
    np.testing.assert_allclose(back / np.linalg.norm(back), plain, atol=1e-10)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    ridge = np.linalg.solve(unit @ unit.T + 0.3 * np.eye(5), b[0] / np.linalg.norm(x, axis=1))
    ridge /= np.linalg.norm(x, axis=1)
    np.testing.assert_allclose(plain, ridge / np.linalg.norm(ridge), atol=1e-12)


def test_the_first_of_equal_models_is_selected(rng):
    x, d, _, _ = problem(rng, 3)
    x = np.concatenate([x, x])
    a, b = (x @ x.T)[None], (x @ d.T).sum(1)[None]
    best = max(range(3), key=lambda k: mean_cosine(np.eye(6)[k], x, d))
    assert selected(a, b)[0].argmax() == best


def test_interpolation_finds_the_best_point_of_the_line(rng):
    shares = np.linspace(0, 1, 401)
    for _ in range(12):
        x, d, a, b = problem(rng, 4, common=rng.choice([-0.2, 0.0, 0.5]))
        theta = interpolated(a, b)[0]
        assert theta.sum() == pytest.approx(1)
        assert (theta >= 0).all()
        used = np.flatnonzero(theta)
        assert len(used) == 1 or (len(used) == 2 and used[1] == used[0] + 1)
        line = [g * np.eye(4)[k] + (1 - g) * np.eye(4)[k + 1] for k in range(3) for g in shares]
        best = max(mean_cosine(t, x, d) for t in line)
        assert mean_cosine(theta, x, d) >= best - 1e-12
        assert mean_cosine(theta, x, d) == pytest.approx(best, abs=1e-5)


def test_equal_neighbours_have_no_point_between_them(rng):
    x, d, _, _ = problem(rng, 2)
    x = x[[0, 0, 1]]
    theta = interpolated((x @ x.T)[None], (x @ d.T).sum(1)[None])[0]
    assert np.isfinite(theta).all()
    assert theta.sum() == pytest.approx(1)


def test_fits_are_those_of_rsatoolbox(rng):
    rsatoolbox = pytest.importorskip("rsatoolbox")
    from rsatoolbox.model import fitter

    x, d, a, b = problem(rng, 4, common=2.0)
    data = rsatoolbox.rdm.RDMs(d)
    stack = rsatoolbox.rdm.RDMs(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        several = rsatoolbox.model.ModelWeighted("w", stack)
        ols = fitter.fit_regress(several, data, method="cosine")
        searched = fitter.fit_optimize_positive(several, data, method="cosine")
        chosen = fitter.fit_select(rsatoolbox.model.ModelSelect("s", stack), data, method="cosine")
        between = fitter.fit_interpolate(
            rsatoolbox.model.ModelInterpolate("i", stack), data, method="cosine"
        )
    np.testing.assert_allclose(weighted(a, b, False)[0], ols, atol=1e-10)
    np.testing.assert_allclose(weighted(a, b)[0], searched, atol=1e-4)
    assert selected(a, b)[0].argmax() == int(chosen)
    np.testing.assert_allclose(interpolated(a, b)[0], between, atol=1e-4)
