import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import squareform

import isocortex as ic


@pytest.fixture
def v1(rng):
    units = pd.DataFrame({"i": [1, 2, 3], "roi": ["V1", "V1", "V2"]})
    return ic.Responses(rng.random((4, 3)), list("abcd"), units, {"region": "V1"})


class TestResponses:
    def test_is_frozen(self, v1):
        with pytest.raises(dataclasses.FrozenInstanceError):
            v1.values = 0

    def test_shape_and_default_names(self, v1):
        assert (v1.n_stimuli, v1.n_units) == (4, 3)
        assert ic.Responses(np.eye(2)).stimuli == ("stimulus 0", "stimulus 1")

    def test_integers_become_floats_and_float32_stays(self):
        assert ic.Responses(np.eye(2, dtype=int)).values.dtype == np.float64
        assert ic.Responses(np.eye(2, dtype=np.float32)).values.dtype == np.float32

    def test_take_and_units_where(self, v1):
        taken = v1.take([2, 0])
        assert taken.stimuli == ("c", "a")
        np.testing.assert_array_equal(taken.values, v1.values[[2, 0]])
        kept = v1.units_where(v1.units["roi"] == "V1")
        assert kept.n_units == 2
        assert list(kept.units["i"]) == [1, 2]

    def test_units_may_be_made_when_asked(self, rng):
        calls = []

        def units():
            calls.append(1)
            return pd.DataFrame({"channel": [0, 1]})

        noun = ic.Responses(rng.random((3, 2)), units=units)
        assert not calls
        assert noun.units.shape == (2, 1)
        assert noun.take([0]).units.shape == (2, 1)

    def test_long_table_has_a_row_for_each_stimulus_and_unit(self, v1):
        table = v1.long_table()
        assert len(table) == 12
        row = table[(table.stimulus == "c") & (table.i == 2)].iloc[0]
        assert row.response == v1.values[2, 1]
        assert row.region == "V1"

    def test_bad_input(self, rng):
        with pytest.raises(ic.InputError, match=r"values of shape \(n_stimuli, n_units\)"):
            ic.Responses(rng.random((2, 3, 4)))
        values = rng.random((4, 3))
        values[2, 1] = np.nan
        with pytest.raises(ic.InputError, match=r"1 NaN or infinite numbers, in the rows of 'c'"):
            ic.Responses(values, list("abcd"))
        with pytest.raises(ic.InputError, match="must be real numbers, not"):
            ic.Responses(np.array([["a"]]))
        with pytest.raises(ic.InputError, match="the table has 2 rows, but 3 are needed"):
            ic.Responses(rng.random((4, 3)), units=pd.DataFrame({"i": [1, 2]}))


class TestGram:
    def test_take(self, v1):
        taken = ic.gram(v1).take([3, 1])
        np.testing.assert_allclose(taken.matrix, ic.gram(v1.take([3, 1])).matrix)
        assert taken.stimuli == ("d", "b")
        assert taken.n_units == 3

    def test_a_gram_of_a_gram_is_itself(self, v1):
        kernel = ic.gram(v1)
        assert ic.gram(kernel) is kernel

    def test_bad_input(self):
        with pytest.raises(ic.InputError, match="square matrix"):
            ic.Gram(np.ones((2, 3)), np.ones(2), 4, ["a", "b"])
        with pytest.raises(ic.InputError, match="symmetric"):
            ic.Gram(np.array([[1.0, 2], [0, 1]]), np.ones(2), 4, ["a", "b"])


class TestRDMs:
    def test_condensed_order_is_scipys(self, rng):
        squares = np.array([squareform(rng.random(6)) for _ in range(3)])
        stack = ic.RDMs.from_arrays(squares, list("abcd"), {"subject": [1, 2, 3], "region": "IT"})
        np.testing.assert_array_equal(stack.values, [squareform(each) for each in squares])
        np.testing.assert_array_equal(stack.square(), squares)
        assert list(stack.labels["region"]) == ["IT"] * 3

    def test_all_shapes_of_input(self, rng):
        vector = rng.random(6)
        for array in (vector, vector[None], squareform(vector), squareform(vector)[None]):
            np.testing.assert_allclose(ic.RDMs.from_arrays(array).values, vector[None])

    def test_as_many_rdms_as_pairs_is_read_by_the_number_of_names(self, rng):
        assert ic.RDMs.from_arrays(squareform(rng.random(3)), list("abc")).n_rdms == 1
        six = rng.random((6, 6))
        assert ic.RDMs.from_arrays(six, list("abcd")).n_rdms == 6

    def test_reorder_by_name(self, rng):
        stack = ic.RDMs(rng.random((2, 6)), list("abcd"))
        moved = stack.reorder(list("dbac"))
        np.testing.assert_array_equal(
            moved.square(), stack.square()[:, [3, 1, 0, 2]][:, :, [3, 1, 0, 2]]
        )

    def test_select_mean_concat_table(self, rng):
        stack = ic.RDMs(rng.random((4, 3)), list("abc"), {"region": ["A", "A", "B", "B"]})
        assert stack.select(region="B").n_rdms == 2
        mean = stack.select(region="A").mean()
        np.testing.assert_allclose(mean.values[0], stack.values[:2].mean(0))
        assert mean.labels["region"][0] == "A"
        joined = ic.RDMs.concat([stack, stack.take([2, 0, 1])])
        np.testing.assert_array_equal(joined.values[:4], joined.values[4:])
        long = stack.table()
        row = long[(long.stimulus == "a") & (long.other == "c")].iloc[1]
        assert row.dissimilarity == stack.values[1, 1]

    def test_bad_input(self, rng):
        square = squareform(rng.random(6))
        lopsided, shifted = square.copy(), square + np.eye(4)
        lopsided[0, 1] += 0.5
        with pytest.raises(ic.InputError, match=r"1 of 1 matrices are not symmetric"):
            ic.RDMs.from_arrays(lopsided)
        with pytest.raises(ic.InputError, match="not zero on the diagonal.*similarity matrix"):
            ic.RDMs.from_arrays(shifted)
        with pytest.raises(ic.InputError, match="5 is not a number of pairs"):
            ic.RDMs.from_arrays(rng.random(5))
        square[0, 1] = square[1, 0] = np.nan
        with pytest.raises(ic.InputError, match="NaN"):
            ic.RDMs.from_arrays(square)
        with pytest.raises(ic.InputError, match="'subject' has 2 entries, but 3 are needed"):
            ic.RDMs(rng.random((3, 6)), list("abcd"), {"subject": [1, 2]})
        stack = ic.RDMs(rng.random((3, 6)), list("abcd"), {"subject": [1, 2, 3]})
        with pytest.raises(ic.InputError, match="Did you mean 'subject'"):
            stack.select(subjet=1)
        with pytest.raises(ic.InputError, match="no row has subject=9"):
            stack.select(subject=9)


class TestScores:
    @pytest.fixture
    def scores(self, rng):
        tables = {
            "layer": pd.DataFrame({"layer": ["a", "b"]}),
            "fold": pd.DataFrame({"fold": [0, 1, 2]}),
            "unit": pd.DataFrame({"voxel": [7, 8]}),
        }
        return ic.Scores(
            rng.random((2, 3, 2)), tables, "pearson", {"ceiling": rng.random((1, 1, 2))}
        )

    def test_table_is_tidy(self, scores):
        table = scores.table()
        assert list(table.columns) == ["layer", "fold", "voxel", "score", "ceiling"]
        row = table[(table.layer == "b") & (table.fold == 2) & (table.voxel == 7)].iloc[0]
        assert row.score == scores.values[1, 2, 0]
        assert row.ceiling == scores.columns["ceiling"][0, 0, 0]

    def test_mean_and_select(self, scores):
        mean = scores.mean("fold")
        assert mean.dims == ("layer", "unit")
        np.testing.assert_allclose(mean.values, scores.values.mean(1))
        part = scores.select(layer="b", voxel=[8])
        np.testing.assert_array_equal(part.values, scores.values[1:, :, 1:])
        np.testing.assert_array_equal(
            np.broadcast_to(part.columns["ceiling"], part.values.shape)[0, 0, 0],
            scores.columns["ceiling"][0, 0, 1],
        )

    def test_a_nan_stays_a_nan(self, scores):
        values = scores.values.copy()
        values[0, 1, 0] = np.nan
        assert np.isnan(scores.replace(values=values).mean("fold").values[0, 0])

    def test_concat(self, scores):
        parts = [scores.select(layer=name) for name in ("a", "b")]
        np.testing.assert_array_equal(ic.Scores.concat(parts, "layer").values, scores.values)

    def test_bad_input(self, scores):
        with pytest.raises(ic.InputError, match="no axis 'subject'"):
            scores.mean("subject")
        with pytest.raises(ic.InputError, match="no label 'subject'"):
            scores.select(subject=1)
        table = pd.DataFrame({"layer": ["a"]})
        with pytest.raises(ic.InputError, match="two axes share the labels 'layer'"):
            ic.Scores([[1.0]], {"x": table, "y": table})
        with pytest.raises(ic.InputError, match=r"values have shape \(2,\)"):
            ic.Scores([1.0, 2.0], {"x": table})
        with pytest.raises(ic.InputError, match="'x' needs a DataFrame or a mapping from label"):
            ic.Scores([1.0], {"x": ["a"]})
        with pytest.raises(ic.InputError, match="labels of 'x' make no table"):
            ic.Scores([1.0], {"x": {"layer": ["a"], "depth": [1, 2]}})
        with pytest.raises(ic.InputError, match=r"p of shape \(3,\) does not fit \(1,\)"):
            ic.Scores([1.0], {"x": table}, columns={"p": [0.1, 0.2, 0.3]})

    def test_a_mapping_of_labels_is_a_table(self):
        scores = ic.Scores([1.0, 2.0], {"layer": {"layer": ["a", "b"], "depth": [1, 2]}})
        assert scores.select(layer="b").table().depth.tolist() == [2]


class TestTrials:
    @pytest.fixture
    def trials(self, rng):
        return ic.Trials(
            rng.random((6, 3, 4)),
            ["b", "a", "b", "c10", "c2", "a"],
            times=[-0.1, 0, 0.1, 0.2],
            runs=[1, 1, 2, 2, 3, 3],
        )

    def test_average_by_condition_in_natural_order(self, trials):
        mean = ic.average(trials.at(0.1))
        assert mean.stimuli == ("a", "b", "c2", "c10")
        np.testing.assert_allclose(mean.values[0], trials.values[[1, 5], :, 2].mean(0))
        assert mean.labels["time"] == 0.1

    def test_take_keeps_runs(self, trials):
        assert trials.take(trials.runs == 2).stimuli == ("b", "c10")
        assert list(trials.take([0, 4]).runs) == [1, 3]

    def test_bad_input(self, trials, rng):
        with pytest.raises(ic.InputError, match=r"choose one with trials\.at"):
            ic.average(trials)
        with pytest.raises(ic.InputError, match="time=3 lies outside -0.1 to 0.2"):
            trials.at(3)
        with pytest.raises(ic.InputError, match="4 time points but times has shape"):
            ic.Trials(rng.random((2, 3, 4)), ["a", "b"], times=[0, 1])
        with pytest.raises(ic.InputError, match="times must rise"):
            ic.Trials(rng.random((2, 3, 2)), ["a", "b"], times=[1, 0])
        with pytest.raises(ic.InputError, match="6 trials but runs of shape"):
            trials.replace(runs=[1, 2])
        with pytest.raises(ic.InputError, match="2 trials but 1 stimulus labels"):
            ic.Trials(rng.random((2, 3)), ["a"])


class TestAlign:
    def test_by_name(self, v1):
        moved = v1.take([3, 1, 0, 2])
        first, second = ic.align(v1, moved)
        assert first is v1
        np.testing.assert_array_equal(second.values, v1.values)

    def test_inner(self, v1):
        first, second = ic.align(v1, v1.take([3, 1]), join="inner")
        assert first.stimuli == second.stimuli == ("b", "d")
        with pytest.raises(ic.MisalignedError, match="only 1 stimulus in common"):
            ic.align(v1, v1.take([3]), join="inner")
        with pytest.raises(ic.InputError, match="Did you mean 'inner'"):
            ic.align(v1, v1, join="iner")


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NaT, pd.NA])
def test_a_missing_run_is_no_run(rng, missing):
    values, runs = rng.normal(size=(4, 2)), pd.Series([1, 1, 2, missing], dtype=object)
    with pytest.raises(ic.InputError, match="run of 1 of 4 trials is missing.*trials '3'"):
        ic.Trials(values, list("abab"), runs=runs)


def test_runs_of_several_kinds_are_refused(rng):
    values = rng.normal(size=(2, 2))
    with pytest.raises(ic.InputError, match="runs are of several kinds"):
        ic.Trials(values, "ab", runs=np.array([1, "a"], dtype=object))
    assert ic.Trials(values, "ab", runs=np.array([1, 2.0], dtype=object)).n_trials == 2


def test_a_time_is_found_up_to_half_a_sample_outside(rng):
    times = np.arange(-120, 301) / 600.614990234375
    trials = ic.Trials(rng.normal(size=(2, 1, 421)), "ab", times=times)
    for asked in (-0.2, 0.5, times[0] - 0.0008, times[-1] + 0.0008):
        with pytest.warns(ic.IsocortexWarning, match=f"no time={asked:g}.*the nearest is .* ms"):
            found = trials.at(asked)
        assert abs(found.labels["time"] - asked) <= 0.5 / 600
    assert trials.at(times[7] + 1e-7).labels["time"] == times[7]
    for asked in (-0.202, 0.502):
        with pytest.raises(ic.InputError, match="more than half a sample"):
            trials.at(asked)
    one = ic.Trials(rng.normal(size=(2, 1, 1)), "ab", times=[0.1 + 0.2])
    assert one.at(0.3).times is None
    with pytest.raises(ic.InputError, match="outside"):
        one.at(0.31)


def test_codes_say_the_condition_of_each_trial_in_natural_order():
    trials = ic.Trials(np.zeros((4, 1)), ["img10", "img2", "img10", "img1"])
    assert trials.conditions == ("img1", "img2", "img10")
    assert trials.codes.tolist() == [2, 1, 2, 0]


def test_labels_stand_beside_units_and_yield_to_what_units_say():
    from isocortex.data.tables import units_with_labels

    labels = {"region": "V1", "layer": "conv1"}
    plain = ic.Responses(np.zeros((3, 2)), labels=labels)
    assert list(units_with_labels(plain)) == ["region", "layer"]
    assert units_with_labels(plain, numbered=True)["unit"].tolist() == [0, 1]
    known = ic.Responses(np.zeros((3, 2)), units={"region": ["V2", "V3"]}, labels=labels)
    assert units_with_labels(known, numbered=True).to_dict("list") == {
        "region": ["V2", "V3"],
        "layer": ["conv1"] * 2,
    }
    assert list(units_with_labels(ic.Responses(np.zeros((3, 2))))) == ["unit"]


def test_trials_of_some_conditions_are_selected_and_others_dropped():
    trials = ic.Trials([[1.0], [2.0], [3.0], [4.0]], ["b", "rest", "a", "b"], runs=[1, 1, 2, 2])
    assert trials.select(drop="rest").stimuli == ("b", "a", "b")
    chosen = trials.select(["b", "rest"], drop=["rest"])
    assert np.asarray(chosen).ravel().tolist() == [1.0, 4.0]
    assert chosen.runs.tolist() == [1, 2]
    with pytest.raises(ic.InputError, match=r"no trials of 'Rest'. Did you mean 'rest'\?"):
        trials.select(drop="Rest")
    with pytest.raises(ic.InputError, match="no stimulus is left"):
        trials.select("a", drop="a")


def test_rdms_say_by_which_labels_they_are_known():
    squares = 1 - np.eye(3)[None].repeat(2, 0)
    labelled = ic.RDMs.from_arrays(squares, ["a", "b", "c"], {"subject": [1, 2]})
    assert repr(labelled) == "RDMs(2 over 3 stimuli, labels: subject)"
    assert repr(ic.RDMs.from_arrays(squares, ["a", "b", "c"])) == "RDMs(2 over 3 stimuli)"
