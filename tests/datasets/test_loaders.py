import numpy as np
import pytest
from scipy.spatial.distance import squareform

import isocortex as ic


@pytest.fixture
def data(shared, monkeypatch):
    monkeypatch.setenv("ISOCORTEX_DATA", str(shared / "data"))
    return ic.datasets.images92()


def test_images_and_brains_have_the_same_names(data):
    assert data.stimuli.names == data.brain.stimuli
    assert data.stimuli.names[:2] == ("image_01", "image_02")
    assert data.brain.select(region="IT").labels["subject"].tolist() == list(range(1, 16))
    assert data.stimuli.table["category"].nunique() == 6


def test_the_values_are_those_of_the_file(data, shared):
    with np.load(shared / "data/images92/algonauts92_fmri_IT_RDMs.npz") as file:
        np.testing.assert_allclose(data.brain.select(region="IT").square(), file["Net_RDM"])


def test_faces_are_alike_in_it_more_than_in_evc(data):
    """What is known of these data; it would fail if images and RDMs were out of order."""
    face = data.stimuli.table["face"].to_numpy()
    between = face[:, None] != face[None, :]

    def contrast(region):
        square = data.brain.select(region=region).mean().square()[0]
        return square[between].mean() / squareform(square[np.ix_(face, face)]).mean()

    assert contrast("IT") > 1.3 > 1.2 > contrast("EVC")
