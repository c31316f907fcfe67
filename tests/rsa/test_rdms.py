import numpy as np
import pytest
from scipy.spatial.distance import pdist

import isocortex as ic

NAMES = [f"img{i}" for i in range(6)]


def layers(rng, n=3):
    return [
        ic.Responses(
            rng.normal(size=(6, 20)).astype(np.float32),
            NAMES,
            labels={"network": "net", "layer": f"l{i}"},
        )
        for i in range(n)
    ]


@pytest.mark.parametrize(
    ("name", "scipy_name"),
    [
        ("correlation", "correlation"),
        ("cosine", "cosine"),
        ("l2", "euclidean"),
        ("squared_euclidean", "sqeuclidean"),
        ("l1", "cityblock"),
    ],
)
def test_equals_pdist_in_its_order(name, scipy_name, rng):
    nouns = layers(rng)
    found = ic.rdms(nouns, name)
    wanted = [pdist(noun.values.astype(float), scipy_name) for noun in nouns]
    np.testing.assert_allclose(found.values, wanted, rtol=1e-10)
    assert list(found.labels["layer"]) == ["l0", "l1", "l2"]
    assert found.dissimilarity == name
    assert found.stimuli == tuple(NAMES)


@pytest.mark.parametrize("name", ["correlation", "cosine", "euclidean", "squared_euclidean"])
def test_the_road_through_the_gram_agrees(name, rng):
    noun = layers(rng, 1)[0]
    np.testing.assert_array_equal(ic.rdms(ic.gram(noun), name).values, ic.rdms(noun, name).values)


def test_a_mapping_of_layers_is_read_like_a_list(rng):
    nouns = layers(rng)
    found = ic.rdms({noun.labels["layer"]: noun for noun in nouns})
    np.testing.assert_array_equal(found.values, ic.rdms(nouns).values)


def test_a_function_is_a_dissimilarity(rng):
    noun = layers(rng, 1)[0]

    def chebyshev(x):
        return np.abs(x[:, None] - x[None]).max(-1)

    np.testing.assert_allclose(
        ic.rdms(noun, chebyshev).values[0], pdist(noun.values, "chebyshev"), rtol=1e-6
    )


def test_rows_meet_by_name_not_by_place(rng):
    first, second, _ = layers(rng)
    order = rng.permutation(6)
    found = ic.rdms([first, second.take(order)])
    np.testing.assert_allclose(found.values, ic.rdms([first, second]).values, atol=1e-12)


def test_tensors_pass_through(rng):
    torch = pytest.importorskip("torch")
    x = rng.normal(size=(6, 20))
    tensor = ic.Responses(torch.from_numpy(x), NAMES)
    np.testing.assert_allclose(ic.rdms(tensor).values[0], pdist(x, "correlation"), atol=1e-12)


def test_other_stimuli_are_an_error(rng):
    first, second, _ = layers(rng)
    with pytest.raises(ic.MisalignedError, match=r"2 only in the first \('img4', 'img5'\)"):
        ic.rdms([first, second.take([0, 1, 2, 3])])


def test_a_constant_row_is_named(rng):
    values = rng.normal(size=(6, 20))
    values[4] = 2.5
    with pytest.raises(ic.UndefinedError, match=r"layer 'conv': 1 of 6 stimuli, 'img4'"):
        ic.rdms(ic.Responses(values, NAMES, labels={"layer": "conv"}))


def test_unknown_names_are_answered_with_the_nearest(rng):
    with pytest.raises(ic.InputError, match="Did you mean 'correlation'"):
        ic.rdms(layers(rng), "corelation")


def test_what_a_gram_cannot_give_is_said(rng):
    with pytest.raises(ic.InputError, match="'manhattan' does not follow from a Gram"):
        ic.rdms(ic.gram(layers(rng, 1)[0]), "manhattan")


def test_a_lopsided_function_is_refused(rng):
    with pytest.raises(ic.InputError, match="not symmetric"):
        ic.rdms(layers(rng, 1), lambda x: np.triu(x @ x.T, 1))


def test_arrays_are_refused_with_advice(rng):
    with pytest.raises(ic.InputError, match=r"not a list of ndarray: ic\.Responses\(array"):
        ic.rdms([rng.random((3, 2))])


def test_noise_is_for_trials(rng):
    with pytest.raises(ic.InputError, match="noise= applies to Trials"):
        ic.rdms(layers(rng), noise=np.eye(20))


@pytest.mark.parametrize("name", ["correlation", "cosine", "euclidean", "manhattan"])
@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (0, 0)])
def test_nothing_to_compare_is_a_sentence(name, shape):
    with pytest.raises(ic.InputError, match="nothing to compare"):
        ic.rdms(ic.Responses(np.ones(shape)), name)
