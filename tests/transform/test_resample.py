import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import isocortex as ic
from isocortex.arrays import is_lazy


def words(rng, onset, offset=None, run=None, n_units=3):
    table = {"onset": onset, "offset": np.asarray(onset) + 0.4 if offset is None else offset}
    if run is not None:
        table["run"] = run
    names = [f"word {i}" for i in range(len(onset))]
    return ic.Responses(rng.normal(size=(len(onset), n_units)), names, table=table)


@pytest.fixture
def story(rng):
    return words(rng, np.sort(rng.uniform(0, 39, 120)))


def slow(values, moments, volumes, tr):
    u = (volumes[:, None] - moments) / tr
    return np.where(np.abs(u) <= 3, np.sinc(u) * np.sinc(u / 3), 0) @ values


def test_words_meet_volumes_by_their_middles(story):
    middles = story.table["onset"].to_numpy() + 0.2
    found = ic.resample(story, tr=2.0, times=20)
    expected = slow(story.numpy(), middles, np.arange(20) * 2.0 + 1, 2.0)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-13)
    assert found.stimuli[:2] == ("volume 0", "volume 1")
    assert found.labels["resampled"] == "lanczos, cut-off 0.25 Hz"
    assert found.table.iloc[3].tolist() == ["run", 6.0, 8.0, 7.0]


def test_starts_can_stand_for_words_and_volumes(story):
    onset = story.table["onset"].to_numpy()
    found = ic.resample(story, 20, tr=2.0, word_time="onset", volume_time="start")
    expected = slow(story.numpy(), onset, np.arange(20) * 2.0, 2.0)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-13)
    ends = ic.resample(story, 20, tr=2.0, word_time="offset")
    expected = slow(story.numpy(), onset + 0.4, np.arange(20) * 2.0 + 1, 2.0)
    np.testing.assert_allclose(ends.numpy(), expected, atol=1e-13)


def test_a_time_of_its_own_is_the_moment_of_a_row(story):
    table = story.table.assign(time=story.table["onset"] + 0.1)
    found = ic.resample(story.replace(table=table), 20, tr=2.0)
    moments = story.table["onset"].to_numpy() + 0.1
    expected = slow(story.numpy(), moments, np.arange(20) * 2.0 + 1, 2.0)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-13)


def test_runs_are_resampled_each_by_itself_in_the_order_of_the_volumes(rng):
    onset = [0.5, 3.0, 1.0, 2.5, 3.5]
    two = words(rng, onset, run=["b", "b", "a", "a", "a"])
    found = ic.resample(two, {"a": 4, "b": 3}, tr=2.0)
    a = ic.resample(two.take([2, 3, 4]), 4, tr=2.0).numpy()
    b = ic.resample(two.take([0, 1]), 3, tr=2.0).numpy()
    np.testing.assert_allclose(found.numpy(), np.concatenate([a, b]), atol=1e-14)
    assert list(found.table["run"]) == ["a"] * 4 + ["b"] * 3
    assert found.stimuli[4] == "b volume 0"


def test_volumes_of_a_recording_keep_their_names_and_moments(story):
    onset = np.arange(5, 20) * 2.0
    recording = ic.Responses(np.ones((15, 1)), [f"v{i}" for i in range(15)], table={"onset": onset})
    late = story.take(story.table["onset"].to_numpy() > 11)
    found = ic.resample(late, recording)
    assert found.stimuli == recording.stimuli
    middles = late.table["onset"].to_numpy() + 0.2
    np.testing.assert_allclose(
        found.numpy(), slow(late.numpy(), middles, onset + 1, 2.0), atol=1e-13
    )
    by_moment = recording.replace(table={"time": onset + 1})
    np.testing.assert_allclose(ic.resample(late, by_moment).numpy(), found.numpy(), atol=1e-13)


def test_sums_means_and_last_words_are_of_those_within_a_volume(rng):
    few = words(rng, [0.1, 0.9, 1.6, 6.5], n_units=2)
    x = few.numpy()
    rows = {m: ic.resample(few, 4, tr=2.0, method=m).numpy() for m in ("sum", "mean", "last")}
    np.testing.assert_allclose(rows["sum"], [x[:3].sum(0), 0 * x[0], 0 * x[0], x[3]])
    mean = x[:3].mean(0)
    rest = (mean + x[3]) / 2
    np.testing.assert_allclose(rows["mean"], [mean, rest, rest, x[3]])
    rest = (x[2] + x[3]) / 2
    np.testing.assert_allclose(rows["last"], [x[2], rest, rest, x[3]])


def test_without_times_there_are_as_many_volumes_as_hold_all_words(rng):
    assert ic.resample(words(rng, [0.0, 7.7]), tr=2.0).n_stimuli == 5
    assert ic.resample(words(rng, [0.0, 7.6]), tr=2.0).n_stimuli == 4


def test_inner_products_of_volumes_follow_from_those_of_words(story):
    found = ic.resample(ic.gram(story), 20, tr=2.0, words=story)
    volumes = ic.resample(story, 20, tr=2.0)
    x = volumes.numpy()
    np.testing.assert_allclose(found.matrix, x @ x.T, atol=1e-13)
    np.testing.assert_allclose(found.row_sums, x.sum(1), atol=1e-13)
    assert found.stimuli == volumes.stimuli


class Lazily:
    """A matrix that counts how many numbers are read at once."""

    chunk_columns, ndim = None, 2

    def __init__(self, x):
        self.x, self.shape, self.dtype, self.most = x, x.shape, x.dtype, 0

    def __getitem__(self, where):
        part = self.x[where]
        self.most = max(self.most, part.size)
        return np.asarray(part)


def test_a_layer_on_disk_is_resampled_in_blocks_as_it_is_read(rng, story):
    values = Lazily(rng.normal(size=(120, 3000)))
    lazy = ic.resample(story.replace(values=values, units=None), 20, tr=2.0)
    assert is_lazy(lazy.values)
    k = ic.gram(lazy).matrix
    x = ic.resample(story.replace(values=values.x, units=None), 20, tr=2.0).numpy()
    np.testing.assert_allclose(k, x @ x.T, rtol=1e-10, atol=1e-9)
    values.most = 0
    assert lazy.values[:, 10:20].shape == (20, 10)
    assert values.most == 1200
    assert pickle.loads(pickle.dumps(lazy.table)).shape == (20, 4)


def test_units_labels_and_table_of_the_result(story):
    made = ic.resample(story.replace(units={"i": [1, 2, 3]}, labels={"layer": "a"}), tr=2.0)
    assert list(made.units["i"]) == [1, 2, 3]
    assert made.labels["layer"] == "a"
    assert list(made.table.columns) == ["run", "onset", "offset", "time"]


def test_wrong_times_are_told_in_sentences(rng, story):
    with pytest.raises(ic.InputError, match="needs the times of rows.*no columns"):
        ic.resample(ic.Responses(np.eye(3)), tr=2.0)
    with pytest.raises(ic.InputError, match="lie outside its volumes .0 to 20 s.*at 2"):
        ic.resample(story, 10, tr=2.0)
    table = story.table[["onset", "offset"]] * 1000
    with pytest.raises(ic.InputError, match="Are these milliseconds.*divide by 1000"):
        ic.resample(story.replace(table=table), 20, tr=2.0)
    with pytest.raises(ic.InputError, match="1 rows end before they begin, such as 'word 0'"):
        ic.resample(words(rng, [1.0, 2.0], offset=[0.5, 2.5]), tr=2.0)
    with pytest.raises(ic.InputError, match="1 rows have no onset, such as 'word 1'"):
        ic.resample(words(rng, [1.0, np.nan]), tr=2.0)
    with pytest.raises(ic.InputError, match="must be numbers, in seconds; it holds '00:01'"):
        ic.resample(story.replace(table=story.table.assign(onset="00:01")), 20, tr=2.0)


def test_wrong_volumes_are_told_in_sentences(rng, story):
    times = np.delete(np.arange(21) * 2.0, 7)
    with pytest.raises(ic.InputError, match="4 s lie between row 6 .at 12 s.* volume missing"):
        ic.resample(story, times)
    with pytest.raises(ic.InputError, match=r"2 s apart, but tr=1\.5 s"):
        ic.resample(story, np.arange(20) * 2.0, tr=1.5)
    with pytest.raises(ic.InputError, match="times must increase"):
        ic.resample(story, np.zeros(20))
    for wrong in ("abc", 1, np.eye(3), [np.nan, 1.0]):
        with pytest.raises(ic.InputError, match="two or more"):
            ic.resample(story, wrong, tr=2.0)
    with pytest.raises(ic.InputError, match="needs the volumes"):
        ic.resample(story)
    for tr in (0, -1.0, np.inf):
        with pytest.raises(ic.InputError, match="seconds above 0"):
            ic.resample(story, 20, tr=tr)
    with pytest.raises(ic.InputError, match="recording has no times.*np.arange"):
        ic.resample(story, ic.Responses(np.eye(3)))


def test_runs_that_do_not_match_are_named(rng):
    two = words(rng, [1.0, 2.0], run=["a", "b"])
    with pytest.raises(ic.InputError, match="'c'.* only in the volumes"):
        ic.resample(two, {"a": 3, "b": 3, "c": 3}, tr=2.0)
    with pytest.raises(ic.InputError, match="'b'.* only in the words"):
        ic.resample(two, {"a": 3}, tr=2.0)
    with pytest.raises(ic.InputError, match="of 2 runs .*mapping from run"):
        ic.resample(two, 3, tr=2.0)
    numbers = words(rng, [1.0, 2.0], run=[1.0, 2.0])
    assert ic.resample(numbers, {1: 3, "2": 3}, tr=2.0).n_stimuli == 6


def test_a_gram_needs_a_table_of_times_from_elsewhere(story):
    with pytest.raises(ic.InputError, match="a Gram knows no times.*words=stimuli"):
        ic.resample(ic.gram(story), tr=2.0)
    with pytest.raises(ic.InputError, match="words has 2 rows, but there are 120"):
        ic.resample(ic.gram(story), tr=2.0, words=pd.DataFrame({"onset": [1, 2]}))
    with pytest.raises(ic.InputError, match="no rows for 1 of 120 rows: 'word 0'"):
        ic.resample(ic.gram(story), tr=2.0, words=story.take(np.arange(1, 120)))


def test_a_long_story_is_no_dense_matrix(rng):
    """Ten hours: 100 000 words and 18 000 volumes, of which a dense map would take 14 GB."""
    n = 100_000
    onset = np.sort(rng.uniform(0, 35_999, n))
    long = ic.Responses(rng.normal(size=(n, 2)), table={"onset": onset, "offset": onset + 0.3})
    found = ic.resample(long, 18_000, tr=2.0)
    assert found.values.shape == (18_000, 2)
    assert not sparse.issparse(found.values)


def test_more_volumes_than_any_recording_has_are_told():
    word = ic.Responses([[1.0]], table={"onset": [100.0], "offset": [100.2]})
    with pytest.raises(ic.InputError, match=r"1e\+11 volumes 1e-09 s apart .* in seconds\?"):
        ic.resample(word, tr=1e-9)
    with pytest.raises(ic.InputError, match=r"1e\+12 volumes 2 s apart"):
        ic.resample(word, 10**12, tr=2.0)


def test_a_method_is_one_of_four_names():
    word = ic.Responses([[1.0]], table={"onset": [1.0], "offset": [1.2]})
    with pytest.raises(ic.InputError, match=r"method='max' is not known\. Known: lanczos"):
        ic.resample(word, 10, tr=2.0, method="max")
    with pytest.raises(ic.InputError, match=r"method"):
        ic.resample(word, 10, tr=2.0, method=np.mean)


def test_an_only_run_without_a_name_is_the_only_run_of_the_other_side():
    onset = np.arange(0.0, 20.0, 0.5)
    times = {"onset": onset, "offset": onset + 0.4}
    volumes = ic.Responses(np.zeros((10, 1)), table={"onset": 2.0 * np.arange(10)})
    named = volumes.replace(table=volumes.table.assign(run="story"))
    words = [ic.Responses(np.ones((40, 1)), table=times | run) for run in ({}, {"run": "1"})]
    sums = [
        ic.resample(words[0], volumes),
        ic.resample(words[0], named),
        ic.resample(words[1], volumes),
    ]
    for each in sums[1:]:
        np.testing.assert_array_equal(each.numpy(), sums[0].numpy())
    assert sums[1].table["run"].unique().tolist() == ["story"]
    assert sums[2].table["run"].unique().tolist() == ["1"]
    with pytest.raises(ic.InputError, match="'1' only in the words; 'story' only in the volumes"):
        ic.resample(words[1], named)


@pytest.mark.parametrize("method", ["lanczos", "sum", "mean", "last"])
def test_centred_series_are_those_of_centred_words_in_every_form(story, method):
    far = story.replace(values=story.numpy() + np.array([5.0, -3.0, 1e3]))
    words = far.replace(values=far.numpy() - far.numpy().mean(0))
    by_hand = ic.resample(words, 20, tr=2.0, method=method)
    found = ic.resample(far, 20, tr=2.0, method=method, centre=True)
    np.testing.assert_allclose(found.numpy(), by_hand.numpy(), atol=1e-10)
    assert found.labels["resampled"].endswith(", centred")
    gram = ic.resample(ic.gram(far), 20, tr=2.0, method=method, centre=True, words=far)
    np.testing.assert_allclose(gram.matrix, ic.gram(by_hand).matrix, atol=1e-4)
    with pytest.raises(ic.InputError, match="centre='yes' must be True or False"):
        ic.resample(far, 20, tr=2.0, centre="yes")


def test_a_space_of_which_centring_leaves_nothing_is_refused(story):
    rate = story.replace(values=np.ones((120, 1)), units={"feature": ["word rate"]})
    for each in (rate, ic.gram(rate)):
        with pytest.raises(ic.InputError, match="same for every word.*Resample it without"):
            ic.resample(each, 20, tr=2.0, centre=True, words=story)


def test_volumes_in_milliseconds_are_refused_however_they_are_told(story):
    recording = ic.Responses(np.eye(20), table={"onset": np.arange(20) * 1500.0})
    for times, tr in ((20, 1500), (None, 1500), (np.arange(20) * 1500.0, None), (recording, None)):
        with pytest.raises(ic.InputError, match=r"in seconds; 1500 s is too long.* 1\.5 s\?"):
            ic.resample(story, times, tr=tr)
