"""The page on RDMs, end to end: AlexNet's features of the 92 images, and an EEG that is made."""

import numpy as np
import pytest
import torch.nn.functional as F  # noqa: N812

import isocortex as ic
from isocortex.compat.net2brain.preprocess.rdm import eeg_rdm
from isocortex.compat.net2brain.rdm_creation import LayerRDM, RDMCreator

LAYERS = ["features.6", "features.10"]


@pytest.fixture(scope="module")
def feat_path(shared, tmp_path_factory):
    """One ``.npz`` for each image, [batch x channels x height x width] for each layer."""
    folder = tmp_path_factory.mktemp("AlexNet_Feat")
    stimuli = ic.datasets.images92().stimuli
    network = ic.load_network("alexnet", weights=shared / "weights" / "alexnet_features")
    store = ic.extract(network, stimuli, LAYERS, into=folder / "store.zarr")
    rows = {layer: store[layer] for layer in LAYERS}
    order = [rows[layer].stimuli for layer in LAYERS]
    for i, name in enumerate(order[0]):
        features = {layer: rows[layer].values[i : i + 1][:, :, None] for layer in LAYERS}
        np.savez(folder / f"{name.split('.')[0]}.npz", **features)
    return folder


def test_the_page_runs_as_printed(feat_path, tmp_path):
    creator = RDMCreator(verbose=True, device="cpu")
    save_path = creator.create_rdms(
        feature_path=feat_path, save_path=tmp_path / "AlexNet_RDM", save_format="npz"
    )

    def custom_cosine(x):
        x_norm = F.normalize(x, p=2, dim=1)
        return 1 - (x_norm @ x_norm.T)

    creator.create_rdms(
        feature_path=feat_path,
        save_path=tmp_path / "AlexNet_RDM_custom",
        save_format="npz",
        distance=custom_cosine,
    )
    rdm = LayerRDM.from_file(save_path / "RDM_features_6.npz")
    ax = rdm.plot(indices=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert ax.images[0].get_array().shape == (10, 10)
    assert rdm.data.shape == (92, 92)
    assert rdm.stimuli_name[0] == "image_01"
    brain = ic.datasets.images92().brain.select(region="IT")
    model = rdm.to_rdms()
    assert ic.compare(model, brain.reorder(model.stimuli)).values.mean() > 0.05


def test_the_eeg_part_of_the_page(rng):
    labels = np.repeat(np.arange(5), 8)
    pattern = rng.normal(size=(5, 12))
    eeg = rng.normal(size=(40, 12, 20))
    eeg[:, :, 10:] += 2 * pattern[labels][:, :, None]
    subj_data = {"dat": eeg, "lbl": labels}
    rdm = eeg_rdm(subj_data["dat"], subj_data["lbl"])
    assert rdm.shape == (5, 5, 20)
    off = ~np.eye(5, dtype=bool)
    assert abs(rdm[off][:, :10].mean() - 0.5) < 0.05
    assert rdm[off][:, 10:].mean() > 0.8
    assert (rdm[~off] == 0).all()
