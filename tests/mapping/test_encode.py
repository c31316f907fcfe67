import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, KFold, LeaveOneGroupOut, LeaveOneOut
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline

import isocortex as ic
from isocortex.numerics.measures.accuracy import ACCURACIES


def test_rows_meet_by_name_not_by_place(pair, rng):
    features, recording = pair
    first = ic.encode(features, recording, ic.PCR(5), folds=5)
    again = recording.take(rng.permutation(recording.n_stimuli))
    np.testing.assert_allclose(ic.encode(features, again, ic.PCR(5), folds=5).values, first.values)


def test_layers_folds_and_units_carry_their_labels(pair):
    features, recording = pair
    deeper = features.replace(labels={"network": "net", "layer": "conv2"})
    scores = ic.encode([features, deeper], recording, ic.Ridge(9.0), folds=5)
    assert scores.dims == ("layer", "fold", "unit")
    assert scores.values.shape == (2, 5, 6)
    assert scores.tables["layer"]["layer"].tolist() == ["conv1", "conv2"]
    assert {"solver", "why", "network"} <= set(scores.tables["layer"].columns)
    assert scores.tables["fold"]["n_test"].tolist() == [9] * 5
    assert scores.tables["unit"]["voxel"].tolist() == list(range(6))
    assert scores.tables["unit"]["region"].unique().tolist() == ["V1"]
    table = scores.table()
    assert len(table) == 60
    assert {"layer", "fold", "voxel", "region", "score"} <= set(table.columns)


def test_a_mapping_of_layers_and_several_regions(pair):
    features, recording = pair
    other = recording.replace(labels={"region": "IT"})
    scores = ic.encode({"a": features}, [recording, other], ic.Ridge(9.0), folds=5)
    assert scores.values.shape == (1, 5, 12)
    np.testing.assert_allclose(scores.select(region="IT").values, scores.values[..., 6:])


def test_decoding_is_encoding_with_the_sides_exchanged(pair):
    features, recording = pair
    scores = ic.decode(recording, features, ic.Ridge(9.0), folds=5)
    mirror = ic.encode(recording, features, ic.Ridge(9.0), folds=5)
    np.testing.assert_array_equal(scores.values, mirror.values)
    assert scores.dims == ("region", "fold", "unit")
    assert scores.tables["region"]["region"].tolist() == ["V1"]


def test_shared_labels_of_units_get_a_prefix(pair):
    features, _ = pair
    scores = ic.encode(features, features, ic.PCR(4), folds=5)
    assert "other_layer" in scores.tables["unit"].columns


def test_noise_scores_around_zero(rng):
    features = ic.Responses(rng.normal(size=(100, 150)))
    noise = ic.Responses(rng.normal(size=(100, 400)))
    for model in (ic.PCR(9), ic.Ridge(100.0), ic.PLS(3), ic.Univariate()):
        scores = ic.encode(features, noise, model, folds=5)
        of_units = scores.values[0].mean(0)
        assert abs(of_units.mean()) < 3 * of_units.std() / np.sqrt(400) + 0.01


def test_a_linear_signal_is_found(rng):
    x = rng.normal(size=(100, 50))
    features = ic.Responses(x)
    recording = ic.Responses(x[:, :5] + 0.1 * rng.normal(size=(100, 5)))
    assert ic.encode(features, recording, ic.Ridge(1.0)).values.mean() > 0.9


@pytest.mark.parametrize("name", ACCURACIES)
def test_accuracy_by_name_and_as_a_function(name, pair):
    by_name = ic.encode(*pair, ic.PCR(5), folds=5, accuracy=name)
    assert by_name.metric == name
    by_function = ic.encode(*pair, ic.PCR(5), folds=5, accuracy=ACCURACIES[name])
    np.testing.assert_array_equal(by_name.values, by_function.values)


def test_splitters_groups_and_rows_choose_the_folds(pair):
    features, recording = pair
    runs = [i % 3 for i in range(45)]
    by_name = dict(zip(features.stimuli, runs, strict=True))
    first = ic.encode(features, recording, ic.PCR(5), folds=ic.Folds(LeaveOneGroupOut(), runs))
    assert first.values.shape == (1, 3, 6)
    second = ic.encode(features, recording, ic.PCR(5), folds=ic.Folds(LeaveOneGroupOut(), by_name))
    rows = [
        ([i for i in range(45) if runs[i] != run], [i for i in range(45) if runs[i] == run])
        for run in range(3)
    ]
    third = ic.encode(features, recording, ic.PCR(5), folds=rows)
    np.testing.assert_array_equal(first.values, second.values)
    np.testing.assert_array_equal(first.values, third.values)
    shuffled = KFold(5, shuffle=True, random_state=1)
    assert not np.allclose(
        ic.encode(features, recording, ic.PCR(5), folds=shuffled).values,
        ic.encode(features, recording, ic.PCR(5), folds=5).values,
    )


def test_constant_units_are_nan_and_counted_in_one_warning(pair):
    features, recording = pair
    values = recording.values.copy()
    values[:, [1, 4]] = 3.3
    recording = recording.replace(values=values)
    with pytest.warns(UserWarning, match=r"2 of 6 .* constant .* NaN") as caught:
        scores = ic.encode([features, features], recording, ic.PCR(5), folds=5)
    assert len([each for each in caught if "constant" in str(each.message)]) == 1
    assert np.isnan(scores.values[..., [1, 4]]).all()
    assert np.isfinite(scores.values[..., [0, 2, 3, 5]]).all()
    assert scores.notes["n_constant"] == 2


def test_a_function_of_one_stimulus_goes_with_leave_one_out(pair):
    def squared(measured, predicted):
        return ((measured - predicted) ** 2).mean(0)

    scores = ic.encode(*pair, ic.PCR(5), folds=LeaveOneOut(), accuracy=squared)
    assert scores.values.shape == (1, 45, 6)
    assert scores.metric == "squared"
    with pytest.raises(ic.InputError, match="at least 2"):
        ic.encode(*pair, ic.PCR(5), folds=LeaveOneOut())


def test_integers_torch_and_lazy_arrays_are_taken(pair):
    torch = pytest.importorskip("torch")
    features, recording = pair
    expected = ic.encode(features, recording, ic.PCR(5), folds=5).values

    class Lazy:
        shape, dtype, ndim = features.values.shape, features.values.dtype, 2

        def __getitem__(self, key):
            return features.values[key]

    for values in (torch.tensor(features.values), Lazy()):
        found = ic.encode(features.replace(values=values), recording, ic.PCR(5), folds=5)
        np.testing.assert_allclose(found.values, expected, atol=1e-9)


def test_nothing_is_written_into_the_arguments(pair):
    features, recording = pair
    for noun in (features, recording):
        noun.values.flags.writeable = False
    for model in (ic.OLS(), ic.Ridge([1.0, 9.0]), ic.PLS(3), ic.Univariate(), Ridge(2.0)):
        ic.encode(features, recording, model, folds=5, permutations=3, keep_model=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": ic.PCR(40)}, r"PCR\(40\) asks for 40 components, .* 36 stimuli"),
        ({"model": ic.PLS(400)}, "asks for 400 components"),
        ({"model": make_pipeline(PCA(39), Ridge())}, "asks for 39 components"),
        ({"model": ic.PCR(0)}, "above 0"),
        ({"model": ic.PLS(0.5)}, "needs a number above 0"),
        ({"model": ic.Ridge([0.0, 1.0])}, "penalties above 0"),
        ({"model": ic.Ridge([])}, "penalties above 0"),
        ({"model": ic.Ridge([1.0, 2.0], inner="lou")}, "'lou'.*'loo'"),
        ({"model": ic.Ridge}, "not an estimator.*brackets"),
        ({"model": "ridge"}, "not an estimator"),
        ({"model": LogisticRegression()}, "is a classifier"),
        ({"model": ic.Univariate("tset")}, "Did you mean 'test'"),
        ({"folds": 1}, "folds=1 does not fit 45 stimuli"),
        ({"folds": 46}, "choose 2 to 45"),
        ({"folds": "ten"}, "not an int"),
        ({"folds": LeaveOneGroupOut()}, "Folds"),
        ({"folds": ic.Folds(GroupKFold(3), [1, 2])}, "groups for 2 stimuli"),
        ({"accuracy": "pearsn"}, "Did you mean 'pearson'"),
        ({"permutations": -1}, "whole number from 0"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(change, words, pair):
    options = {"model": ic.PCR(5), "folds": 5, **change}
    with pytest.raises(ic.InputError, match=words):
        ic.encode(*pair, **options)


def test_bad_nouns_are_answered_with_a_sentence(pair):
    features, recording = pair
    gram = ic.gram(features)
    without_first = recording.take(np.nonzero(np.array(recording.stimuli) != "stimulus 0")[0])
    with pytest.raises(ic.MisalignedError, match=r"1 only in the first \('stimulus 0'\)"):
        ic.encode(features, without_first, ic.OLS())
    with pytest.raises(ic.InputError, match=r"KNeighborsRegressor\(\).*only their Gram"):
        ic.encode(gram, recording, KNeighborsRegressor())
    with pytest.raises(ic.InputError, match="Univariate.*only their Gram"):
        ic.encode(gram, recording, ic.Univariate())
    with pytest.raises(ic.InputError, match="keep_model=True needs the features"):
        ic.encode(gram, recording, ic.OLS(), keep_model=True)
    with pytest.raises(ic.InputError, match="a Gram has no units"):
        ic.encode(features, gram, ic.OLS())
    with pytest.raises(ic.InputError, match="needs Responses, Gram"):
        ic.encode(features.values, recording, ic.OLS())
    with pytest.raises(ic.InputError, match="hold no models.*keep_model=True"):
        _ = ic.encode(features, recording, ic.OLS()).models
    with pytest.raises(ic.InputError, match="NaN"):
        ic.Responses(np.full((3, 3), np.nan))
    kept = ic.encode(features, recording, ic.OLS(), folds=5, keep_model=True).models[0]
    with pytest.raises(ic.InputError, match="was fitted to"):
        kept.predict(recording)


@pytest.mark.parametrize("model", [ic.PCR(5), ic.Univariate(), Ridge(9.0)])
def test_a_store_on_disk_is_read_layer_by_layer(model, tmp_path, rng):
    torch = pytest.importorskip("torch")

    class Two(torch.nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.first, self.second = torch.nn.Conv2d(3, 4, 3), torch.nn.Conv2d(4, 2, 3)

        def forward(self, x):
            return self.second(torch.relu(self.first(x)))

    images = rng.normal(size=(20, 3, 9, 9)).astype(np.float32)
    stimuli = ic.Stimuli([f"image {i}" for i in range(20)], images)
    store = ic.extract(Two(), stimuli, ["first", "second"], into=tmp_path / "store")
    recording = ic.Responses(rng.normal(size=(20, 3)), stimuli.names)
    scores = ic.encode(store, recording, model, folds=4)
    assert scores.tables["layer"]["layer"].tolist() == ["first", "second"]
    for i, layer in enumerate(store.values()):
        in_memory = layer.replace(values=layer.numpy())
        again = ic.encode(in_memory, recording, model, folds=4)
        np.testing.assert_allclose(scores.values[i], again.values[0], atol=1e-9)
