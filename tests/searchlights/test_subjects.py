"""Several recordings: what does not fit is said before the work, and names are kept."""

import nibabel as nib
import numpy as np
import pytest

import isocortex as ic


def test_keys_of_a_mapping_are_the_subjects(make, near):
    people = {"anna": make.responses(), "bob": make.responses(seed=1)}
    rsa = ic.RSA(make.models(people["anna"].stimuli))
    maps = ic.searchlight(people, near, rsa)
    assert maps.tables["subject"]["subject"].tolist() == ["anna", "bob"]
    alone = ic.searchlight(people["bob"], near, rsa)
    np.testing.assert_array_equal(maps.select(subject="bob").values[:, 0], alone.values)


def test_a_label_that_some_lack_is_no_label(make, near):
    people = [make.responses(subject="anna"), make.responses(seed=1)]
    with pytest.raises(ic.MisalignedError, match=r"'subject' tells.*'1' \(from 0\) of 2 have no"):
        ic.searchlight(people, near, lambda part: 1.0)


def other_voxels():
    mask = np.zeros((4, 5, 4), np.int8)
    mask[:3] = 1
    betas = np.random.default_rng(0).normal(size=(4, 5, 4, 7))
    return ic.read_nifti(nib.Nifti1Image(betas, np.diag([3.0, 3, 3, 1])), mask)


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (lambda make: other_voxels(), "recording lacks .* units of the neighbourhoods"),
        (lambda make: make.responses(6), "different stimuli"),
    ],
)
def test_what_does_not_fit_in_the_last_is_said_before_the_first_is_done(make, near, last, words):
    people, done = [make.responses(), make.responses(seed=1), last(make)], []
    rsa = ic.RSA(make.models(people[0].stimuli))
    with pytest.raises(ic.MisalignedError, match=words):
        ic.searchlight(people, near, rsa, progress=done.append)
    assert not done


def test_other_times_are_said_before_the_work():
    channels = {"channel": ["O1", "O2", "Oz"]}
    places = {"O1": (0.01, 0, 0), "O2": (0.02, 0, 0), "Oz": (0.03, 0, 0)}

    def epochs(n):
        values = np.random.default_rng(n).normal(size=(8, 3, n))
        return ic.Trials(values, list("abcd") * 2, units=channels, times=np.arange(n) / 100)

    near, done = ic.neighbours(epochs(3), radius=15.0, sensors=places), []
    with pytest.raises(ic.MisalignedError, match="recording 1 .*has other 'time' than recording 0"):
        ic.searchlight([epochs(3), epochs(4)], near, lambda part: 1.0, progress=done.append)
    assert not done


@pytest.mark.parametrize("kind", ["euclidean", "squared_euclidean", "correlation"])
@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_float32_recordings_lose_no_digits(make, near, kind, offset):
    recording = make.responses(8, offset=offset)
    recording = recording.replace(values=recording.numpy().astype(np.float32))
    models = make.models(recording.stimuli)
    maps = ic.searchlight(recording, near, ic.RSA(models, kind, "pearson"))
    for c in range(0, len(near), 9):
        made = ic.rdms(recording.units_where(near.members(c)), kind)
        one = ic.compare(models, ic.RDMs(made.values, made.stimuli), "pearson")
        np.testing.assert_allclose(maps.values[:, c], one.values[:, 0], atol=1e-10)


def test_the_recording_is_left_as_it_was_whatever_its_order_in_memory(make, near):
    recording = make.responses(8)
    recording = recording.replace(values=np.asfortranarray(recording.numpy()))
    before = recording.numpy().copy()
    ic.searchlight(recording, near, ic.RSA(make.models(recording.stimuli), "euclidean"))
    np.testing.assert_array_equal(recording.numpy(), before)


def test_noise_meets_neighbourhoods_by_the_names_of_units(make, near):
    trials = make.trials()
    covariance = np.diag(np.linspace(1, 3, trials.n_units))
    models = make.models(trials.conditions)
    with pytest.raises(ic.InputError, match=r"has no names of units.*units=recording\.units"):
        ic.searchlight(trials, near, ic.RSA(models, "crossnobis", noise=covariance))
    noise = ic.Noise(covariance, units=trials.units)
    maps = ic.searchlight(trials, near, ic.RSA(models, "crossnobis", "pearson", noise=noise))
    own = near.members(7)
    part = ic.Trials(np.asarray(trials.values)[:, own], trials.stimuli, runs=trials.runs)
    made = ic.rdms(part, "crossnobis", noise=covariance[np.ix_(own, own)])
    one = ic.compare(models, ic.RDMs(made.values, made.stimuli), "pearson")
    np.testing.assert_allclose(maps.values[:, 7], one.values[:, 0], atol=1e-10)


def test_a_centre_that_is_not_there_has_no_members(near):
    for wrong in (-1, len(near), "first", None):
        with pytest.raises(ic.InputError, match=f"centres 0 to {len(near) - 1}, but not"):
            near.members(wrong)


def test_maps_of_parcels_are_written_into_all_their_voxels(tmp_path):
    mask = np.zeros((4, 4, 2), np.int16)
    mask[0], mask[1], mask[2, :2] = 3, 7, 5
    betas = np.random.default_rng(0).normal(size=(4, 4, 2, 6))
    voxels = ic.read_nifti(nib.Nifti1Image(betas, 3 * np.eye(4)), mask)
    near = ic.neighbours(voxels, labels="mask")
    maps = ic.searchlight(voxels, near, lambda part: part.numpy().mean())
    written = nib.load(ic.write_nifti(maps, tmp_path / "map.nii", like=voxels)).get_fdata()
    for label in (3, 5, 7):
        wanted = betas[mask == label].mean()
        np.testing.assert_allclose(written[mask == label], wanted, rtol=1e-6)
    assert not written[mask == 0].any()
