import numpy as np
import pytest

import isocortex as ic

ALEXNET = {
    "conv1": (11, 4),
    "conv1_maxpool": (19, 8),
    "conv2": (51, 8),
    "conv2_maxpool": (67, 16),
    "conv3": (99, 16),
    "conv4": (131, 16),
    "conv5": (163, 16),
    "conv5_maxpool": (195, 32),
}


def test_gradient_and_occlusion_equal_arithmetic(plain):
    for layer in ("a", "relu", "b", "norm", "pool"):
        expected = ic.receptive_field(plain, layer).size
        measured = ic.receptive_field(plain, layer, "gradient")
        assert measured.size == expected, layer
        assert measured.map.shape[0] >= 40
    occluded = ic.receptive_field(plain, "a", ic.Occlusion(window=3, step=1), seed=2)
    assert occluded.size == (3, 5)
    coarse = ic.receptive_field(plain, "b", "occlusion")
    expected = ic.receptive_field(plain, "b").size
    assert all(0 <= e - c <= 7 for c, e in zip(coarse.size, expected, strict=True))


def test_the_centre_of_a_unit_is_where_its_gradient_lies(plain):
    field = ic.receptive_field(plain, "b")
    measured = ic.receptive_field(plain, "b", "gradient", unit=(0, 3, 4))
    expected = tuple(c + s * u for c, s, u in zip(field.centre, field.stride, (3, 4), strict=True))
    assert measured.centre == expected


def test_what_sees_everything(plain):
    field = ic.receptive_field(plain, "head")
    assert field.whole
    assert field.size == (40, 48)
    assert np.isnan(field.stride).all()


def test_effective_fields_lie_inside(plain, rng):
    images = ic.Stimuli.from_arrays(rng.uniform(size=(3, 40, 48, 3)))
    whole = ic.receptive_field(plain, "b").size
    part = ic.receptive_field(plain, "b", "effective", unit=2, images=images)
    assert all(p <= w for p, w in zip(part.size, whole, strict=True))
    assert part.map.shape == (40, 48)
    assert list(part.table()["method"]) == ["effective"]


@pytest.mark.parametrize("layer", ALEXNET)
def test_receptive_fields_of_alexnet(alexnet, layer):
    size, stride = ALEXNET[layer]
    by_arithmetic = ic.receptive_field(alexnet, layer)
    assert by_arithmetic.size == (size, size)
    assert by_arithmetic.stride == (stride, stride)
    assert ic.receptive_field(alexnet, layer, "gradient").size == (size, size)


def test_bad_fields(plain):
    with pytest.raises(ic.InputError, match="is not a layer of plain"):
        ic.receptive_field(plain, "nowhere")
    with pytest.raises(ic.InputError, match="Did you mean 'gradient'"):
        ic.receptive_field(plain, "a", "gradiant")
    with pytest.raises(ic.InputError, match="is no map of units in space"):
        ic.receptive_field(plain, "head", "gradient")
    with pytest.raises(ic.InputError, match="no channel 99; it has 4"):
        ic.receptive_field(plain, "a", "gradient", unit=99)
    with pytest.raises(ic.InputError, match=r"no unit \(0, 99, 0\)"):
        ic.receptive_field(plain, "a", "gradient", unit=(0, 99, 0))
    with pytest.raises(ic.InputError, match="at least 1 pixel"):
        ic.receptive_field(plain, "a", ic.Occlusion(window=0))
