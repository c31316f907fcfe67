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
