"""Stimuli are looked at while the network is traced; what is wrong with either is told."""

import pytest

import isocortex as ic


def test_a_name_that_is_no_layer_is_told_though_files_are_still_looked_at(small, stimuli):
    with pytest.raises(ic.InputError, match="'conv7' is not a layer"):
        ic.extract(small, stimuli, ["conv7"])
    assert small.module.passes == []


def test_files_are_told_before_the_network_is_asked(small, stimuli, folder):
    (folder / "img0.png").write_bytes(b"no picture")
    (folder / "img7.png").unlink()
    with pytest.raises(ic.NotFoundError, match=r"1 of 10 .*img7"):
        ic.extract(small, stimuli, ["conv7"])
