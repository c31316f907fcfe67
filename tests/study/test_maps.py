import numpy as np
import pytest
from sklearn.model_selection import KFold

import isocortex as ic

WHERE = {"layer": "layer1.0", "subject": "bob", "region": "V4"}


def test_the_map_of_an_encoding_is_what_encode_gives(brains, tmp_path):
    nibabel = pytest.importorskip("nibabel")
    found = brains.map(method="encoding", **WHERE)
    folder = brains.study.folder
    shown = (folder / "betas" / "bob.tsv").read_text().split("\n")[1:-1]
    recording = ic.average(
        ic.read_volumes(
            folder / "betas" / "bob.nii.gz", folder / "masks" / "V4.nii.gz", stimuli=shown
        )
    )
    layer = ic.Store(brains.study.results / brains.plan.extractions[0].store)["layer1.0"]
    expected = ic.encode(
        layer,
        recording,
        ic.Ridge([1.0, 10.0, 100.0, 1e3, 1e4, 1e5]),
        folds=ic.Folds(KFold(3, shuffle=True, random_state=0)),
        pooled=True,
    )
    assert found.values == pytest.approx(np.asarray(expected.values).ravel(), abs=1e-6)
    path = ic.write_nifti(found, tmp_path / "map.nii.gz")
    image = nibabel.load(path).get_fdata()
    assert image[1:7, 3:5, 1:5].ravel() == pytest.approx(found.values, abs=1e-6)
    assert np.count_nonzero(image) == found.values.size
    table = brains.table()
    row = table[(table["method"] == "encoding") & (table["region"] == "V4")]
    row = row[(row["layer"] == "layer1.0") & (row["subject"] == "bob")]
    assert row["score"].item() == pytest.approx(np.nanmean(found.values), abs=1e-6)


def test_a_map_of_a_decoding_is_of_the_units_of_the_layer(brains):
    found = brains.map(method="decoding", layer="conv1", subject="ann", region="IT")
    assert found.values.shape == (16,)
    assert found.notes["region"] == "IT"


def test_a_map_must_be_the_only_one_that_is_meant(brains):
    with pytest.raises(ic.InputError, match="say which layer and which subject and which region"):
        brains.map(method="encoding")
    with pytest.raises(ic.InputError, match="no number of encoding or decoding with region='V9'"):
        brains.map(region="V9")
    with pytest.raises(ic.InputError, match="'people' is no label"):
        brains.map(people="ann")


def test_who_asks_for_maps_later_gets_them_made(folder):
    text = (folder / "study.toml").read_text().replace("folds = 3", "folds = 3\nmaps = false", 1)
    (folder / "study.toml").write_text(text)
    result = ic.run(ic.Study.from_toml(folder / "study.toml"))
    which = {"layer": "conv1", "network": "resnet", "subject": "ann", "region": "IT"}
    with pytest.raises(ic.NotFoundError, match="computed without maps = true"):
        result.map(method="encoding", **which)
    (folder / "study.toml").write_text(text.replace("maps = false", ""))
    again = ic.run(ic.Study.from_toml(folder / "study.toml"))
    assert again.map(method="encoding", **which).values.shape == (12,)
    column = ["score"]
    assert again.table()[column].equals(result.table()[column])


def test_the_hierarchy_score_is_what_hierarchy_gives(brains):
    found = brains.hierarchy().set_index("method")
    regions, layers = ("V1", "V4", "IT"), ("conv1", "layer1.0", "layer2.0", "linear")

    def maps(method, region, layer):
        return [
            brains.map(method=method, region=region, layer=layer, subject=who).values
            for who in ("ann", "bob")
        ]

    encoding = {
        region: [
            np.array(each)
            for each in zip(*(maps("encoding", region, layer) for layer in layers), strict=True)
        ]
        for region in regions
    }
    decoding = {
        layer: [
            np.array(each)
            for each in zip(*(maps("decoding", region, layer) for region in regions), strict=True)
        ]
        for layer in layers
    }
    for method, accuracies in (("encoding", encoding), ("decoding", decoding)):
        expected = ic.hierarchy(accuracies, subsets=None, n_stimuli=14)
        row = found.loc[method]
        assert row["score"] == pytest.approx(expected.value, nan_ok=True)
        assert row["p"] == pytest.approx(expected.p, nan_ok=True)
        assert row["n"] == expected.n


def test_without_an_order_of_regions_there_is_no_hierarchy(brains):
    from dataclasses import replace

    text = brains.study.text.replace('regions = ["V1", "V4", "IT"]', "")
    study = ic.Study.from_text(text, brains.study.folder)
    found = replace(brains, plan=replace(brains.plan, study=study)).hierarchy()
    assert found["score"].isna().all()
    assert found["error"].str.contains("does not list the regions").all()
