import numpy as np

from isocortex.bh.encoding import encode_layer
from isocortex.formats.mat.files import read_array

PARTS = ("made/one", "layer2", "sub-02", "V3")


def test_encoding_equals_the_original(made, step_by_step):
    encode_layer(made.folders, made.settings, *PARTS)
    found = read_array(made.folders.encoding_accuracy(*PARTS), "accuracy")
    np.testing.assert_allclose(found[0], step_by_step(made)[3], atol=2e-6)
