import numpy as np
import pytest

import isocortex as ic

ALPHAS = np.logspace(-3, 4, 8)
NAMES = [f"image {i}" for i in range(48)]


@pytest.fixture
def made(rng):
    x = {"rate": rng.normal(size=(48, 2)), "glove": rng.normal(size=(48, 30)) * 9 + 4}
    y = x["rate"] @ rng.normal(size=(2, 4)) + x["glove"] @ rng.normal(size=(30, 4)) / 9
    y = y * [1, 1, 1, 0] + 2 * rng.normal(size=y.shape) + 20
    spaces = [ic.Responses(v, NAMES, labels={"layer": name}) for name, v in x.items()]
    return spaces, ic.Responses(y, NAMES, {"voxel": range(4)})


@pytest.fixture
def scores(made):
    return ic.encode(*made, ic.BandedRidge(ALPHAS), folds=4, accuracy="explained_variance")


def test_shares_add_up_to_the_variance_that_is_explained(scores):
    share = scores.columns["share"]
    assert share.shape == (1, 4, 4, 2)
    assert scores.notes["spaces"] == ("rate", "glove")
    np.testing.assert_allclose(share.sum(-1), scores.values, atol=1e-10)
    np.testing.assert_allclose(scores.columns["mixture"].sum(-1), 1)


def test_a_space_that_does_not_vary_gets_nothing(made):
    flat = ic.Responses(np.ones((48, 3)), NAMES, labels={"layer": "flat"})
    found = ic.encode([flat, made[0][0]], made[1], ic.BandedRidge(ALPHAS), folds=4)
    np.testing.assert_array_equal(found.columns["share"][..., 0], 0)
    alone = ic.encode(made[0][0], made[1], ic.BandedRidge(ALPHAS), folds=4)
    np.testing.assert_allclose(found.values, alone.values, atol=0.05)


def test_pooled_shares_add_up_to_pooled_explained_variance(made):
    found = ic.encode(
        *made, ic.BandedRidge(ALPHAS), folds=4, accuracy="explained_variance", pooled=True
    )
    assert found.columns["share"].shape == (1, 4, 2)
    np.testing.assert_allclose(found.columns["share"].sum(-1), found.values, atol=1e-10)


def test_spaces_of_one_name_are_numbered(made):
    same = [each.replace(labels={"layer": "conv1"}) for each in made[0]]
    found = ic.encode(same, made[1], ic.BandedRidge(ALPHAS), folds=4)
    assert found.notes["spaces"] == ("conv1 0", "conv1 1")


def test_decoding_has_shares_of_regions(made):
    regions = [
        each.replace(labels={"region": name}) for each, name in zip(made[0], "ab", strict=True)
    ]
    found = ic.decode(regions, made[1], ic.BandedRidge(ALPHAS), folds=4)
    assert found.notes["spaces"] == ("a", "b")
