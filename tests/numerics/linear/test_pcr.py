import numpy as np
import pytest
from sklearn.decomposition import PCA

from isocortex.numerics.linear.pcr import n_components_of_share


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8, 0.999])
def test_components_of_a_share_are_those_of_scikit_learn(share, rng):
    x = rng.normal(size=(30, 8)) * np.arange(1, 9)
    variances = PCA(svd_solver="full").fit(x).explained_variance_
    theirs = PCA(share, svd_solver="full").fit(x).n_components_
    assert n_components_of_share(variances, share) == theirs
