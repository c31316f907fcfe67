from itertools import combinations

import numpy as np
import pytest

import isocortex as ic

ALPHAS = np.logspace(-3, 4, 8)
MODEL = ic.BandedRidge(ALPHAS)


@pytest.fixture
def made(rng):
    x = [rng.normal(size=(60, p)) for p in (3, 8, 20)]
    x[1][:, :3] += x[0]
    y = x[0] @ rng.normal(size=(3, 5)) + x[1] @ rng.normal(size=(8, 5)) / 2
    y = y * [1, 1, 1, 1, 0] + 2 * rng.normal(size=y.shape)
    spaces = [
        ic.Responses(v, labels={"layer": n})
        for n, v in zip(("rate", "glove", "noise"), x, strict=True)
    ]
    return spaces, ic.Responses(y, units={"voxel": range(5)})


@pytest.fixture
def scores(made):
    return ic.encode(*made, MODEL, folds=4, accuracy="explained_variance")


def test_the_product_measure_adds_up_to_r2(scores):
    parts = ic.partition(scores)
    assert parts.names == ("rate", "glove", "noise", "all")
    r2 = scores.values.mean((0, 1))
    np.testing.assert_allclose(parts.people.values[:-1].sum(0), r2, atol=1e-10)
    np.testing.assert_allclose(parts.explained[-1], r2.mean(), atol=1e-10)
    np.testing.assert_allclose(
        parts.people.values[:-1], scores.columns["share"].mean((0, 1)).T, atol=1e-14
    )
    table = parts.table()
    assert table.columns.tolist() == ["part", "kind", "explained", "percent"]
    np.testing.assert_allclose(table.percent, 100 * table.explained / r2.mean())


def test_unique_and_shared_parts_are_differences_of_refitted_models(made, scores):
    spaces, recording = made

    def r2(*which):
        some = [spaces[i] for i in which]
        return ic.encode(
            some, recording, MODEL, folds=4, accuracy="explained_variance"
        ).values.mean((0, 1))

    explained = {w: r2(*w) for n in (1, 2, 3) for w in combinations(range(3), n)}
    a, b, c, ab, ac, bc, abc = (
        explained[w] for w in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2))
    )
    # Written out, as Net2Brain does for three sets.
    wanted = [
        abc - bc,
        abc - ac,
        abc - ab,
        ac + bc - c - abc,
        ab + bc - b - abc,
        ab + ac - a - abc,
        a + b + c - ab - ac - bc + abc,
        abc,
    ]
    parts = ic.partition(scores, method="parts")
    names = ("rate", "glove", "noise", "rate & glove", "rate & noise", "glove & noise")
    assert parts.names == (*names, "rate & glove & noise", "all")
    assert parts.kinds == ("unique",) * 3 + ("shared",) * 4 + ("total",)
    np.testing.assert_allclose(parts.people.values, wanted, atol=1e-10)
    np.testing.assert_allclose(parts.people.values[:-1].sum(0), abc, atol=1e-10)
    assert (parts.people.values < 0).any()


def test_shares_of_r_and_relative_weights(made, scores):
    r = ic.encode(*made, MODEL, folds=4).values.mean((0, 1))
    of_r = ic.partition(scores, method="correlation").people.values
    np.testing.assert_allclose(of_r[:-1].sum(0), r, atol=1e-10)
    relative = ic.partition(scores, method="relative").people.values
    np.testing.assert_allclose(relative[-1], scores.values.mean((0, 1)), atol=1e-10)


def test_a_unit_of_which_nothing_is_explained_has_no_percentages(scores):
    each = ic.partition(scores).people
    nothing = each.values[-1] <= 0
    assert np.isnan(each.columns["percent"][:, nothing]).all()
    np.testing.assert_allclose(each.columns["percent"][-1, ~nothing], 100)
    lost = scores.replace(columns={**scores.columns, "share": -np.abs(scores.columns["share"])})
    assert ic.partition(lost).table().percent.isna().all()


def test_parts_can_be_selected_saved_and_read(scores, tmp_path):
    some = ic.partition(scores.select(voxel=[0, 2]))
    np.testing.assert_array_equal(some.people.values, ic.partition(scores).people.values[:, [0, 2]])
    np.testing.assert_allclose(
        ic.partition(scores.mean("fold")).explained, ic.partition(scores).explained
    )
    again = ic.read(ic.save(ic.partition(scores, method="parts"), tmp_path / "parts.npz"))
    assert again.table().equals(ic.partition(scores, method="parts").table())
    assert "held out" in repr(again)


def test_bad_input_is_answered_with_a_sentence(made, scores):
    spaces, recording = made
    ridge = ic.encode(spaces, recording, ic.Ridge(1.0), folds=4)
    with pytest.raises(ic.InputError, match="scores of one model of several feature spaces"):
        ic.partition(ridge)
    with pytest.raises(ic.InputError, match="as encode gave them, not pooled, and no part"):
        ic.partition(scores.select(voxel=1), method="parts")
    with pytest.raises(ic.InputError, match="method='shapley' is not known"):
        ic.partition(scores, method="shapley")
    rdms = ic.RDMs(np.ones((1, 6)), list("abcd"))
    with pytest.raises(ic.InputError, match="takes no RDMs"):
        ic.partition(scores, rdms)
    six = ic.encode(spaces * 2, recording, MODEL, folds=4)
    assert len(ic.partition(six).names) == 7
    with pytest.raises(ic.InputError, match="6 feature spaces have 63 parts"):
        ic.partition(six, method="parts")
    noise = scores.replace(columns={"share": np.full((1, 4, 5, 3), np.nan)})
    with pytest.raises(ic.UndefinedError, match="R2 is undefined for every unit"):
        ic.partition(noise)
