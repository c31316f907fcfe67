import numpy as np
import pytest

import isocortex as ic

NAMES = [f"image {i}" for i in range(10)]


@pytest.fixture
def layers(rng):
    return ic.RDMs(rng.random((3, 45)), NAMES, {"layer": ["a", "b", "c"]})


@pytest.mark.parametrize("kind", [ic.Weighted, ic.Selected, ic.Interpolated])
def test_a_flexible_model_needs_several_rdms(kind, layers):
    with pytest.raises(ic.InputError, match=f"{kind.__name__} needs at least 2 RDMs, not 1"):
        kind(layers.select(layer="a"))
    with pytest.raises(ic.InputError, match=f"{kind.__name__} needs RDMs.*not ndarray"):
        kind(layers.values)


@pytest.mark.parametrize("alpha", [-1, np.inf, np.nan, "1", True, None])
def test_a_penalty_is_a_number_from_0(alpha, layers):
    with pytest.raises(
        ic.InputError, match="alpha=.* must be a finite number from 0|needs a number as alpha"
    ):
        ic.Weighted(layers, alpha=alpha)


@pytest.mark.parametrize("kind", [ic.Weighted, ic.Selected, ic.Interpolated])
def test_problems_may_have_any_number_of_axes(kind, layers, rng):
    x, y = rng.random((2, 4, 3, 20)), rng.random((2, 4, 20, 1))
    gram, cross = x @ x.swapaxes(-1, -2), (x @ y)[..., 0]
    model = kind(layers)
    found = model.fit(gram, cross)
    assert found.shape == (2, 4, 3)
    np.testing.assert_allclose(found[1, 2], model.fit(gram[1, 2], cross[1, 2]), atol=1e-14)
