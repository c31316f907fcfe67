"""A layer is called what it was asked for as, answers to its other names, and keeps its place."""

import pickle
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import isocortex as ic
from isocortex.data.layer_names import Call, LayerName, merged

N = 12
NAMES = [f"img{i}" for i in range(N)]
ASKED = ["conv1", "conv2", "features.6", "conv5"]
MODULES = ["features.0", "features.3", "features.6", "features.10"]


@pytest.fixture(scope="module")
def store():
    pixels = np.random.default_rng(0).random((N, 3, 64, 64)).astype(np.float32)
    stimuli = ic.Stimuli.from_arrays(list(pixels), NAMES)
    return ic.extract(ic.load_network("alexnet", None), stimuli, ASKED[::-1], pooling="mean")


@pytest.fixture(scope="module")
def brain():
    values = np.random.default_rng(1).normal(size=(N, 5))
    return ic.Responses(values, NAMES, labels={"region": "V1", "subject": 1})


def results(store, brain):
    """Of every verb that has a layer among its labels."""
    rdms = ic.rdms(store)
    yield "rdms", rdms
    yield "compare", ic.compare(rdms, ic.rdms(brain), "pearson")
    yield "similarity", ic.similarity(store, brain)
    yield "encode", ic.encode(store, brain, ic.Ridge(1.0), folds=3)
    yield "decode", ic.decode(brain, list(store.values()), ic.Ridge(1.0), folds=3)
    yield "probe", ic.probe(store, ["a", "b"] * 6, LogisticRegression(), folds=2)
    yield "shuffled", ic.rdms([store[name] for name in ("conv5", "conv1", "conv3", "features.3")])


def test_every_verb_calls_layers_as_they_were_asked_for_and_finds_the_others(store, brain):
    for verb, found in results(store, brain):
        assert list(found.table().groupby("layer").size().index) == ASKED, verb
        for asked, module in zip(ASKED, MODULES, strict=True):
            for name in (asked, module):
                assert set(found.select(layer=name).table()["layer"]) == {asked}, (verb, name)
        some = found.select(layer=["features.10", "conv1"]).table()["layer"]
        assert set(some) == {"conv1", "conv5"}, verb


def test_a_classic_name_finds_what_was_asked_for_by_the_modules(store):
    rdms = ic.rdms(store)
    assert rdms.select(layer="conv3").labels["layer"].tolist() == ["features.6"]
    assert store["conv3"].labels["layer"] == "features.6"
    assert store["features.10"].labels == {"network": "alexnet", "layer": "conv5"}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"layer": "conv11"},
            r"no row has layer='conv11'\. Did you mean 'conv1'.*There is: 'conv1'",
        ),
        ({"layer": "features.11"}, r"Did you mean 'features\.1"),
        ({"layer": ["conv1", "conv9"]}, r"no row has layer='conv9'"),
        ({"network": "alexnett"}, r"Did you mean 'alexnet'"),
        ({"layers": "conv1"}, r"no label 'layers'\. Did you mean 'layer'"),
    ],
)
def test_a_select_that_finds_nothing_says_what_there_is(wanted, words, store):
    rdms = ic.rdms(store)
    with pytest.raises(ic.InputError, match=words):
        rdms.select(**wanted)


def test_the_nearest_number_is_told():
    rdms = ic.RDMs.from_arrays(
        np.ones((3, 6)), labels={"time": [0.1, 0.17188, 0.3], "size": [1, 2, 4]}
    )
    with pytest.warns(ic.IsocortexWarning, match=r"no row has time=0\.17; the nearest is 0\.17188"):
        assert rdms.select(time=0.17).labels["time"].tolist() == [0.17188]
    with pytest.raises(ic.InputError, match=r"size=3\. The nearest is"):
        rdms.select(size=3)
    two = ic.RDMs.from_arrays(np.ones((2, 6)), labels={"a": [1, 2], "b": [1, 2]})
    with pytest.raises(ic.InputError, match="no row has a=1 and b=2 at once"):
        two.select(a=1, b=2)


def layer(name, network, order, *others):
    label = LayerName(name, [Call(network, order, others)])
    values = np.random.default_rng(order).normal(size=(N, 4))
    return ic.Responses(values, NAMES, labels={"network": network, "layer": label})


def two_networks():
    """The same names, which other modules have; the tenth comes after the second."""
    first = [layer("conv2", "a", 3, "f.3"), layer("conv1", "a", 0, "f.0"), layer("fc", "a", 30)]
    second = [layer("conv10", "b", 9, "f.3"), layer("conv1", "b", 0, "f.0")]
    return first, [*second, layer("conv2", "b", 4, "f.2")]


@pytest.mark.parametrize(
    "joined",
    [
        lambda a, b: ic.RDMs.concat([ic.rdms(a), ic.rdms(b)]),
        lambda a, b: ic.rdms([*b, *a]),
        lambda a, b: ic.Scores.concat([ic.compare(ic.rdms(x), DATA) for x in (a, b)], "model"),
    ],
)
def test_of_two_networks_each_answers_to_its_own_names(joined):
    both = joined(*two_networks())
    order = list(both.table().groupby("layer").size().index)
    assert set(order[2:]) == {"conv10", "fc"}
    assert order[:2] == ["conv1", "conv2"]
    found = both.select(layer="f.3").table()[["network", "layer"]].drop_duplicates()
    assert {tuple(row) for row in found.itertuples(index=False)} == {
        ("a", "conv2"),
        ("b", "conv10"),
    }
    assert set(both.select(layer="f.0").table()["network"]) == {"a", "b"}


DATA = ic.RDMs.from_arrays(np.random.default_rng(2).random(N * (N - 1) // 2), NAMES)


def test_tables_joined_by_pandas_alone_keep_the_order():
    tables = [ic.rdms(each).table() for each in two_networks()]
    order = list(pd.concat(tables).groupby("layer").size().index)
    assert order == ["conv1", "conv2", "fc", "conv10"]  # a's, then what only b has


def test_orders_are_merged_beside_their_neighbours():
    assert merged("abc", "axc") == list("axbc")
    assert merged("ac", "zac") == list("zac")
    assert merged("ab", "xy") == list("abxy")
    assert merged("", "xy") == list("xy")
    assert merged("abc", "ca") == list("abc")


def test_layers_with_a_name_alone_keep_the_order_in_which_they_come():
    names = ["features.3", "features.10", "input"]
    nouns = [ic.Responses(np.eye(4), list("abcd"), labels={"layer": name}) for name in names]
    table = ic.rdms(nouns, "euclidean").table()
    assert list(table.groupby("layer").size().index) == names
    numbers = ic.RDMs.from_arrays(np.ones((2, 3)), labels={"layer": [2, 1]})
    assert numbers.labels["layer"].tolist() == [2, 1]
    gap = ic.RDMs.concat([ic.RDMs.from_arrays(np.ones((1, 3)), labels={"layer": "x"})] * 2)
    assert gap.labels["layer"].cat.categories.tolist() == ["x"]


def test_names_come_back_from_files(tmp_path):
    rdms = ic.RDMs.concat([ic.rdms(each) for each in two_networks()])
    back = ic.read_rdms(ic.write_rdms(rdms, tmp_path / "a.npz"))
    pd.testing.assert_frame_equal(back.labels, rdms.labels)
    assert back.select(layer="f.3").n_rdms == 2
    again = pickle.loads(pickle.dumps(rdms))
    assert again.select(layer="f.2").labels["layer"].tolist() == ["conv2"]


def test_text_stays_plain_text(store):
    table = ic.rdms(store).labels
    read = pd.read_csv(StringIO(table.to_csv(index=False)))
    assert read["layer"].tolist() == ASKED
    assert repr(store["conv1"]).endswith("layer='conv1')")
    assert table["layer"].iloc[0] == "conv1"


def test_a_part_knows_only_its_own_layers(store):
    part = ic.rdms(store).select(layer=["conv1", "conv5"])
    assert part.labels["layer"].cat.categories.tolist() == ["conv1", "conv5"]
    assert part.mean().labels.columns.tolist() == ["network"]


def test_a_network_against_itself(store):
    scores = ic.similarity(store, store)
    one = scores.select(layer="features.0", other_layer="features.10")
    np.testing.assert_allclose(one.values, ic.similarity(store["conv1"], store["conv5"]).values)


def test_plots_show_layers_as_they_run_under_the_names_asked_for(store, brain):
    import matplotlib.pyplot as plt

    nouns = [store[name] for name in ("conv5", "features.0", "conv2")]
    ax = ic.plots.layers(ic.encode(nouns, brain, ic.Ridge(1.0), folds=3))
    assert [text.get_text() for text in ax.get_xticklabels()] == ["conv1", "conv2", "conv5"]
    plt.close("all")


def test_a_description_has_the_names_asked_for():
    found = ic.describe(ic.load_network("alexnet", None), 10, layers=["conv1", "features.3"])
    assert found.layers["layer"].tolist() == ["conv1", "features.3"]
    assert found.layers["alias"].tolist() == ["features.0", "conv2"]
