"""What is said of how to get from one noun to another."""

import numpy as np

from isocortex.data.ways import way


def test_an_array_a_path_and_what_is_unknown_have_their_ways():
    assert "RDMs.from_arrays" in way(np.eye(3), ["RDMs"])
    assert "ic.Store(path)" in way("folder", ["Store"])
    assert way(3, ["Scores"]) == ""
