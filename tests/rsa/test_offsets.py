"""What a common offset does not change loses no digit to one; what is lost is said."""

import pickle

import numpy as np
import pytest
from scipy.spatial.distance import squareform

import isocortex as ic
from isocortex.numerics.arrays import gram as module
from isocortex.numerics.arrays.products import Products
from isocortex.numerics.measures.similarity import SIMILARITIES
from isocortex.store.grams import gram

N, P = 12, 300
WITHIN = {0.0: 1e-12, 1e2: 1e-11, 1e4: 1e-9, 1e6: 1e-7}


def slowly(x, name):
    """Distances from differences, in extended precision."""
    x = x.astype(np.longdouble)
    i, j = np.triu_indices(len(x), 1)
    if name == "correlation":
        x = x - x.mean(1, keepdims=True)
    if name in ("correlation", "cosine"):
        x = x / np.sqrt((x * x).sum(1, keepdims=True))
    d = x[i] - x[j]
    if name == "manhattan":
        return abs(d).sum(1).astype(float)
    squares = (d * d).sum(1)
    scale = {"correlation": squares / 2, "cosine": squares / 2, "euclidean": np.sqrt(squares)}
    return scale.get(name, squares).astype(float)


def plain(x, rng):
    return x


def two_outlier_units(x, rng):
    return x + 300.0 * (np.arange(P) < 2)


def duplicates(x, rng):
    return x[[0, 1, 1, 1, *range(4, N)]]


def low_rank(x, rng):
    return x[:, :3] @ rng.normal(size=(3, P))


def nearly_equal(x, rng):
    return x[:1] + 1e-5 * rng.normal(size=x.shape)


def one_huge_row(x, rng):
    return x * np.where(np.arange(N) == 4, 1e6, 1.0)[:, None]


STRUCTURES = [plain, two_outlier_units, duplicates, low_rank, nearly_equal, one_huge_row]
NAMES = ["correlation", "cosine", "euclidean", "squared_euclidean", "manhattan"]


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("offset", WITHIN)
def test_rdms_are_right_at_every_offset(name, structure, offset, rng):
    x = structure(rng.normal(size=(N, P)), rng) + offset
    expected = slowly(x, name)
    found = ic.rdms(ic.Responses(x), name).values[0]
    tolerance = WITHIN[offset] if structure is not nearly_equal else 1e-5
    np.testing.assert_allclose(found, expected, rtol=max(tolerance, 1e-9), atol=1e-25)


@pytest.mark.parametrize("name", ["correlation", "cosine", "euclidean"])
def test_rdms_of_rows_that_each_have_an_offset(name, rng):
    x = rng.normal(size=(N, P)) + 1e5 * rng.normal(size=(N, 1))
    found = ic.rdms(ic.Responses(x), name).values[0]
    np.testing.assert_allclose(found, slowly(x, name), rtol=1e-9)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("pattern", [0.0, 1e5])
@pytest.mark.parametrize("level", [1e2, 1e4, 1e6])
def test_correlations_from_a_gram_lose_nothing_to_levels_of_rows(level, pattern, dtype, rng):
    x = rng.normal(size=(N, P)) + level * rng.normal(size=(N, 1)) + pattern * rng.normal(size=P)
    x = x.astype(dtype)
    kernel = gram(ic.Responses(x))
    again = ic.Gram.from_products(
        Products.of_vectors(kernel.products.kept, kernel.products.vectors, P), kernel.stimuli
    )
    for each in (kernel, again, kernel.take(range(N))):
        found = ic.rdms(each, "correlation").values[0]
        np.testing.assert_allclose(found, slowly(x, "correlation"), rtol=1e-9)
    raw = x.astype(np.longdouble) @ x.T.astype(np.longdouble)
    np.testing.assert_allclose(kernel.matrix, raw.astype(float), rtol=1e-12, atol=1e-13 * raw.max())
    np.testing.assert_allclose(kernel.row_sums, x.astype(np.longdouble).sum(1).astype(float))


def test_levels_of_rows_cost_the_float32_road_nothing(rng, monkeypatch):
    x = (rng.normal(size=(N, 5000)) + 1e3 * rng.normal(size=(N, 1))).astype("float32")
    monkeypatch.setattr(module, "DOUBLE_UP_TO", 0)
    kernel = gram(ic.Responses(x))
    np.testing.assert_array_equal(kernel.products.shifted, kernel.products.shifted.T)
    found = ic.rdms(kernel, "correlation").values[0]
    np.testing.assert_allclose(found, slowly(x, "correlation"), rtol=1e-6)


@pytest.mark.parametrize("name", ["correlation", "cosine", "euclidean"])
@pytest.mark.parametrize("n_tiny", [1, 2])
@pytest.mark.parametrize("n", [2, 3, 20])
def test_rows_tiny_beside_what_the_others_share(n, n_tiny, name, rng):
    for pattern in (rng.normal(size=P), 1.0):
        x = rng.normal(size=(n, P)) + 0.5
        x[n_tiny:] += 1e6 * pattern
        found = ic.rdms(ic.Responses(x), name).values[0]
        np.testing.assert_allclose(found, slowly(x, name), rtol=1e-9)


@pytest.mark.parametrize("name", ["correlation", "cosine", "euclidean"])
@pytest.mark.parametrize("size", [1e-170, 1e170])
def test_distances_of_extreme_numbers(name, size, rng):
    x = rng.normal(size=(N, P))
    found = ic.rdms(ic.Responses(x * size), name).values[0]
    scale = size if name == "euclidean" else 1.0
    np.testing.assert_allclose(found / scale, slowly(x, name), rtol=1e-12)


def test_squares_beyond_the_numbers_are_a_sentence(rng):
    x = ic.Responses(rng.normal(size=(N, P)) * 1e170)
    with pytest.raises(ic.UndefinedError, match="squared distances.*multiply the responses"):
        ic.rdms(x, "squared_euclidean")
    with pytest.raises(ic.UndefinedError, match="inner products.*multiply the responses"):
        _ = ic.gram(x).matrix


@pytest.mark.parametrize("name", ["correlation", "cosine", "euclidean", "squared_euclidean"])
def test_a_gram_of_raw_products_says_what_it_cannot_tell(name, rng):
    x = rng.normal(size=(4, P))
    x[1] = x[0] + 1e-9 * x[2]
    raw = ic.Gram(x @ x.T, x.sum(1), P, list("abcd"))
    with pytest.warns(ic.IsocortexWarning, match="1 of 6 distances.*Give the Responses"):
        ic.rdms(raw, name)


def test_equal_rows_of_a_gram_are_at_zero_without_a_word(rng):
    x = rng.integers(0, 9, size=(4, P)).astype(float)
    x[1] = x[0]
    raw = ic.Gram(x @ x.T, x.sum(1), P, list("abcd"))
    assert ic.rdms(raw, "correlation").values[0, 0] == 0


def test_ties_of_counts_stay_ties(rng):
    x = rng.integers(0, 2, size=(20, 60)).astype(float)
    d = ic.rdms(ic.Responses(x), "squared_euclidean").values[0]
    np.testing.assert_array_equal(d, d.round())


@pytest.mark.parametrize("single", [False, True], ids=["double", "single"])
def test_the_raw_products_come_back(single, rng, monkeypatch):
    monkeypatch.setattr(module, "DOUBLE_UP_TO", 0 if single else 1e12)
    x = (rng.normal(size=(N, P)) + 50 + 5 * rng.normal(size=P)).astype(np.float32)
    exact = x.astype(float) @ x.astype(float).T
    known = ic.gram(ic.Responses(x))
    np.testing.assert_allclose(known.matrix, exact, rtol=1e-7 if single else 1e-14)
    np.testing.assert_allclose(known.row_sums, x.sum(1, dtype=float), rtol=1e-6)
    again = pickle.loads(pickle.dumps(known))
    np.testing.assert_array_equal(again.take([3, 1]).matrix, known.matrix[[3, 1]][:, [3, 1]])


def test_the_single_precision_road_does_not_hang_on_the_first_rows(rng, monkeypatch):
    monkeypatch.setattr(module, "DOUBLE_UP_TO", 0)
    x = rng.normal(size=(80, 2000))
    x[:40] += 1000 * rng.normal(size=2000)
    x = x.astype(np.float32)
    found = ic.rdms(ic.Responses(x), "correlation").values[0]
    np.testing.assert_allclose(found, slowly(x, "correlation"), atol=1e-5)


@pytest.mark.parametrize("name", SIMILARITIES)
@pytest.mark.parametrize("offset", [1e2, 1e4, 1e6])
def test_similarities_do_not_see_an_offset(name, offset, rng):
    x, y = rng.normal(size=(30, 10)), ic.Responses(rng.normal(size=(30, 15)))
    moved = x + offset * rng.normal(size=10)
    expected = ic.similarity(ic.Responses(x), y, name).values
    found = ic.similarity(ic.Responses(moved), y, name).values
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15 * max(offset, 1e3))


@pytest.mark.parametrize("name", SIMILARITIES)
@pytest.mark.parametrize("seed", range(5))
def test_a_dead_layer_has_no_similarity(name, seed):
    rng = np.random.default_rng(seed)
    constant = np.tile(rng.normal(size=64) * 10.0 ** rng.uniform(-3, 3), (20, 1))
    varying = ic.Responses(rng.normal(size=(20, 8)), labels={"layer": "conv"})
    raw = ic.Gram(constant @ constant.T, constant.sum(1), 64, varying.stimuli, {"layer": "fc"})
    for layer in (ic.Responses(constant, labels={"layer": "fc"}), raw):
        with pytest.raises(ic.UndefinedError, match="that of layer 'fc' has the same row"):
            ic.similarity(layer, varying, name)
        with pytest.raises(ic.UndefinedError, match="does not vary"):
            ic.similarity(varying, layer, name)


def trials(offset, rng, scale=1.0):
    values = rng.normal(size=(24, 10)) + np.repeat([[0.0], [0.8]], 12, 0)
    return values * scale + offset, ["a"] * 12 + ["b"] * 12


@pytest.mark.parametrize("name", ["crossnobis", "mahalanobis", "squared_euclidean", "euclidean"])
@pytest.mark.parametrize("noise", [None, "ledoit_wolf"])
def test_distances_of_trials_do_not_see_an_offset(name, noise, rng):
    if noise and "euclidean" in name:
        pytest.skip("noise= is for whitened distances")
    values = rng.normal(size=(24, 10))
    names, runs = ["a", "b", "c", "d"] * 6, np.repeat([0, 1, 2], 8)
    for offset, within in WITHIN.items():
        moved = values + offset
        expected = ic.rdms(ic.Trials(moved - offset, names, runs=runs), name, noise=noise).values
        found = ic.rdms(ic.Trials(moved, names, runs=runs), name, noise=noise).values
        np.testing.assert_allclose(found, expected, rtol=0, atol=within)


@pytest.mark.parametrize("classifier", ["lda", "svm"])
@pytest.mark.parametrize("shrinkage", [None, "auto", 0.2])
def test_decisions_know_no_offset_and_no_unit_of_measurement(classifier, shrinkage, rng):
    if classifier == "svm" and shrinkage is not None:
        pytest.skip("svm has no shrinkage")
    values, names = trials(0.0, rng)
    options = {"classifier": classifier, "shrinkage": shrinkage, "folds": 4}
    expected = ic.decoding_rdms(ic.Trials(values, names), **options).values
    for moved in (values + 1e4, values * 2.0**-43, values * 2.0**560, values * 1e-3 + 1e6):
        found = ic.decoding_rdms(ic.Trials(moved, names), **options).values
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("classifier", ["lda", "svm"])
def test_each_unit_may_have_its_own_unit_of_measurement(classifier, rng):
    values, names = trials(0.0, rng)
    shrinkage = "auto" if classifier == "lda" else None
    scales = 2.0 ** np.linspace(-50, 20, 10).round()
    options = {"classifier": classifier, "shrinkage": shrinkage, "folds": 4}
    expected = ic.decoding_rdms(ic.Trials(values, names), **options).values
    found = ic.decoding_rdms(ic.Trials(values * scales, names), **options).values
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("classifier", ["lda", "svm"])
def test_a_flat_unit_is_as_if_it_were_not_there(classifier, rng):
    values, names = trials(0.0, rng)
    flat = np.insert(values, 3, 0.1, axis=1)
    expected = ic.decoding_rdms(ic.Trials(values, names), classifier).values
    found = ic.decoding_rdms(ic.Trials(flat, names), classifier).values
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", ["crossnobis", "squared_euclidean", "poisson"])
def test_a_silent_neuron_is_data(name, rng):
    counts = rng.poisson(3.0, size=(12, 5)).astype(float)
    counts[:, 2] = 0
    assert np.isfinite(ic.rdms(ic.Trials(counts, list("abc") * 4), name).values).all()


def test_stored_products_are_read_as_they_were_written(tmp_path, rng):
    from isocortex.store.gram_files import load_gram, save_gram

    products = gram(ic.Responses(rng.normal(size=(6, 40)) + 1e6)).products
    save_gram(tmp_path / "k", products.shifted, products.vectors)
    matrix, vectors = load_gram(tmp_path / "k", 6)
    again = type(products).of_vectors(matrix, vectors, 40)
    for name, value in vars(products).items():
        np.testing.assert_array_equal(getattr(again, name), value)


def test_rdms_from_a_gram_and_from_its_rows_agree(rng):
    x = rng.normal(size=(N, P)) + 1e6
    for name in NAMES[:4]:
        from_rows = squareform(ic.rdms(ic.Responses(x), name).values[0])
        from_gram = squareform(ic.rdms(ic.gram(ic.Responses(x)), name).values[0])
        np.testing.assert_allclose(from_gram, from_rows, rtol=1e-9)


@pytest.mark.parametrize("name", ["squared_euclidean", "mahalanobis"])
def test_conditions_that_nearly_agree_keep_their_distance(name, rng):
    means = 1e3 * rng.normal(size=(4, 10))
    means[1] = means[0] + 1e-6 * means[2]
    values = np.repeat(means, 2, axis=0)
    expected = slowly(means, "squared_euclidean") / (10 if name == "mahalanobis" else 1)
    found = ic.rdms(ic.Trials(values, list("aabbccdd")), name).values[0]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
