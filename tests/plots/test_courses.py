import numpy as np
import pandas as pd
import pytest

import isocortex as ic


@pytest.fixture
def scores(rng):
    tables = {
        "model": pd.DataFrame({"model": ["object", "position"]}),
        "subject": pd.DataFrame({"subject": range(8)}),
        "time": pd.DataFrame({"time": np.arange(-10, 30) / 100}),
    }
    values = rng.normal(size=(2, 8, 40)) / 5
    values[0, :, 20:30] += 1
    return ic.Scores(values, tables, "partial")


def test_lines_are_means_over_subjects(scores):
    ax = ic.plots.timecourse(scores)
    lines = {line.get_label(): line for line in ax.get_lines()}
    np.testing.assert_allclose(lines["object"].get_ydata(), scores.values[0].mean(0))
    assert ax.get_xlabel() == "time (s)\nmean ± s.e.m. of 8 subjects"
    assert ax.get_ylabel() == "partial correlation"


def test_clusters_are_bars_and_the_ceiling_a_band(scores):
    found = ic.clusters(scores)
    n_found = len(found.significant())
    assert n_found >= 1
    plain = ic.plots.timecourse(scores)
    marked = ic.plots.timecourse(scores, clusters=found, ceiling=(0.8, 0.9))
    assert len(marked.get_lines()) == len(plain.get_lines()) + n_found
    assert len(marked.collections) == len(plain.collections) + 1


def test_time_courses_say_what_is_wrong(scores):
    with pytest.raises(ic.InputError, match="needs scores with the label 'time'"):
        ic.plots.timecourse(ic.Scores(np.ones(2), {"model": scores.tables["model"]}))
    with pytest.raises(ic.InputError, match="no label 'modell'"):
        ic.plots.timecourse(scores, series="modell")
    tables = {"region": pd.DataFrame({"region": ["V1", "IT"]}), **scores.tables}
    with pytest.raises(ic.InputError, match="all vary; say which gets the lines"):
        ic.plots.timecourse(ic.Scores(np.zeros((2, 2, 8, 40)), tables))


def test_time_by_time_is_an_image_with_clusters_outlined(rng):
    values = rng.normal(size=(8, 12, 12)) / 20 + 0.5
    values[:, 4:8, 4:8] += 0.3
    tables = {
        "pair": pd.DataFrame({"subject": range(8)}),
        "train": pd.DataFrame({"train_time": np.arange(12) / 10}),
        "test": pd.DataFrame({"test_time": np.arange(12) / 10}),
    }
    scores = ic.Scores(values, tables, "accuracy")
    ax = ic.plots.generalization(scores, clusters=ic.clusters(scores, chance=0.5))
    np.testing.assert_allclose(ax.images[0].get_array(), values.mean(0))
    assert len(ax.collections) == 1
    with pytest.raises(ic.InputError, match="needs the axes train and test"):
        ic.plots.generalization(ic.Scores(np.ones(8), {"pair": tables["pair"]}))


def test_a_movie_is_a_strip_of_frames(rng):
    names = [f"s{i}" for i in range(5)]
    rdms = ic.RDMs(rng.random((20, 10)), names, {"time": np.arange(20) / 100}, "crossnobis")
    ax = ic.plots.rdm_movie(rdms, [0.0, 0.101])
    assert [panel.get_title() for panel in ax.child_axes] == ["0 ms", "100 ms"]
    assert len(ic.plots.rdm_movie(rdms).child_axes) == 8
    with pytest.raises(ic.InputError, match="needs RDMs with the label 'time'"):
        ic.plots.rdm_movie(ic.RDMs(rdms.values, names))
    with pytest.raises(ic.InputError, match="needs each time once"):
        ic.plots.rdm_movie(ic.RDMs.concat([rdms, rdms]))


def test_an_animation_can_be_saved(rng, tmp_path):
    rdms = ic.RDMs(rng.random((3, 10)), list("abcde"), {"time": [0.0, 0.1, 0.2]})
    ic.plots.rdm_animation(rdms).save(tmp_path / "movie.gif", writer="pillow")
    assert (tmp_path / "movie.gif").stat().st_size > 1000


def test_clusters_of_maps_are_no_time_courses(rng):
    tables = {"subject": {"subject": range(7)}, "unit": {"vertex": range(4)}}
    times = {"time": {"time": np.arange(5) / 10}}
    x = rng.normal(size=(7, 4, 5))
    found = ic.clusters(ic.Scores(x, {**tables, **times}), np.ones((4, 4)))
    course = ic.Scores(x[:, 0], {"subject": tables["subject"], **times})
    with pytest.raises(ic.InputError, match="clusters are of maps, of 4 units"):
        ic.plots.timecourse(course, clusters=found)
