"""A story and the brains that heard it: the numbers that the facts on time tell, by our verbs."""

from pathlib import Path

import numpy as np
import pytest
from scipy.signal import detrend

import isocortex as ic

SHARED = Path(__file__).resolve().parents[3] / "shared"
ALICE = SHARED / "data" / "alice"
REGIONS = ["LATL", "RATL", "LPTL", "LIPL", "LPreM", "LIFG"]
RATE = [0.323, 0.346, 0.377, 0.399, 0.401, 0.329]
GLOVE = [0.631, 0.557, 0.604, 0.568, 0.544, 0.488]

pytestmark = pytest.mark.skipif(not ALICE.is_dir(), reason="the story of Alice is not here")


def listeners():
    """Of each listener, by number: the series of six regions, volumes 10 to 371."""
    files = sorted((ALICE / "6mm").glob("s*-timecourses.txt"))
    names = [f"volume {i}" for i in range(10, 372)]
    table = {"onset": np.arange(10, 372) * 2.0, "run": "story"}
    return [
        ic.Responses(
            np.loadtxt(file),
            names,
            {"region": REGIONS},
            {"subject": file.name[1:3]},
            table,
        )
        for file in files
    ]


def detrended(recordings):
    return [each.replace(values=detrend(each.numpy(), axis=0)) for each in recordings]


@pytest.fixture(scope="module")
def recordings():
    return [each for each in listeners() if each.labels["subject"] != "33"]


@pytest.fixture(scope="module")
def group(recordings):
    series = [each.numpy() / each.numpy().std(0) for each in detrended(recordings)]
    return recordings[0].replace(values=np.mean(series, axis=0), labels={})


@pytest.fixture(scope="module")
def words():
    with pytest.warns(ic.IsocortexWarning, match="2423 intervals, 296 are silence"):
        found = ic.Stimuli.from_words(next((ALICE / "stim").glob("*.TextGrid")))
    return found.take(~found.table["word"].str.startswith("'").to_numpy())


def vectors(words):
    """GloVe: lower case, else the part before an apostrophe, else zeros."""
    kept = np.load(SHARED / "weights" / "glove_50d" / "glove_6b_50d_20k.npz")
    place = {word: i for i, word in enumerate(kept["words"].tolist())}
    known_vectors = kept["vectors"]
    found = np.zeros((len(words), 50))
    for row, word in enumerate(words.table["word"].str.lower()):
        known = [each for each in (word, word.split("'")[0]) if each in place]
        if known:
            found[row] = known_vectors[place[known[0]]]
    return found


def late(words, values):
    noun = ic.Responses(values, words.names, table=words.table)
    series = ic.resample(noun, 372, tr=2.0)
    return ic.delayed(ic.standardize(series, axis="stimuli"), [1, 2, 3, 4]).take(slice(10, None))


def encoded(features, group, **options):
    folds = ic.Folds.by_run(group, 6, gap=0)
    return ic.encode(
        features, group, ic.Ridge(10 ** np.arange(0, 6.1, 0.5)), folds=folds, **options
    )


def test_word_rate_predicts_the_group(words, group):
    scores = encoded(late(words, np.ones((2104, 1))), group, keep_model=True)
    np.testing.assert_allclose(scores.mean("fold").values[0], RATE, atol=5e-4)
    # One r of the joined series, relative to training means, and of the raw predictions.
    pooled = encoded(late(words, np.ones((2104, 1))), group, pooled=True)
    assert pooled.dims == ("layer", "unit")
    assert pooled.values[0, 0] == pytest.approx(0.268, abs=5e-3)
    joined = np.corrcoef(scores.predicted[0].numpy()[:, 0], group.numpy()[:, 0])[0, 1]
    assert joined == pytest.approx(0.120, abs=0.02)
    assert "one for each fold" in scores.notes["scores"]
    assert "joined" in pooled.notes["scores"]


def test_word_vectors_predict_it_better(words, group):
    both = np.column_stack([np.ones(2104), vectors(words)])
    scores = encoded(late(words, both), group)
    np.testing.assert_allclose(scores.mean("fold").values[0], GLOVE, atol=5e-3)
    purged = ic.encode(
        late(words, both),
        group,
        ic.Ridge(10 ** np.arange(0, 6.1, 0.5)),
        folds=ic.Folds.by_run(group, 6),
    )
    assert purged.mean("fold").values.mean() == pytest.approx(0.565, abs=0.005)
    assert purged.tables["fold"]["n_train"].tolist() == [289, 277, 278, 278, 278, 290]


ISC = {
    "raw": ([0.306, 0.197, 0.384, 0.276, 0.222, 0.139], [0.884, 0.794, 0.921, 0.866, 0.822, 0.715]),
    "detrended": (
        [0.324, 0.212, 0.395, 0.277, 0.248, 0.166],
        [0.895, 0.813, 0.926, 0.868, 0.845, 0.758],
    ),
}


@pytest.mark.parametrize("kind", ISC)
def test_what_listeners_share_is_as_the_facts_tell(recordings, kind):
    who = recordings if kind == "raw" else detrended(recordings)
    scores = ic.intersubject(who).mean("subject")
    left_out, ceiling = ISC[kind]
    np.testing.assert_allclose(scores.values, left_out, atol=5.1e-4)
    np.testing.assert_allclose(scores.columns["ceiling_group"], ceiling, atol=5.1e-4)


def test_ceilings_pairs_and_the_null_of_the_detrended_series(recordings):
    scores = ic.intersubject(detrended(recordings), permutations=200)
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


def test_the_listener_who_is_constant_is_named():
    with pytest.raises(ic.InputError, match="subject '33' is constant in all 6 units"):
        ic.intersubject(listeners())
