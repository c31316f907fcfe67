"""Public names of the release before work, and say what they are called now."""

from importlib import import_module

import numpy as np
import pytest

import isocortex as ic


@pytest.fixture
def ceiling(rng):
    brain = rng.random(15) + 0.1 * rng.random((4, 15))
    return ic.noise_ceiling(ic.RDMs.from_arrays(brain, labels={"subject": range(4)}))


def test_the_upper_bound_of_a_ceiling(ceiling):
    with pytest.warns(DeprecationWarning, match=r"write Ceiling\.high") as told:
        assert ceiling.up == ceiling.high
    assert told[0].filename == __file__


def test_the_plot_of_best_regions():
    with pytest.warns(DeprecationWarning, match=r"plots\.hierarchy_regions"):
        old = ic.plots.hierarchy_tops
    assert old is ic.plots.hierarchy_regions
    with pytest.raises(AttributeError):
        ic.plots.hierarchy_of_nothing  # noqa: B018


def test_who_follows_the_writing_of_features(tmp_path):
    seen = []
    store = {"fc": ic.Responses(np.eye(2), ["a", "b"])}
    with pytest.warns(DeprecationWarning, match=r"listener= of write_features .* write progress="):
        ic.write_features(store, tmp_path / "old", listener=seen.append)
    ic.write_features(store, tmp_path / "new", progress=seen.append)
    ends = [event.what for event in seen if event.done == event.total]
    assert ends == ["write old", "write new"]


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("isocortex.store.matfiles", "isocortex.formats.mat.files", "read_array"),
        (
            "isocortex.networks.torchvision_shim",
            "isocortex.networks.zoo.torchvision_shim",
            "torchvision",
        ),
    ],
)
def test_modules_that_have_moved_tell_where_they_are(old, new, name):
    with pytest.warns(DeprecationWarning, match=f"{old} .* write {new}"):
        found = getattr(import_module(old), name)
    assert found is getattr(import_module(new), name)
    with pytest.raises(AttributeError):
        import_module(old).nothing  # noqa: B018


@pytest.mark.parametrize(
    ("verb", "old"),
    [
        (ic.write_nifti, "scores_or_array"),
        (ic.write_cifti, "scores_or_array"),
        (ic.write_gifti, "scores_or_array"),
        (ic.plots.brain, "scores"),
        (ic.plots.glass, "scores"),
        (ic.plots.surface, "scores"),
    ],
)
def test_maps_are_taken_by_the_names_that_they_had(verb, old, tmp_path):
    given = {old: np.zeros(3), "path": tmp_path / "map.nii.gz"}
    if old == "scores":
        del given["path"]
    told = pytest.warns(DeprecationWarning, match=rf"{old}= of {verb.__name__} .* write maps=")
    with told, pytest.raises(ic.IsocortexError, match="like"):
        verb(**given)
