import numpy as np
import pytest

import isocortex as ic


def test_an_optimal_stimulus_drives_its_unit_more_than_noise(plain, rng):
    best = ic.optimal_stimulus(plain, "b", 3, steps=40, learning_rate=0.1, regularizers=[])
    assert best.image.shape == (40, 48, 3)
    assert best.image.min() >= 0
    assert best.image.max() <= 1
    noise = rng.uniform(size=(20, 3, 40, 48)).astype(np.float32)
    output = plain.activations(noise, "b")["b"][:, 3]
    rectified = np.where(output > 0, output, 0.01 * output).mean((1, 2))
    assert best.activation > rectified.max()
    ours = plain.activations(best.image.transpose(2, 0, 1)[None], "b")["b"][0, 3]
    assert best.activation == pytest.approx(np.where(ours > 0, ours, 0.01 * ours).mean(), rel=1e-4)
    assert best.table().shape == (40, 3)
    assert len(best.stimuli()) == 1


def test_the_optimum_of_a_linear_filter_is_nearly_reached():
    network = ic.load_network("orientation_cnn")
    options = {"regularizers": [], "steps": 60, "learning_rate": 0.2}
    best = ic.optimal_stimulus(network, "conv", (0, 24, 32), **options)
    weights = network.module.conv.weight[0, 0].detach().numpy()
    # Of all images from 0 to 1, the best is white where the filter is positive.
    assert best.image.shape == (48, 64)
    assert best.activation > 0.85 * weights[weights > 0].sum()


def test_the_seed_rules(plain):
    one, two, three = (ic.optimal_stimulus(plain, "b", 1, steps=4, seed=s).image for s in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != three).any()


def test_bad_optimal_stimuli(plain):
    with pytest.raises(ic.InputError, match="at least 1 step"):
        ic.optimal_stimulus(plain, "b", 0, steps=0)
    with pytest.raises(ic.InputError, match="no channel 17"):
        ic.optimal_stimulus(plain, "b", 17)
    with pytest.raises(ic.InputError, match="is no regularizer"):
        ic.optimal_stimulus(plain, "b", 0, regularizers=["L2"])
    with pytest.raises(ic.InputError, match=r"cannot take pictures of size \(1, 2\) as far as 'b'"):
        ic.optimal_stimulus(plain, "b", 0, size=(1, 2), steps=1)
    for wrong in ((0, 4), "40", (4, 4, 3), 7, (4.5, 4)):
        with pytest.raises(ic.InputError, match="size is two whole numbers above 0"):
            ic.optimal_stimulus(plain, "b", 0, size=wrong)
