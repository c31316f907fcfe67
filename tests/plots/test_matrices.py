import matplotlib.pyplot as plt
import numpy as np
import pytest

import isocortex as ic


@pytest.fixture
def stack(rng):
    labels = {"network": "alexnet", "layer": ["conv1", "conv2", "fc"]}
    return ic.RDMs(rng.random((3, 15)), list("uvwxyz"), labels, "correlation")


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_one_rdm_is_one_image_in_the_axes_given(stack):
    one = stack.select(layer="conv2")
    _, ax = plt.subplots()
    assert ic.plots.rdm(one, ax=ax) is ax
    np.testing.assert_array_equal(ax.images[0].get_array(), one.square()[0])
    assert ax.get_title() == "alexnet, conv2"


def test_several_rdms_are_panels_with_one_scale(stack):
    ax = ic.plots.rdm(stack)
    panels = [each for each in ax.child_axes if each.images]
    assert [panel.get_title() for panel in panels] == ["conv1", "conv2", "fc"]
    assert {panel.images[0].get_clim() for panel in panels} == {(0.0, stack.values.max())}
    for panel, square in zip(panels, stack.square(), strict=True):
        np.testing.assert_array_equal(panel.images[0].get_array(), square)


def test_groups_are_put_together(stack):
    one = stack.select(layer="fc")
    ax = ic.plots.rdm(one, groups=["b", "a", "b", "a", "b", "a"])
    order = [0, 2, 4, 1, 3, 5]
    np.testing.assert_array_equal(ax.images[0].get_array(), one.square()[0][np.ix_(order, order)])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "a"]
    np.testing.assert_array_equal(ax.get_yticks(), [1.0, 4.0])


def test_limits_are_those_asked_for(stack):
    ax = ic.plots.rdm(stack.mean(), limits=(0.2, 0.4))
    assert ax.images[0].get_clim() == (0.2, 0.4)


def test_negative_dissimilarities_are_shown(stack):
    crossed = ic.RDMs(stack.values[:1] - 0.5, stack.stimuli)
    assert ic.plots.rdm(crossed).images[0].get_clim()[0] == crossed.values.min()


def test_bad_input_is_told(stack, rng):
    with pytest.raises(ic.InputError, match="one group for each of 6 stimuli, not 2"):
        ic.plots.rdm(stack, groups=["a", "b"])
    many = ic.RDMs(rng.random((65, 15)), stack.stimuli)
    with pytest.raises(ic.InputError, match="at most 64 RDMs, not 65"):
        ic.plots.rdm(many)
