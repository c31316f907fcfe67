import threading

import numpy as np
import pytest

import isocortex as ic


def test_identical_pictures_are_computed_once(small, stimuli):
    store = ic.extract(small, stimuli, ["fc"], batch_size=100)
    values = store["fc"].numpy()
    assert small.module.passes[-1] == len(stimuli) - 1
    np.testing.assert_array_equal(values[0], values[9])


def test_pictures_are_refused_by_networks_for_other_things(small, stimuli):
    import dataclasses

    reader = dataclasses.replace(small, modality="text")
    with pytest.raises(ic.InputError, match="needs text; there are 10 stimuli of modality 'image'"):
        ic.extract(reader, stimuli)


def test_nothing_to_show_is_told(small, stimuli):
    with pytest.raises(ic.InputError, match="extract with Small needs images; there are 0 stimuli"):
        ic.extract(small, stimuli.take([]))


def test_an_interruption_leaves_whole_batches_and_no_threads(small, stimuli, plain, tmp_path):
    into = tmp_path / "s.zarr"

    def pressed(event):
        if event.done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ic.extract(small, stimuli, ["conv1", "fc"], into, batch_size=2, progress=pressed)
    assert not [each for each in threading.enumerate() if "ThreadPool" in each.name]
    assert {len(list(into.glob(f"layers/{each}/c/*/0"))) for each in ("conv1", "fc")} == {2}
    assert not list(into.rglob(".part-*"))
    small.module.passes.clear()
    store = ic.extract(small, stimuli, ["conv1", "fc"], into, batch_size=2)
    assert small.module.passes == [2, 2, 1]
    right = np.concatenate([plain(small, stimuli, [i, i + 1])["fc"] for i in range(0, 8, 2)])
    np.testing.assert_array_equal(store["fc"].numpy()[:8], right)
