"""Every centre of a map equals the plain verbs on that centre's units."""

import warnings

import numpy as np
import pandas as pd
import pytest

import isocortex as ic

RESPONSES = ("correlation", "cosine", "euclidean", "squared_euclidean", "manhattan")
TRIALS = (
    "crossnobis",
    "mahalanobis",
    "crossvalidated_correlation",
    "correlation",
    "cosine",
    "euclidean",
    "squared_euclidean",
)
COMPARISONS = ("spearman", "pearson", "cosine", "rho_a", "kendall", "tau_a", "whitened_cosine")


def plainly(source, models, dissimilarity, comparison, **noise):
    made = ic.rdms(source, dissimilarity, **noise)
    return ic.compare(models, ic.RDMs(made.values, made.stimuli), comparison).values[:, 0]


def part_of(recording, members):
    """The units of one neighbourhood, cut out by hand."""
    values = np.asarray(recording.values)[:, members]
    units = recording.units.iloc[members].reset_index(drop=True)
    return recording.replace(values=values, units=units)


def some(near):
    return [int(np.argmin(near.sizes)), int(np.argmax(near.sizes)), 3, len(near) - 1]


@pytest.mark.parametrize("comparison", COMPARISONS)
@pytest.mark.parametrize("dissimilarity", RESPONSES)
def test_rsa_of_responses_is_that_of_the_plain_verbs(make, near, dissimilarity, comparison):
    recording = make.responses(9)
    near = near.at(np.arange(0, len(near), 1 if dissimilarity == "correlation" else 5))
    models = make.models(recording.stimuli[::-1])
    found = ic.searchlight(recording, near, ic.RSA(models, dissimilarity, comparison))
    assert found.dims == ("model", "unit")
    for c in some(near):
        expected = plainly(part_of(recording, near.members(c)), models, dissimilarity, comparison)
        np.testing.assert_allclose(found.values[:, c], expected, atol=1e-10)


@pytest.mark.parametrize("comparison", ["spearman", "pearson"])
@pytest.mark.parametrize("dissimilarity", TRIALS)
def test_rsa_of_trials_is_that_of_the_plain_verbs(make, near, dissimilarity, comparison):
    recording = make.trials()
    models = make.models(recording.conditions)
    found = ic.searchlight(recording, near, ic.RSA(models, dissimilarity, comparison))
    for c in some(near):
        expected = plainly(part_of(recording, near.members(c)), models, dissimilarity, comparison)
        np.testing.assert_allclose(found.values[:, c], expected, atol=1e-10)


@pytest.mark.parametrize("runs", ["unequal", "none", "two", "a run lacks a condition"])
def test_crossnobis_meets_the_plain_verb_whatever_the_runs(make, near, runs):
    recording = make.trials(5, 4, 2)
    if runs == "none":
        recording = recording.replace(runs=None)
    elif runs == "two":
        recording = recording.replace(runs=np.asarray(recording.runs) % 2)
    elif runs == "unequal":  # a run of half the trials has its weight
        recording = recording.take(np.r_[0:5, 10:40])
    else:
        recording = recording.take(np.r_[1:5, 6:40])
    models = make.models(recording.conditions)
    found = ic.searchlight(recording, near, ic.RSA(models, "crossnobis", "pearson"))
    for c in some(near):
        expected = plainly(part_of(recording, near.members(c)), models, "crossnobis", "pearson")
        np.testing.assert_allclose(found.values[:, c], expected, atol=1e-10)


def test_noise_is_that_of_the_units_of_each_neighbourhood(make, near):
    recording = make.trials(4, 5, 3)
    near = near.at(some(near))
    models = make.models(recording.conditions)
    noise = ic.noise_covariance(recording, "diagonal")
    for asked in (noise, "ledoit_wolf"):
        chosen = ic.RSA(models, "crossnobis", "pearson", asked)
        found = ic.searchlight(recording, near, chosen)
        for c in range(2):
            part = part_of(recording, near.members(c))
            expected = plainly(part, models, "crossnobis", "pearson", noise=asked)
            np.testing.assert_allclose(found.values[:, c], expected, atol=1e-10)


@pytest.mark.parametrize("offset", [1e3, 1e9])
@pytest.mark.parametrize("dissimilarity", ["correlation", "cosine", "squared_euclidean"])
def test_offsets_cost_no_digits(make, near, dissimilarity, offset):
    recording, near = make.responses(8, offset=offset), near.at(np.arange(0, len(near), 5))
    models = make.models(recording.stimuli)
    found = ic.searchlight(recording, near, ic.RSA(models, dissimilarity, "pearson"))
    for c in some(near):
        part = part_of(recording, near.members(c))
        expected = plainly(part, models, dissimilarity, "pearson")
        np.testing.assert_allclose(found.values[:, c], expected, atol=1e-8)


@pytest.mark.parametrize("comparison", ["spearman", "pearson", "rho_a"])
def test_ties_and_duplicates_are_ranked_as_the_plain_verbs_rank_them(make, near, comparison):
    recording = make.responses(10)
    values = np.round(recording.numpy())
    values[3], values[7] = values[1], values[1] + 1e-9
    recording = recording.replace(values=values)
    models = make.models(recording.stimuli)
    models = ic.RDMs(np.round(models.values, 1), models.stimuli, models.labels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ic.IsocortexWarning)
        found = ic.searchlight(recording, near, ic.RSA(models, "correlation", comparison))
    for c in some(near):
        part = part_of(recording, near.members(c))
        try:
            expected = plainly(part, models, "correlation", comparison)
        except ic.UndefinedError:
            expected = np.full(3, np.nan)
        np.testing.assert_allclose(found.values[:, c], expected, atol=1e-9)


def test_where_a_pattern_is_constant_the_map_is_nan_and_that_is_told(make, near):
    recording = make.responses(6)
    values = recording.numpy().copy()
    corner = near.members(0)
    values[2, corner] = 1.5
    recording = recording.replace(values=values)
    chosen = ic.RSA(make.models(recording.stimuli))
    with pytest.warns(
        ic.IsocortexWarning, match=r"at \d+ of \d+ centres the analysis is undefined"
    ):
        found = ic.searchlight(recording, near, chosen)
    assert np.isnan(found.values[:, 0]).all()
    inside = [set(near.members(c)) <= set(corner) for c in range(len(near))]
    np.testing.assert_array_equal(np.isnan(found.values).all(0), inside)
    assert found.notes["undefined"] == sum(inside)


def test_float32_is_as_good_as_float32(make, near):
    recording = make.responses(9)
    single = recording.replace(values=recording.numpy().astype(np.float32))
    chosen = ic.RSA(make.models(recording.stimuli))
    pair = [ic.searchlight(each, near, chosen).values for each in (recording, single)]
    np.testing.assert_allclose(pair[1], pair[0], atol=1e-4)
    c = some(near)[1]
    expected = plainly(part_of(single, near.members(c)), chosen.models, "correlation", "spearman")
    np.testing.assert_allclose(pair[1][:, c], expected, atol=1e-6)


def classifiers():
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import RidgeClassifier

    return {
        "closed form": LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.4),
        "svd": LinearDiscriminantAnalysis(),
        "ridge": RidgeClassifier(),
    }


@pytest.mark.parametrize("which", ["closed form", "svd", "ridge"])
@pytest.mark.parametrize("accuracy", ["accuracy", "balanced_accuracy"])
def test_decoding_is_that_of_the_probe(make, near, which, accuracy):
    recording = make.trials(4, 4, 2)
    model = classifiers()[which]
    near = near.at(some(near))
    chosen = ic.Decoding(recording.stimuli, model, accuracy=accuracy)
    found = ic.searchlight(recording, near, chosen)
    assert found.dims == ("unit",)
    for c in range(len(near)):
        part = part_of(recording, near.members(c))
        plain = ic.probe(part, recording.stimuli, model, accuracy=accuracy)
        assert plain.values.shape == (1, 4, 1)
        np.testing.assert_allclose(found.values[c], plain.values.mean(), atol=1e-12)


def test_what_the_probe_warns_of_is_told_once(make, near):
    recording = make.trials(4, 4, 2)
    labels = ["a" if name in ("c0", "c1") else "b" for name in recording.stimuli]
    chosen = ic.Decoding(labels, classifiers()["closed form"])
    with pytest.warns(ic.errors.LeakWarning) as told:
        ic.searchlight(recording, near, chosen)
    assert len(told) == 1


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("shrinkage", [0.1, 1.0])
@pytest.mark.parametrize("folds", ["partition", "repeated", "unequal"])
def test_the_closed_form_decides_as_scikit_learn(make, near, n_classes, shrinkage, folds):
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold, cross_val_score

    recording = make.responses(40, seed=3)
    labels = np.arange(40) % n_classes
    if folds == "unequal":
        labels = np.minimum(labels, np.arange(40) % (n_classes + 2)) % n_classes
    values = recording.numpy() + 0.4 * labels[:, None] * (np.arange(recording.n_units) % 3 == 0)
    recording = recording.replace(values=values)
    splitter = RepeatedStratifiedKFold(n_splits=4, n_repeats=2, random_state=0)
    splitter = splitter if folds == "repeated" else StratifiedKFold(5)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)
    found = ic.searchlight(recording, near, ic.Decoding(labels, model, folds=splitter))
    assert 0.4 < found.values.mean() < 0.95
    for c in range(0, len(near), 17):
        x = recording.numpy()[:, near.members(c)]
        expected = cross_val_score(model, x, labels, cv=splitter).mean()
        np.testing.assert_allclose(found.values[c], expected, atol=1e-12)


@pytest.mark.parametrize("kind", ["each unit by itself", "all at once"])
def test_encoding_is_the_mean_of_the_plain_verb(make, near, kind):
    recording = make.responses(30)
    features = ic.Responses(np.random.default_rng(4).normal(size=(30, 5)), recording.stimuli[::-1])
    model = ic.Ridge(1.0) if kind == "each unit by itself" else ic.PLS(2)
    near = near.at(some(near))
    found = ic.searchlight(recording, near, ic.Encoding(features, model, folds=3))
    assert found.dims == ("layer", "unit")
    for c in range(len(near)):
        part = part_of(recording, near.members(c))
        plain = ic.encode(features, part, model, folds=3).values.mean()
        np.testing.assert_allclose(found.values[0, c], plain, atol=1e-10)


def test_any_function_of_the_recording_makes_a_map(make, near):
    recording = make.responses(5)
    found = ic.searchlight(recording, near, lambda part: part.numpy().mean())
    assert found.dims == ("unit",)
    expected = [recording.numpy()[:, near.members(c)].mean() for c in range(len(near))]
    np.testing.assert_allclose(found.values, expected)
    both = ic.searchlight(recording, near, lambda part: [part.n_units, part.numpy().max()])
    assert both.dims == ("value", "unit")
    np.testing.assert_array_equal(both.values[0], near.sizes)


def timed(make):
    trials = make.trials(4, 3, 2)
    rng = np.random.default_rng(2)
    values = rng.normal(size=(trials.n_trials, trials.n_units, 6))
    return ic.Trials(
        values, trials.stimuli, np.arange(6) / 100, runs=trials.runs, units=trials.units
    )


@pytest.mark.parametrize("width", [None, 0.02, 0.035])
@pytest.mark.parametrize("what", ["crossnobis", "correlation", "mahalanobis", "lda", "function"])
def test_patches_of_units_and_times_are_units_of_the_plain_verbs(make, near, width, what):
    recording = timed(make)
    near = near.at(some(near)[:2])
    models = make.models(recording.conditions)
    chosen = {
        "lda": ic.Decoding(recording.stimuli, classifiers()["closed form"]),
        "function": lambda part: float(np.abs(np.asarray(part.values)).max()),
    }.get(what, ic.RSA(models, what, "pearson"))
    found = ic.searchlight(recording, near, chosen, times=width)
    assert found.dims[-2:] == ("time", "unit")
    np.testing.assert_allclose(found.tables["time"]["time"], recording.times)
    reach = 0 if width is None else width / 2
    for t in (0, 3):
        window = np.abs(recording.times - recording.times[t]) <= reach + 1e-12
        assert window.sum() == {None: 1, 0.02: 3, 0.035: 3}[width] - (t == 0 and width is not None)
        for c in range(2):
            values = np.asarray(recording.values)[:, near.members(c)][:, :, window]
            flat = values.reshape(len(values), -1)
            part = ic.Trials(flat, recording.stimuli, runs=recording.runs)
            if what == "lda":
                expected = ic.probe(part, recording.stimuli, classifiers()["closed form"])
                expected = expected.values.mean()
            elif what == "function":
                expected = np.abs(flat).max()
            else:
                expected = plainly(part, models, what, "pearson")
            np.testing.assert_allclose(found.values[..., t, c], expected, atol=1e-10)


def test_patches_of_time_are_those_of_mne_rsa(make):
    from mne_rsa.searchlight import searchlight

    windows = list(searchlight((4, 20), temporal_radius=3))
    theirs = [
        len(np.arange(100)[w[-1]]) if isinstance(w[-1], slice) else len(w[-1]) for w in windows
    ]
    trials = ic.Trials(
        np.ones((4, 2, 20)), list("abab"), np.arange(20) / 100, units={"channel": [0, 1]}
    )
    from isocortex.searchlights.patches import windows_of

    ours = [len(w) for w in windows_of(trials, 0.06)]
    # Theirs leave the ends out; ours cut them off.
    assert ours[3:-3] == theirs
    assert ours[:3] == [4, 5, 6]


def test_subjects_are_an_axis_and_units_meet_by_place(make, near):
    subjects = [make.responses(6, seed=s, subject=f"sub-{s}") for s in range(3)]
    models = make.models(subjects[0].stimuli)
    turned = subjects[1].units_where(np.arange(subjects[1].n_units)[::-1])
    assert not turned.units.equals(near.units)
    turned = turned.take(np.arange(6)[::-1])
    found = ic.searchlight([subjects[0], turned, subjects[2]], near, ic.RSA(models))
    assert found.dims == ("model", "subject", "unit")
    assert found.tables["subject"]["subject"].tolist() == ["sub-0", "sub-1", "sub-2"]
    for s, each in enumerate(subjects):
        alone = ic.searchlight(each, near, ic.RSA(models))
        np.testing.assert_allclose(found.values[:, s], alone.values, atol=1e-12)


def test_runs_of_one_subject_are_told_by_their_label(make, near):
    runs = [make.responses(6, seed=s, subject="a", run=s) for s in (3, 1)]
    found = ic.searchlight(runs, near, ic.RSA(make.models(runs[0].stimuli)))
    assert found.tables["subject"].to_dict("list") == {"subject": ["a", "a"], "run": [3, 1]}


def test_the_map_is_written_back_where_the_centres_are(make, near, tmp_path):
    import nibabel as nib

    recording = make.responses(5)
    near = near.at(np.arange(0, len(near), 2))
    found = ic.searchlight(recording, near, ic.RSA(make.models(recording.stimuli, 1)))
    path = ic.write_nifti(found, tmp_path / "map.nii.gz", like=recording)
    volume = nib.load(path).get_fdata()
    i, j, k = (near.centres[c].to_numpy() for c in "ijk")
    np.testing.assert_allclose(volume[i, j, k], found.values[0], atol=1e-6)
    assert (volume != 0).sum() == len(near)
    np.testing.assert_array_equal(found.tables["unit"]["n_units"], near.sizes)
    np.testing.assert_allclose(nib.load(path).affine, make.affine)


def test_maps_go_to_the_table_with_places(make, near):
    recording = make.responses(5)
    table = ic.searchlight(recording, near, ic.RSA(make.models(recording.stimuli))).table()
    assert {"model", "i", "j", "k", "n_units", "score"} <= set(table.columns)
    assert isinstance(table, pd.DataFrame)


def count(part):
    return part.n_units


def other_grid(make):
    import nibabel as nib

    values = np.random.default_rng(0).normal(size=(4, 5, 4, 7))
    return ic.read_nifti(
        nib.Nifti1Image(values, 2 * make.affine), stimuli=[f"s{i}" for i in range(7)]
    )


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (lambda m, n: ic.searchlight(m.responses(), None, count), ic.InputError, "near ="),
        (lambda m, n: ic.searchlight(m.responses(), n, "rsa"), ic.InputError, "RSA"),
        (lambda m, n: ic.searchlight([], n, count), ic.InputError, "not nothing"),
        (lambda m, n: ic.searchlight(m.responses(), n, ic.RSA(5)), ic.InputError, "needs RDMs"),
        (
            lambda m, n: ic.searchlight(m.responses(), n, ic.RSA(m.models(["s0", "s1"]))),
            ic.InputError,
            "over 2 conditions.*at least 3",
        ),
        (
            lambda m, n: ic.searchlight(m.responses(), n, ic.RSA(m.models(["s0", "s1", "x"]))),
            ic.MisalignedError,
            "different stimuli",
        ),
        (
            lambda m, n: ic.searchlight(other_grid(m), n, ic.RSA(m.models(m.responses().stimuli))),
            ic.MisalignedError,
            r"different grids.*\[3\.0, 0\.0.*\[6\.0, 0\.0",
        ),
        (
            lambda m, n: ic.searchlight(m.responses().units_where(range(40)), n, count),
            ic.MisalignedError,
            "lacks .* units",
        ),
        (
            lambda m, n: ic.searchlight(m.responses(), n, count, times=0.1),
            ic.InputError,
            "time axis",
        ),
        (
            lambda m, n: ic.searchlight(m.responses(), n, lambda part: "good"),
            ic.InputError,
            "must return a number",
        ),
        (
            lambda m, n: ic.searchlight(
                m.responses(), n, ic.RSA(m.models(m.responses().stimuli), "l3")
            ),
            ic.InputError,
            "dissimilarity='l3' is not known",
        ),
        (
            lambda m, n: ic.searchlight(
                m.responses(),
                n,
                ic.RSA(m.models(m.responses().stimuli), noise="ledoit_wolf"),
            ),
            ic.InputError,
            "for Trials",
        ),
        (
            lambda m, n: ic.searchlight(m.trials(), n, ic.Decoding([1.5] * 36, ic.Ridge(1.0))),
            ic.InputError,
            "no classifier",
        ),
        (
            lambda m, n: ic.searchlight([m.responses(subject=1)] * 2, n, count),
            ic.MisalignedError,
            "2 recordings are of 1 subject",
        ),
    ],
)
def test_what_cannot_be_done_is_said_before_the_work(make, near, ask, error, words):
    seen = []
    with pytest.raises(error, match=words):
        ask(make, near)
    assert seen == []
