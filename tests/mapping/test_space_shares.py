import numpy as np

import isocortex as ic

ALPHAS = np.logspace(-3, 4, 8)
NAMES = [f"image {i}" for i in range(48)]


def test_shares_add_up_to_the_variance_that_is_explained(space_scores):
    share = space_scores.columns["share"]
    assert share.shape == (1, 4, 4, 2)
    assert space_scores.notes["spaces"] == ("rate", "glove")
    np.testing.assert_allclose(share.sum(-1), space_scores.values, atol=1e-10)
    np.testing.assert_allclose(space_scores.columns["mixture"].sum(-1), 1)


def test_a_space_that_does_not_vary_gets_nothing(two_spaces):
    flat = ic.Responses(np.ones((48, 3)), NAMES, labels={"layer": "flat"})
    found = ic.encode([flat, two_spaces[0][0]], two_spaces[1], ic.BandedRidge(ALPHAS), folds=4)
    np.testing.assert_array_equal(found.columns["share"][..., 0], 0)
    alone = ic.encode(two_spaces[0][0], two_spaces[1], ic.BandedRidge(ALPHAS), folds=4)
    np.testing.assert_allclose(found.values, alone.values, atol=0.05)


def test_pooled_shares_add_up_to_pooled_explained_variance(two_spaces):
    found = ic.encode(
        *two_spaces, ic.BandedRidge(ALPHAS), folds=4, accuracy="explained_variance", pooled=True
    )
    assert found.columns["share"].shape == (1, 4, 2)
    np.testing.assert_allclose(found.columns["share"].sum(-1), found.values, atol=1e-10)


def test_spaces_of_one_name_are_numbered(two_spaces):
    same = [each.replace(labels={"layer": "conv1"}) for each in two_spaces[0]]
    found = ic.encode(same, two_spaces[1], ic.BandedRidge(ALPHAS), folds=4)
    assert found.notes["spaces"] == ("conv1 0", "conv1 1")


def test_decoding_has_shares_of_regions(two_spaces):
    regions = [
        each.replace(labels={"region": name})
        for each, name in zip(two_spaces[0], "ab", strict=True)
    ]
    found = ic.decode(regions, two_spaces[1], ic.BandedRidge(ALPHAS), folds=4)
    assert found.notes["spaces"] == ("a", "b")
