"""A story and the brains that heard it: the numbers that the facts on time tell, by our verbs."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic

REGIONS = ["LATL", "RATL", "LPTL", "LIPL", "LPreM", "LIFG"]
RATE = [0.323, 0.346, 0.377, 0.399, 0.401, 0.329]
GLOVE = [0.631, 0.557, 0.604, 0.568, 0.544, 0.488]
STATES = [
    [0.599, 0.473, 0.564, 0.526, 0.511, 0.480],
    [0.602, 0.480, 0.546, 0.507, 0.487, 0.480],
    [0.616, 0.533, 0.597, 0.569, 0.548, 0.519],
    [0.622, 0.554, 0.583, 0.544, 0.508, 0.478],
    [0.600, 0.518, 0.585, 0.483, 0.489, 0.440],
    [0.601, 0.495, 0.586, 0.525, 0.494, 0.408],
    [0.482, 0.456, 0.491, 0.398, 0.374, 0.343],
]
"""Of each hidden state of MiniLM, beside word rate."""

SCALED = make_pipeline(StandardScaler(), ic.Ridge(np.logspace(0, 6, 13)))


@pytest.fixture(scope="module")
def story(shared):
    return ic.datasets.alice()


@pytest.fixture(scope="module")
def recordings(story):
    return [each for each in story.listeners if each.labels["subject"] != "33"]


@pytest.fixture(scope="module")
def group(recordings):
    series = [ic.clean(each).numpy() for each in recordings]
    return recordings[0].replace(values=np.mean(series, axis=0), labels={})


@pytest.fixture(scope="module")
def words(story):
    return story.words.take(~story.words.table["word"].str.startswith("'").to_numpy())


@pytest.fixture(scope="module")
def rate(words):
    return ic.features.word_rate(words)


@pytest.fixture(scope="module")
def glove(words, shared):
    vectors = shared / "weights" / "glove_50d" / "glove_6b_50d_20k.npz"
    return ic.features.embedding(words, vectors, unknown="zero")


def volumes(*spaces):
    return ic.resample(ic.Responses.concat(spaces), 372, tr=2.0)


def late(*spaces):
    return ic.delayed(volumes(*spaces), [1, 2, 3, 4]).take(slice(10, None))


def encoded(features, group, **options):
    folds = ic.Folds.by_run(group, 6, gap=0)
    return ic.encode(features, group, SCALED, folds=folds, **options)


def test_word_rate_predicts_the_group(rate, group):
    scores = encoded(late(rate), group, keep_model=True)
    np.testing.assert_allclose(scores.mean("fold").values[0], RATE, atol=5e-4)
    # One r of the joined series, relative to training means, and of the raw predictions.
    pooled = encoded(late(rate), group, pooled=True)
    assert pooled.dims == ("layer", "unit")
    assert pooled.values[0, 0] == pytest.approx(0.268, abs=5e-3)
    joined = np.corrcoef(scores.predicted[0].numpy()[:, 0], group.numpy()[:, 0])[0, 1]
    assert joined == pytest.approx(0.120, abs=0.02)
    assert "one for each fold" in scores.notes["scores"]
    assert "joined" in pooled.notes["scores"]


def test_word_vectors_predict_it_better(rate, glove, group):
    scores = encoded(late(rate, glove), group, permutations=1000)
    np.testing.assert_allclose(scores.mean("fold").values[0], GLOVE, atol=5e-3)
    # One p of all shifts of the recording: 362 with the one that was observed.
    assert scores.notes["null"] == "circular"
    assert scores.columns["p"].max() < 0.01
    np.testing.assert_allclose(scores.columns["p"] * 362 % 1, 0, atol=1e-9)


@pytest.mark.parametrize(
    ("scaled", "lipl"),
    [("before delays, over all volumes", 0.568), ("after, over those that are kept", 0.562)],
)
def test_where_columns_are_scaled_moves_a_region(rate, glove, group, scaled, lipl):
    if scaled.startswith("before"):
        series = ic.standardize(volumes(rate, glove), axis="stimuli")
        features = ic.delayed(series, [1, 2, 3, 4]).take(slice(10, None))
    else:
        features = ic.standardize(late(rate, glove), axis="stimuli")
    ridge, folds = ic.Ridge(np.logspace(0, 6, 13)), ic.Folds.by_run(group, 6, gap=0)
    found = ic.encode(features, group, ridge, folds=folds).mean("fold").values[0]
    assert found[3] == pytest.approx(lipl, abs=1e-3)
    np.testing.assert_allclose(np.delete(found, 3), np.delete(GLOVE, 3), atol=5e-3)


def test_a_purge_by_the_longest_delay_changes_little(rate, glove, group):
    purged = ic.encode(late(rate, glove), group, SCALED, folds=ic.Folds.by_run(group, 6))
    assert purged.mean("fold").values.mean() == pytest.approx(0.565, abs=0.005)
    assert purged.tables["fold"]["n_train"].tolist() == [289, 277, 278, 278, 278, 290]


def test_word_vectors_are_better_in_other_listeners(rate, glove, recordings):
    cleaned = [ic.clean(each) for each in recordings]
    folds = ic.Folds.by_run(cleaned[0], 6, gap=0)
    both = [late(rate), late(rate, glove)]
    scores = ic.encode(both, cleaned, SCALED, folds=folds).mean("fold")
    rates, vectors = scores.values.reshape(2, 27, 6)
    wanted = [0.093, 0.096, 0.167, 0.126, 0.096, 0.068]
    np.testing.assert_allclose(rates.mean(0), wanted, atol=2e-3)
    wanted = [0.234, 0.148, 0.251, 0.162, 0.127, 0.113]
    np.testing.assert_allclose(vectors.mean(0), wanted, atol=2e-3)
    gain = (vectors - rates).mean(1)
    found = ttest_1samp(gain, 0)
    assert gain.mean() == pytest.approx(0.065, abs=1e-3)
    assert found.statistic == pytest.approx(3.46, abs=0.05)
    assert found.pvalue == pytest.approx(0.0019, abs=2e-4)
    assert (gain > 0).sum() == 20


def test_shares_and_parts_of_two_spaces_add_up(rate, glove, group):
    folds = ic.Folds.by_run(group, 6, gap=0)
    spaces, asked = [late(rate), late(glove)], {"accuracy": "explained_variance"}
    scores = ic.encode(spaces, group, ic.BandedRidge([0.1, 1.0, 10.0, 100.0]), folds=folds, **asked)
    assert scores.notes["spaces"] == ("word_rate", "glove_6b_50d_20k")
    np.testing.assert_allclose(scores.columns["share"].sum(-1), scores.values, atol=1e-10)
    for method in ("product", "parts"):
        parts = ic.partition(scores, method=method).people.values
        np.testing.assert_allclose(parts[:-1].sum(0), parts[-1], atol=1e-10)
        np.testing.assert_allclose(parts[-1], scores.values.mean((0, 1)), atol=1e-10)


@pytest.mark.slow
def test_the_layers_of_a_text_network_are_a_curve(words, rate, group, shared):
    network = ic.load_network(shared / "weights" / "minilm_l6")
    names = [f"hidden state {i}" for i in range(7)]
    states = ic.extract(network, words, names, context=40, pooling="mean")
    scores = encoded([late(rate, states[name]) for name in names], group).mean("fold")
    np.testing.assert_allclose(scores.values, STATES, atol=5e-3)


ISC = {
    "raw": ([0.306, 0.197, 0.384, 0.276, 0.222, 0.139], [0.884, 0.794, 0.921, 0.866, 0.822, 0.715]),
    "detrended": (
        [0.324, 0.212, 0.395, 0.277, 0.248, 0.166],
        [0.895, 0.813, 0.926, 0.868, 0.845, 0.758],
    ),
}


@pytest.mark.parametrize("kind", ISC)
def test_what_listeners_share_is_as_the_facts_tell(recordings, kind):
    who = recordings if kind == "raw" else [ic.clean(each) for each in recordings]
    scores = ic.intersubject(who).mean("subject")
    left_out, ceiling = ISC[kind]
    np.testing.assert_allclose(scores.values, left_out, atol=5.1e-4)
    np.testing.assert_allclose(scores.columns["ceiling_group"], ceiling, atol=5.1e-4)


def test_ceilings_pairs_and_the_null_of_the_detrended_series(recordings):
    scores = ic.intersubject([ic.clean(each) for each in recordings], permutations=200)
    columns = {name: column.ravel() for name, column in scores.mean("subject").columns.items()}
    wanted = {
        "pairwise": [0.130, 0.068, 0.182, 0.102, 0.085, 0.048],
        "fisher": [0.338, 0.215, 0.402, 0.283, 0.255, 0.169],
        "ceiling_single": [0.360, 0.260, 0.426, 0.319, 0.291, 0.218],
    }
    for name, numbers in wanted.items():
        np.testing.assert_allclose(columns[name], numbers, atol=6e-4)
    upper = scores.columns["included"].mean(0)
    np.testing.assert_allclose(upper, [0.402, 0.319, 0.460, 0.367, 0.345, 0.288], atol=5.1e-4)
    np.testing.assert_allclose(columns["p"], 1 / 201)


def test_the_listener_who_is_constant_is_named(story):
    with pytest.raises(ic.InputError, match="subject '33' is constant in all 6 units"):
        ic.intersubject(story.listeners)
    assert story.listeners[0].units["region"].tolist() == REGIONS
