"""Tables and numbers of one's own, in the forms that they come in."""

import nibabel
import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.errors import FormatError, InputError, IsocortexWarning

EVENTS = pd.DataFrame(
    {"onset": [4.0, 31.5, 58.2, 90.0], "duration": [1.0, 2.0, 0.5, 1.0], "trial_type": list("abab")}
)


@pytest.fixture
def bold(rng):
    return series(rng.normal(size=(2, 3, 2, 60)) + 1e4, 2.0)


def series(values, tr):
    image = nibabel.Nifti1Image(values, np.eye(4))
    image.header.set_zooms((1, 1, 1, tr))
    image.header.set_xyzt_units("mm", "sec")
    return image


@pytest.mark.parametrize("tr", [0.72, 1.337])
def test_a_repetition_time_of_the_header_is_the_number_that_was_written(rng, tr):
    from nilearn.glm.first_level import make_first_level_design_matrix

    image = series(rng.normal(size=(2, 3, 2, 160)) + 1e4, tr)
    confounds = pd.DataFrame(rng.normal(size=(160, 2)), columns=["x", "y"])
    own = EVENTS.assign(trial_type=[f"t{i}" for i in range(4)])
    design = make_first_level_design_matrix(
        tr * np.arange(160), own, "spm", "cosine", 0.01, add_regs=confounds
    )
    values = image.get_fdata().reshape(12, 160).T
    least_squares = np.linalg.lstsq(design.to_numpy(), values - values.mean(0))[0]
    expected = least_squares[[design.columns.get_loc(f"t{i}") for i in range(4)]]
    found = ic.read_bold(image, EVENTS, betas="lsa", confounds=confounds).values
    np.testing.assert_allclose(found, expected, atol=1e-10 * np.abs(expected).max())


def test_a_volume_at_the_onset_is_of_the_event_however_times_are_rounded(rng):
    image = series(rng.normal(size=(2, 2, 1, 12)), 0.7)
    events = pd.DataFrame({"onset": [2.1], "duration": [1.4], "trial_type": ["a"]})  # 3 x 0.7 < 2.1
    with pytest.warns(IsocortexWarning, match="10 volumes that no event covers"):
        trials = ic.read_bold(image, events, lag=np.float32(0))
    np.testing.assert_array_equal(trials.values, image.get_fdata().reshape(4, 12).T[3:5])


def test_numbers_and_tables_have_many_types(bold, tmp_path):
    expected = ic.read_bold(bold, EVENTS, betas=ic.Betas(high_pass=np.float32(0.01))).values
    EVENTS.to_csv(tmp_path / "a.csv", index=False)
    paths = pd.Series([str(tmp_path / "a.csv")])
    for events in (EVENTS.astype({"onset": object}), EVENTS.sample(frac=1, random_state=0), paths):
        tr = bold.header.get_zooms()[3]
        np.testing.assert_allclose(ic.read_bold(bold, events, tr=tr).values, expected, rtol=1e-6)


def test_what_is_no_table_of_events_is_a_sentence(bold):
    twice = pd.concat([EVENTS, EVENTS[["onset"]]], axis=1)
    with pytest.raises(InputError, match=r"read_bold: 'events\[0\]': .* more than one column 'on"):
        ic.read_bold(bold, twice)
    confounds = pd.DataFrame(np.ones((60, 2)), columns=["x", "x"])
    with pytest.raises(InputError, match=r"'confounds\[0\]': .* more than one column 'x'"):
        ic.read_bold(bold, EVENTS, confounds=confounds)
    with pytest.raises(InputError, match=r"condition is the name of one column, not \['trial_t"):
        ic.read_bold(bold, EVENTS, condition=["trial_type"])
    with pytest.raises(InputError, match=r"events\[0\] must be a path or a DataFrame, not Series"):
        ic.read_bold(bold, EVENTS["onset"])
    with pytest.raises(FormatError, match="no column 'onset', but 'Onset', 'duration'"):
        ic.read_bold(bold, EVENTS.rename(columns={"onset": "Onset"}))
    with pytest.raises(FormatError, match="seconds as duration; there is 'True'"):
        ic.read_bold(bold, EVENTS.assign(duration=True))
    with pytest.raises(FormatError, match="seconds as onset; there is 'n/a'"):
        ic.read_bold(bold, EVENTS.assign(onset=np.nan))
    with pytest.raises(InputError, match="labels must be a mapping, .* not '03'"):
        ic.read_bold(bold, EVENTS, labels="03")


def test_durations_in_milliseconds_are_told(bold):
    events = EVENTS.assign(duration=1000 * EVENTS["duration"])  # Of a run of 120 s.
    with pytest.warns(IsocortexWarning, match="4 events last twice as long as their run: are"):
        ic.read_bold(bold, events)


def test_a_film_may_be_as_long_as_its_run(bold):
    film = pd.DataFrame({"onset": [0.0], "duration": [120.0], "trial_type": ["film"]})
    assert ic.read_bold(bold, film, lag=0.0).stimuli == ("film",) * 60


def test_rest_has_a_name_of_its_own(bold):
    with pytest.raises(InputError, match="rest='a' is a condition of the events, too"):
        ic.read_bold(bold, EVENTS, lag=4.0, rest="a")
    with pytest.raises(InputError, match="rest='rest' names volumes without .*betas are of events"):
        ic.read_bold(bold, EVENTS, rest="rest")


@pytest.mark.parametrize("nan", ["error", "drop"])
def test_volumes_without_numbers_are_told_as_volumes(bold, nan):
    values = bold.get_fdata().copy()
    values[..., 5:7] = np.nan
    with pytest.raises(InputError, match="no number in 2 volumes of 60, the first at 5"):
        ic.read_bold(series(values, 2.0), EVENTS, nan=nan)
