import numpy as np
import pytest
from scipy.stats import gamma

from isocortex.numerics.series.hrf import hrf


@pytest.mark.parametrize("kind", ["spm", "glover"])
def test_a_response_is_that_of_nilearn_on_a_fine_grid(kind):
    module = pytest.importorskip("nilearn.glm.first_level.hemodynamic_models")
    step = 0.01
    theirs = getattr(module, f"{kind}_hrf")(step, oversampling=1, time_length=32.0)
    ours = hrf(kind, step)[: len(theirs)]
    # Theirs begins one step late.
    assert np.corrcoef(ours[:-1], theirs[1:])[0, 1] > 0.99999


def test_the_formula_and_its_sum():
    t = np.arange(0, 33, 2.0)[:17]
    slow = gamma.pdf(t, 6) - gamma.pdf(t, 16) / 6
    np.testing.assert_allclose(hrf("spm", 2.0), slow / slow.sum(), atol=1e-15)
    assert hrf("glover", 0.1).sum() == pytest.approx(1.0)
    assert 4.9 <= 0.01 * np.argmax(hrf("spm", 0.01)) <= 5.1
