"""What users hand in: tables, labelled arrays, masks, odd numbers and odd names."""

import pickle
import warnings

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
import zarr
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold

import isocortex as ic
from isocortex.arrays import Lazy, is_lazy

xarray = pytest.importorskip("xarray")
NAMES = ["cat", "dog", "egg", "fox", "gnu", "hen"]
X = np.random.default_rng(0).normal(size=(6, 4))
SHUFFLED = [3, 0, 5, 1, 4, 2]


def frame(values=X, names=NAMES):
    return pd.DataFrame(values, index=names, columns=["v1", "v2", "v3", "v4"])


def squares(values):
    return ic.rdms(ic.Responses(np.asarray(values, dtype=float)), "euclidean").square()[0]


NOUNS = {
    "Responses": lambda values: ic.Responses(values).numpy(),
    "Trials": lambda values: ic.Trials(values, NAMES).values,
    "Scores": lambda values: (
        ic.Scores(
            values, {"a": pd.DataFrame({"a": range(6)}), "b": pd.DataFrame({"b": range(4)})}
        ).values
    ),
    "SelectiveRidge": lambda values: ic.SelectiveRidge(2, 1.0).fit(X, values).predict(X),
    "SelectiveRidge, X": lambda x: ic.SelectiveRidge(2, 1.0).fit(x, X[:, 0]).predict(x),
    "Ridge": lambda values: ic.Ridge(1.0).fit(X, values).predict(X),
}
SQUARE_NOUNS = {
    "RDMs": lambda values: ic.RDMs.from_arrays(values).square()[0],
    "RDMs of pairs": lambda values: ic.RDMs(values, NAMES[:4]).values,
    "Gram": lambda values: ic.Gram(values, np.zeros(6), 4).matrix,
}
KINDS = {
    "DataFrame": pd.DataFrame,
    "named DataFrame": lambda x: pd.DataFrame(x, index=NAMES),
    "nullable DataFrame": lambda x: pd.DataFrame(x).convert_dtypes(),
    "mixed DataFrame": lambda x: pd.DataFrame(x).astype({0: object}),
    "DataArray": lambda x: xarray.DataArray(x, dims=("stimulus", "unit")),
    "list": lambda x: x.tolist(),
    "list of rows": list,
    "tensor": torch.as_tensor,
    "tensor that is learned": lambda x: torch.as_tensor(x).requires_grad_(),
    "list of tensors": lambda x: list(torch.as_tensor(x)),
    "sparse tensor": lambda x: torch.as_tensor(x).to_sparse(),
    "masked array without a mask": np.ma.array,
    "sparse array": sparse.csr_array,
    "sparse matrix": sparse.coo_matrix,
    "big-endian": lambda x: x.astype(">f8"),
    "objects": lambda x: x.astype(object),
    "Fortran": np.asfortranarray,
    "long double": lambda x: x.astype(np.longdouble),
}


PLAIN = {"Gram": X @ X.T, "RDMs of pairs": np.arange(36.0).reshape(6, 6), "RDMs": squares(X)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("noun", [*NOUNS, *SQUARE_NOUNS])
def test_every_container_of_numbers_is_as_the_plain_array(noun, kind):
    make, plain = {**NOUNS, **SQUARE_NOUNS}[noun], PLAIN.get(noun, X)
    if noun == "Ridge" and kind.startswith("sparse"):
        pytest.skip("scikit-learn refuses these itself")
    found = make(KINDS[kind](plain))
    found = found.detach() if isinstance(found, torch.Tensor) else found
    np.testing.assert_allclose(np.asarray(found, float), make(plain), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", ">f4", "int16", ">i2", "uint8", "bool"])
def test_every_type_of_number_is_taken(dtype):
    values = (np.arange(24) % 5).reshape(6, 4).astype(dtype)
    for make in (ic.Responses, lambda x: ic.Trials(x, NAMES)):
        found = make(values).values
        assert found.dtype.isnative
        assert found.dtype.kind == "f"
        np.testing.assert_array_equal(found, values.astype(float))


def test_large_half_precision_is_no_overflow():
    values = np.full((400, 400), 6e4, np.float16)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ic.Responses(values)


BAD = {
    "complex": (X + 1j, "[Cc]omplex.*real numbers"),
    "complex tensor": (torch.as_tensor(X + 1j), "[Cc]omplex.*real numbers"),
    "complex DataFrame": (pd.DataFrame(X + 1j), "[Cc]omplex.*real numbers"),
    "complex objects": ((X + 1j).astype(object), "holds .complex"),
    "text": (np.full((6, 4), "a"), "must be real numbers, not <U1"),
    "objects": (np.full((6, 4), None), "must be real numbers, .* holds .NoneType"),
    "dates": (np.zeros((6, 4), "datetime64[s]"), "must be real numbers, not datetime64"),
    "masked": (np.ma.array(X, mask=X > 1), r"\d of 24 entries are masked.*filled"),
    "list of masked rows": (list(np.ma.array(X, mask=X > 1)), "entries are masked"),
    "column of text": (frame().assign(kind="a"), "1 of 5 columns hold no numbers .'kind'"),
    "list of Series": ([frame()["v1"]], "a list of Series, whose labels"),
    "Dataset": (xarray.Dataset({"a": ("x", X[0])}), r"an xarray Dataset.*dataset\['name'\]"),
    "ragged": ([[1.0, 2.0], [1.0]], "no array of numbers.*one length"),
    "of ours": (ic.Responses(X), r"is Responses already.*np.asarray\(values\)"),
    "None": (None, "must be real numbers.*NoneType"),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("noun", [*list(NOUNS)[:2], "RDMs"])
def test_what_is_no_table_of_numbers_is_refused(noun, kind):
    values, words = BAD[kind]
    with pytest.raises(ic.InputError, match=f"(?s)^{noun}.*{words}"):
        {**NOUNS, **SQUARE_NOUNS}[noun](values)


@pytest.mark.parametrize("model", [ic.SelectiveRidge(2, 1.0), ic.Ridge(1.0), ic.Univariate()])
def test_masked_entries_are_refused_by_estimators(model):
    masked = np.ma.array(X, mask=X > 1)
    for pair in ((masked, X), (X, masked)):
        with pytest.raises(ic.InputError, match="entries are masked"):
            model.fit(*pair)
    with pytest.raises(ic.InputError, match="entries are masked"):
        model.fit(X, X).predict(masked)


@pytest.mark.parametrize("model", [ic.SelectiveRidge(2, 1.0), ic.OLS(), ic.Univariate()])
def test_estimators_do_not_pair_rows_of_other_names(model):
    targets = frame(X * 2)
    with pytest.raises(ic.MisalignedError, match="y names the rows in another order"):
        model.fit(frame(), targets.iloc[SHUFFLED])
    model.fit(frame(), targets)
    assert list(model.feature_names_in_) == ["v1", "v2", "v3", "v4"]
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame()[["v2", "v1", "v3", "v4"]])


def test_an_index_names_rows_and_columns_name_units():
    noun = ic.Responses(frame())
    assert noun.stimuli == tuple(NAMES)
    assert list(noun.units["unit"]) == ["v1", "v2", "v3", "v4"]
    assert ic.Responses(frame(), labels={"region": "V1"}).labels == {"region": "V1"}


@pytest.mark.parametrize("names", [NAMES, range(6), [10, 2, 3, 4, 5, 6]])
def test_a_shuffled_table_compared_with_itself_gives_1(names):
    table = pd.DataFrame(X, index=names)
    shuffled = table.sample(frac=1, random_state=1)
    assert list(shuffled.index) != list(table.index)
    both = [ic.rdms(ic.Responses(each)) for each in (table, shuffled)]
    assert ic.compare(*both).values.item() == pytest.approx(1)
    assert ic.similarity(ic.Responses(table), ic.Responses(shuffled)).values.item() == (
        pytest.approx(1)
    )


def test_square_tables_meet_by_name_within_and_without():
    square = pd.DataFrame(squares(X), index=NAMES, columns=NAMES)
    mixed = square.iloc[SHUFFLED, SHUFFLED[::-1]]
    one, other = ic.RDMs.from_arrays(square), ic.RDMs.from_arrays(mixed)
    assert ic.compare(one, other).values.item() == pytest.approx(1)
    np.testing.assert_array_equal(one.square(), other.reorder(NAMES).square())
    stack = ic.RDMs.from_arrays([square, mixed], labels={"subject": [1, 2]})
    np.testing.assert_array_equal(stack.values[0], stack.values[1])
    gram = pd.DataFrame(X @ X.T, index=NAMES, columns=NAMES).iloc[:, SHUFFLED]
    np.testing.assert_allclose(ic.Gram(gram, X.sum(1), 4).matrix, X @ X.T)
    assert ic.Gram(gram, X.sum(1), 4).stimuli == tuple(NAMES)
    with pytest.raises(ic.MisalignedError, match="the columns must name the same stimuli"):
        ic.RDMs.from_arrays(square.rename(columns={"cat": "kat"}))
    with pytest.raises(ic.MisalignedError, match="matrix 1 must name the same stimuli"):
        ic.RDMs.from_arrays([square, square.rename("{}s".format).rename(columns="{}s".format)])
    with pytest.raises(ic.InputError, match="some of these 2 matrices name their stimuli"):
        ic.RDMs.from_arrays([square, xarray.DataArray(squares(X))])


def test_names_beside_an_index_must_not_contradict_it():
    names = [NAMES[i] for i in SHUFFLED]
    for make in (ic.Responses, ic.Trials):
        with pytest.raises(ic.MisalignedError, match="stimuli names the rows .* another order"):
            make(frame(), names)
        with pytest.raises(ic.MisalignedError, match="stimuli names the rows .* another order"):
            make(frame(), pd.Series(NAMES, index=names))
    with pytest.raises(ic.MisalignedError, match="runs names the rows .* another order"):
        ic.Trials(frame(), NAMES, runs=pd.Series(range(6), index=names))
    assert ic.Responses(frame(), list("uvwxyz")).stimuli == tuple("uvwxyz")
    assert ic.Responses(pd.DataFrame(X), list("120345")).stimuli == tuple("120345")


def test_levels_of_an_index_become_columns():
    index = pd.MultiIndex.from_arrays([[1, 1, 1, 2, 2, 2], list("abcabc")], names=["run", None])
    trials = ic.Trials(pd.DataFrame(X, index=index.set_names("condition", level=1)))
    assert trials.stimuli == tuple("abcabc")
    np.testing.assert_array_equal(trials.runs, [1, 1, 1, 2, 2, 2])
    assert ic.Responses(pd.DataFrame(X, index=index)).stimuli[:2] == ("1/a", "1/b")
    with pytest.raises(ic.InputError, match="needs the stimulus of each trial"):
        ic.Trials(pd.DataFrame(X))


@pytest.fixture
def v1():
    units = pd.DataFrame({"i": [1, 2, 3, 4], "roi": ["V1", "V1", "V2", "V2"]})
    return ic.Responses(X, NAMES, units, {"region": "V1", "subject": 3})


def test_our_own_export_comes_back_whole(v1):
    for array in (v1.to_xarray(), v1.to_xarray().T, v1.to_xarray().isel(stimulus=SHUFFLED)):
        back = ic.Responses(array)
        assert back.labels == v1.labels
        pd.testing.assert_frame_equal(back.units, v1.units)
        first, second = ic.align(v1, back)
        np.testing.assert_array_equal(first.values, second.values)
    stack = ic.RDMs.from_arrays(np.stack([squares(X)] * 2), NAMES, {"subject": [1, 2]}, "euclidean")
    mixed = stack.to_xarray().isel(stimulus=SHUFFLED).transpose("stimulus", "rdm", "other")
    back = ic.RDMs.from_arrays(mixed)
    np.testing.assert_array_equal(back.reorder(NAMES).values, stack.values)
    assert (back.dissimilarity, list(back.labels["subject"])) == ("euclidean", [1, 2])


def test_an_assembly_gives_trials_with_times_runs_and_units():
    values = np.random.default_rng(1).normal(size=(5, 6, 4))
    array = xarray.DataArray(
        values,
        dims=("time", "presentation", "neuroid"),
        coords={
            "time": ("time", [0.0, 10.0, 20.0, 30.0, 40.0], {"units": "ms"}),
            "image_id": ("presentation", list("abcabc")),
            "run": ("presentation", [1, 1, 1, 2, 2, 2]),
            "region": ("neuroid", ["V4", "V4", "IT", "IT"]),
            "animal": "chabo",
        },
    )
    trials = ic.Trials(array)
    assert trials.stimuli == tuple("abcabc")
    assert list(trials.units["region"]) == ["V4", "V4", "IT", "IT"]
    assert trials.labels == {"animal": "chabo"}
    np.testing.assert_allclose(trials.times, [0, 0.01, 0.02, 0.03, 0.04])
    np.testing.assert_array_equal(trials.runs, [1, 1, 1, 2, 2, 2])
    np.testing.assert_array_equal(trials.values, values.transpose(1, 2, 0))
    stacked = array.set_index(presentation=["image_id", "run"])
    assert ic.Trials(stacked).stimuli == tuple("abcabc")
    lags = array.assign_coords(time=np.arange(5).astype("timedelta64[ms]").astype("m8[ns]"))
    np.testing.assert_allclose(ic.Trials(lags).times, [0, 0.001, 0.002, 0.003, 0.004])
    years = array.assign_coords(time=("time", np.arange(5.0), {"units": "years"}))
    with pytest.raises(ic.InputError, match="'time' .*unit 'years'.* gives no times"):
        ic.Trials(years)


def test_masked_pairs_are_gaps_where_gaps_may_be():
    square = np.ma.array(squares(X), mask=np.zeros((6, 6), bool))
    square[1, 2] = square[2, 1] = np.ma.masked
    with pytest.raises(ic.InputError, match="2 of 36 entries are masked"):
        ic.RDMs.from_arrays(square, NAMES)
    found = ic.RDMs.from_arrays(square, NAMES, gaps=True)
    assert found.gaps
    assert np.isnan(found.square()[0, 1, 2])


MASK = np.array([True, False, True, False, True, False])
TAKEN = {
    "Responses": lambda rows: ic.Responses(X, NAMES).take(rows).stimuli,
    "RDMs": lambda rows: ic.rdms(ic.Responses(X, NAMES)).take(rows).stimuli,
    "Gram": lambda rows: ic.gram(ic.Responses(X, NAMES)).take(rows).stimuli,
    "Trials": lambda rows: ic.Trials(X, NAMES).take(rows).stimuli,
    "Stimuli": lambda rows: ic.Stimuli(NAMES, ["text"] * 6, "text").take(rows).names,
    "Responses.units_where": lambda rows: tuple(
        ic.Responses(X.T, units={"name": NAMES}).units_where(rows).units["name"]
    ),
}


@pytest.mark.parametrize("noun", TAKEN)
def test_a_mask_is_a_mask_and_positions_are_positions(noun):
    take = TAKEN[noun]
    for mask in (MASK, MASK.tolist(), pd.Series(MASK), torch.as_tensor(MASK), MASK.astype(object)):
        assert take(mask) == ("cat", "egg", "gnu")
    for rows in ([2, 0], np.array([2, 0], "u1"), slice(2, None, -2), [-4, -6], pd.Index([2, 0])):
        assert take(rows) == ("egg", "cat")
    assert take([]) == ()
    for wrong, words in (
        (MASK[:3], "mask has 3 entries for 6"),
        (np.append(MASK, True), "mask has 7 entries for 6"),
        ([6], "positions go from 6 to 6"),
        ([0.5], "not float64"),
        (["cat"], "not <U3 such as"),
        (False, "not the single value False"),
        (MASK.reshape(2, 3), r"not shape \(2, 3\)"),
    ):
        with pytest.raises(ic.InputError, match=f"^{noun}.*{words}"):
            take(wrong)


@pytest.mark.parametrize("copy", [None, True])
def test_numpy_takes_the_values_of_a_noun(v1, copy):
    table = pd.DataFrame({"a": range(6)})
    nouns = (
        (v1, X),
        (ic.Trials(X, NAMES), X),
        (ic.rdms(v1), ic.rdms(v1).values),
        (ic.gram(v1), X @ X.T),
        (ic.Scores(X[:, 0], {"a": table}), X[:, 0]),
        (ic.Responses(torch.as_tensor(X).requires_grad_(), NAMES), X),
    )
    for noun, values in nouns:
        found = np.array(noun) if copy else np.asarray(noun)
        np.testing.assert_allclose(found, values)
        assert found.flags.writeable is bool(copy)
        assert np.asarray(noun, dtype="f4").dtype == np.float32


COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


def test_two_spellings_of_a_name_are_one_name():
    one, other = (ic.Responses(X[:3], [name, "b", "c"]) for name in (COMPOSED, DECOMPOSED))
    assert one.stimuli == other.stimuli == (COMPOSED, "b", "c")
    assert ic.rdms(one).reorder(["c", DECOMPOSED]).stimuli == ("c", COMPOSED)
    assert ic.Stimuli([DECOMPOSED], ["text"], "text").names == (COMPOSED,)
    with pytest.raises(ic.InputError, match="composed and decomposed in Unicode"):
        ic.Responses(X[:3], [COMPOSED, DECOMPOSED, "c"])
    with pytest.warns(ic.errors.IsocortexWarning, match="both are taken for one stimulus"):
        trials = ic.Trials(X[:3], [COMPOSED, DECOMPOSED, "c"])
    assert trials.stimuli == (COMPOSED, COMPOSED, "c")


NAMED = {
    "bytes": [b"cat", b"dog"],
    "array of bytes": np.array([b"cat", b"dog"]),
    "padded bytes": np.array([b"ape  ", b"horse"]),
    "cells": np.array([[np.array(["cat"])], [np.array(["dog"])]], dtype=object),
    "char matrix": np.array(["ape  ", "horse"]),
    "row of cells": np.array([[np.array(["cat"]), np.array(["dog"])]], dtype=object),
    "Series": pd.Series(["cat", "dog"], index=[7, 3]),
    "Index": pd.Index(["cat", "dog"]),
    "DataArray": xarray.DataArray(["cat", "dog"]),
    "tensor": torch.tensor([3, 4]),
    "numbers": np.array([1.5, 2.0]),
    "generator": (name for name in ("cat", "dog")),
}
RIGHT = {
    "char matrix": ("ape", "horse"),
    "padded bytes": ("ape", "horse"),
    "tensor": ("3", "4"),
    "numbers": ("1.5", "2.0"),
}


@pytest.mark.parametrize("kind", NAMED)
def test_names_become_plain_text(kind):
    names = list(NAMED[kind]) if kind == "generator" else NAMED[kind]
    right = RIGHT.get(kind, ("cat", "dog"))
    assert ic.Responses(X[:2], names).stimuli == right
    assert ic.Trials(X[:2], names).stimuli == right
    assert ic.RDMs([[1.0]], names).stimuli == right
    assert ic.Gram(np.eye(2), np.ones(2), 1, names).stimuli == right
    assert ic.Stimuli(names, ["a", "b"], "text").names == right


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["cat", None], "1 of 2 rows are missing .*rows .1"),
        (pd.Series(["cat", np.nan]), "1 of 2 rows are missing"),
        ([b"caf\xe9", "b"], "not written in UTF-8"),
        (np.ma.array([1, 2], mask=[0, 1]), "entries are masked"),
        (7, "must be a list of names, not int"),
    ],
)
def test_names_that_are_none_are_refused(names, words):
    for make in (ic.Responses, ic.Trials):
        with pytest.raises(ic.InputError, match=words):
            make(X[:2], names)


def test_labels_and_groups_meet_by_the_index_they_have():
    labels = pd.Series([0, 1, 0, 1, 0, 1], index=NAMES)
    features, folds = ic.Responses(X, NAMES), KFold(3)
    scores = [
        ic.probe(features, each, LogisticRegression(), folds=folds).values
        for each in (labels, labels.iloc[SHUFFLED], labels.to_dict())
    ]
    np.testing.assert_array_equal(scores[0], scores[1])
    np.testing.assert_array_equal(scores[0], scores[2])
    with pytest.raises(ic.MisalignedError, match="groups names the rows in another order"):
        ic.Folds(GroupKFold(2), labels.iloc[SHUFFLED]).group_of(tuple(NAMES))
    assert list(ic.Folds(GroupKFold(2), labels).group_of(tuple(NAMES))) == list(labels)


def test_other_numbers_beside_the_values_pass_the_same_door():
    table = {"a": pd.DataFrame({"a": range(6)}), "b": pd.DataFrame({"b": range(4)})}
    masked = np.ma.array(X, mask=X > 1)
    for wrong, words in ((X + 1j, "Complex data"), (masked, "entries are masked")):
        with pytest.raises(ic.InputError, match=f"Scores p: .*{words}"):
            ic.Scores(X, table, columns={"p": wrong})
        with pytest.raises(ic.InputError, match=f"Noise: .*{words}"):
            ic.Noise(wrong[:4])
    with pytest.raises(ic.InputError, match="Trials times: 1 of 2 entries are masked"):
        ic.Trials(X[:, :, None] * [1, 2], NAMES, times=np.ma.array([0, 1], mask=[0, 1]))


def test_a_covariance_that_is_a_table_names_its_units():
    channels = ["C1", "C2", "C3", "C4"]
    covariance = pd.DataFrame(np.cov(X.T), index=channels, columns=channels)
    noise = ic.Noise(covariance.iloc[:, [2, 0, 3, 1]])
    np.testing.assert_allclose(noise.covariance[0, 0], np.cov(X.T))
    assert list(noise.units["unit"]) == channels
    assert ic.Noise(pd.DataFrame(np.cov(X.T))).units is None


def test_masked_runs_are_refused():
    with pytest.raises(ic.InputError, match="Trials runs: 1 of 6 entries are masked"):
        ic.Trials(X, NAMES, runs=np.ma.array(range(6), mask=MASK & (np.arange(6) == 2)))


def test_a_lazy_matrix_is_one_that_says_so():
    for value in (X, torch.as_tensor(X), frame(), sparse.csr_array(X), X.tolist(), None, "a"):
        assert not is_lazy(value)
        assert not isinstance(value, Lazy)


def test_sets_of_open_files_are_read_when_they_are_used(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("chunked", data=X.astype(">f4"), chunks=(3, 2))
        file.create_dataset("whole", data=(X * 10).astype("i2"))
        file.create_dataset("names", data=NAMES, dtype=h5py.string_dtype())
    stored = zarr.create_array(str(tmp_path / "x.zarr"), data=X, chunks=(2, 4))
    with h5py.File(tmp_path / "x.h5") as file:
        for given, values in (
            (file["chunked"], X.astype("f4")),
            (file["whole"], (X * 10).astype("i2").astype(float)),
            (stored, X),
        ):
            noun = ic.Responses(given, NAMES)
            assert is_lazy(noun.values)
            np.testing.assert_array_equal(noun.numpy(), values)
            np.testing.assert_array_equal(noun.take(SHUFFLED).values, values[SHUFFLED])
            np.testing.assert_allclose(
                ic.rdms(noun).values, ic.rdms(ic.Responses(values, NAMES)).values, rtol=1e-6
            )
        assert ic.Responses(X, file["names"]).stimuli == tuple(NAMES)
        with pytest.raises(ic.InputError, match="values on disk are objects"):
            ic.Responses(file["names"])


@pytest.fixture
def told():
    """The warnings of rows without names, which other tests do not listen to."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ic.errors.UnnamedWarning)
        yield found


def as_rdms(values, names):
    return ic.RDMs.from_arrays(squares(values), names)


def as_gram(values, names):
    return ic.Gram(values @ values.T, values.sum(1), values.shape[1], names)


PAIRED = {
    "align": (ic.Responses, ic.align),
    "align of those in common": (ic.Responses, lambda a, b: ic.align(a, b, join="inner")),
    "compare": (as_rdms, ic.compare),
    "compare of derived": (lambda x, names: ic.rdms(ic.Responses(x, names)), ic.compare),
    "concat": (as_rdms, lambda *both: ic.RDMs.concat(both)),
    "similarity": (ic.Responses, ic.similarity),
    "similarity of Grams": (as_gram, ic.similarity),
    "encode": (ic.Responses, lambda a, b: ic.encode(a, b, ic.OLS(), folds=3)),
}


@pytest.mark.parametrize("verb", PAIRED)
def test_rows_without_names_meet_by_place_only_aloud(verb, told):
    make, pair = PAIRED[verb]
    other = X[SHUFFLED]
    pair(make(X, NAMES), make(other, NAMES))
    pair(make(X, "by position"), make(other, "by position"))
    pair(make(X, "by position"), make(other, None))
    same = make(X, None)
    pair(same, same.take(SHUFFLED))
    pair(same, pickle.loads(pickle.dumps(same)))
    assert not told
    pair(make(X, None), make(other, None))
    (said,) = {str(each.message) for each in told}
    assert "6 rows of these two were not given names, so that they meet by place" in said
    assert 'stimuli="by position"' in said


def test_made_up_names_do_not_match_names():
    with pytest.raises(ic.MisalignedError, match="rows of the second were not given names"):
        ic.align(ic.Responses(X, NAMES), ic.Responses(X))
    assert ic.Responses(frame(), "by position").stimuli[0] == "stimulus 0"
    assert ic.Stimuli.from_arrays(np.zeros((2, 4, 4)), "by position").names[1] == "stimulus 1"


def test_rows_named_by_a_store_and_rows_without_names_meet_aloud(told):
    ic.align(ic.Responses(X, [f"stimulus {i}" for i in range(6)]), ic.Responses(X))
    assert [each.category for each in told] == [ic.errors.UnnamedWarning]


def test_layers_of_one_file_share_their_rows(tmp_path, told):
    layers = {name: ic.Responses(X, NAMES) for name in ("conv1", "fc8")}
    ic.write_act_h5(layers, tmp_path / "x.act.h5")
    ic.align(*ic.read_act_h5(tmp_path / "x.act.h5").values())
    assert not told


def test_a_tuple_is_a_list():
    from sklearn.linear_model import LogisticRegression

    trials = ic.Trials(np.random.default_rng(0).normal(size=(8, 2)), list("abababab"))
    model = LogisticRegression()
    listed = ic.probe(trials, list("xyxyxyxy"), model, folds=2)
    np.testing.assert_array_equal(
        ic.probe(trials, tuple("xyxyxyxy"), model, folds=2).values, listed.values
    )
