import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.spatial.distance import pdist

import isocortex as ic


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def flat(rng):
    return ic.RDMs(pdist(rng.normal(size=(8, 2)))[None], list("abcdefgh"), {"region": ["IT"]})


def test_distances_on_the_map_are_the_dissimilarities(flat):
    ax = ic.plots.mds(flat)
    points = np.asarray(ax.collections[0].get_offsets())
    np.testing.assert_allclose(pdist(points), flat.values[0])


def test_groups_have_a_colour_each_and_names_stand_beside(flat):
    _, given = plt.subplots()
    ax = ic.plots.mds(flat, groups=[1, 1, 1, 2, 2, 3, 3, 3], names=True, ax=given)
    assert ax is given
    assert [len(each.get_offsets()) for each in ax.collections] == [3, 2, 3]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["1", "2", "3"]
    assert [text.get_text() for text in ax.texts] == list(flat.stimuli)


def test_bad_input_is_told(flat):
    two = ic.RDMs.concat([flat, flat])
    with pytest.raises(ic.InputError, match=r"draws one RDM, not 2; choose it"):
        ic.plots.mds(two)
    with pytest.raises(ic.InputError, match="one group for each of 8 stimuli, not 1"):
        ic.plots.mds(flat, groups=["a"])
