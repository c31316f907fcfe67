import json

import numpy as np

from isocortex.bh.encoding import encode_layer
from isocortex.bh.settings import read_settings
from isocortex.formats.mat.files import read_array

PARTS = ("made/one", "layer2", "sub-02", "V3")


def test_encoding_equals_the_original(made, step_by_step):
    encode_layer(made.folders, made.settings, *PARTS)
    found = read_array(made.folders.encoding_accuracy(*PARTS), "accuracy")
    np.testing.assert_allclose(found[0], step_by_step(made)[3], atol=2e-6)


def test_encoding_has_a_number_of_units_of_its_own(made, step_by_step):
    made.path.write_text(json.dumps({**made.raw, "n_features_encoding": 3}))
    settings = read_settings(made.path)
    assert (settings.n_features, settings.n_units, made.settings.n_units) == (8, 3, 8)
    encode_layer(made.folders, settings, *PARTS)
    found = read_array(made.folders.encoding_accuracy(*PARTS), "accuracy")[0]
    np.testing.assert_allclose(found, step_by_step(made, n_units=3)[3], atol=2e-6)
    assert abs(found - step_by_step(made)[3]).max() > 1e-3
