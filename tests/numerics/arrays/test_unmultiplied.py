import numpy as np
import pytest

from isocortex.numerics.arrays import unmultiplied
from isocortex.numerics.arrays.gram import gram
from isocortex.numerics.measures import bands
from isocortex.numerics.measures.dissimilarity import DISSIMILARITIES, FROM_GRAM


@pytest.fixture
def many(monkeypatch):
    """As if 60 rows were thousands: panels of six rows and more, bands of two."""
    monkeypatch.setattr(unmultiplied, "_MANY", 0)
    monkeypatch.setattr(unmultiplied, "_PANEL", 8 * 60 * 6)
    monkeypatch.setattr(bands, "_BAND", 8 * 60 * 2)


def _rows(rng, offset):
    x = np.maximum(rng.normal(size=(60, 12)) + offset * rng.gamma(1, size=12), 0)
    x[50], x[9], x[15] = x[2], 2 * x[3], x[4] * (1 + 1e-9 * rng.normal(size=12))
    return x.astype(np.float32) if offset == 1 else x


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("offset", [0, 1, 1e5])
@pytest.mark.parametrize("name", ["correlation", "cosine", "euclidean", "squared_euclidean"])
def test_distances_by_panels_are_those_of_the_whole_matrix(name, offset, rng):
    x = _rows(rng, offset) + (1 if offset == 0 else 0)
    found, from_gram = unmultiplied.gram_in_panels(x), FROM_GRAM[DISSIMILARITIES[name]]
    assert isinstance(found.kept, unmultiplied.Panels)
    whole = from_gram(gram(x), x)
    np.testing.assert_allclose(from_gram(found, x), whole, rtol=1e-12, atol=1e-12 * whole.max())


@pytest.mark.usefixtures("many")
def test_panels_are_parts_of_the_products(rng):
    x = _rows(rng, 1e5)
    found, whole = unmultiplied.gram_in_panels(x), gram(x)
    np.testing.assert_allclose(found.kept.diagonal(), whole.kept.diagonal(), rtol=1e-13)
    for start in range(0, 60, 4):
        band = found.kept[start : start + 4, start:]
        np.testing.assert_allclose(band, whole.kept[start : start + 4, start:], atol=1e-3)
    for each in ("kept_sums", "kept_along", "level", "rest_sum", "rest_square"):
        np.testing.assert_allclose(getattr(found, each), getattr(whole, each), rtol=1e-9)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("case", ["many units", "levels", "out of range", "not finite"])
def test_what_panels_cannot_do_is_multiplied_as_a_whole(case, rng):
    x = rng.normal(size=(60, 40 if case == "many units" else 12))
    x = x + 1e9 * rng.random((60, 1)) if case == "levels" else x
    x = x * 1e170 if case == "out of range" else x
    if case == "not finite":
        x[3, 4] = np.nan
    assert isinstance(unmultiplied.gram_in_panels(x).kept, np.ndarray)
