import h5py
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.spatial.distance import pdist

import isocortex as ic
from isocortex.formats.dnnbrain.dmask import UnitMask
from isocortex.formats.dnnbrain.stim import format_stim_csv, parse_stim_csv


@pytest.fixture
def images(tmp_path, rng):
    folder = tmp_path / "sets = all" / "a"
    folder.mkdir(parents=True)
    for name in ("cat.png", "dog.png", "sub_10.png"):
        Image.fromarray(rng.integers(0, 255, (8, 9, 3), np.uint8)).save(folder / name)
    return folder


def written(path, lines):
    path.write_text("\n".join(lines))
    return path


def test_a_stim_csv_with_an_equals_sign_in_its_path(images, tmp_path):
    path = written(
        tmp_path / "all.stim.csv",
        [
            "type=image",
            f"path={images.parent}",
            "",
            "title=any = thing",
            "data=stimID,label,onset,condition,note",
            "a/dog.png,2,0.5,face,x",
            "a/cat.png,1.0,3,house,y",
            "",
        ],
    )
    header, columns = parse_stim_csv(path)
    assert header == {"type": "image", "path": str(images.parent), "title": "any = thing"}
    assert columns["label"].tolist() == [2, 1]
    assert columns["label"].dtype == np.int64
    assert columns["onset"].dtype == np.float64
    assert columns["condition"].tolist() == ["face", "house"]
    stimuli = ic.read_stim_csv(path)
    assert stimuli.names == ("a/dog.png", "a/cat.png")
    assert stimuli.read(0).shape == (8, 9, 3)
    assert stimuli.table["label"].tolist() == [2, 1]


def test_stimuli_are_written_and_read_again(images, tmp_path):
    stimuli = ic.Stimuli.from_folder(images)
    table = pd.DataFrame({"label": [3, 1, 2], "onset": [0.0, 1.5, 3.25]})
    stimuli = ic.Stimuli(stimuli.names, stimuli.sources, table=table)
    path = ic.write_stim_csv(stimuli, tmp_path / "x.stim.csv", {"title": "three"})
    again = ic.read_stim_csv(path)
    assert [file.name for file in again.sources] == ["cat.png", "dog.png", "sub_10.png"]
    pd.testing.assert_frame_equal(again.table, table)


def test_a_relative_path_may_be_beside_the_file(images, tmp_path):
    lines = ["type=image", "path=sets = all/a", "data=stimID", "cat.png"]
    assert len(ic.read_stim_csv(written(tmp_path / "r.stim.csv", lines))) == 1


def test_frame_numbers_of_a_video(tmp_path):
    lines = ["type=video", "path=film.mp4", "data=stimID,label", "1.0,2", "5,3"]
    path = written(tmp_path / "v.stim.csv", lines)
    assert parse_stim_csv(path)[1]["stimID"].tolist() == [1, 5]
    with pytest.raises(ic.InputError, match="only images are extracted"):
        ic.read_stim_csv(path)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["type=image", "path=x"], "no line that begins with 'data='"),
        (["type=image", "data=stimID", "a"], "must say type= .* and path="),
        (["type=picture", "path=x", "data=stimID", "a"], "must say type="),
        (["type=image", "path=x", "data=label", "1"], "must name a column stimID"),
        (["type=image", "path=x", "data=stimID,label", "a"], "line 4: 1 entry"),
        (["type=image", "oops", "path=x", "data=stimID", "a"], "line 2: 'oops' is not key=value"),
        (["type=image", "path=x", "data=stimID"], "lists no stimulus"),
    ],
)
def test_faults_of_a_stim_csv(lines, words, tmp_path):
    with pytest.raises(ic.FormatError, match=words):
        ic.read_stim_csv(written(tmp_path / "x.stim.csv", lines))


def test_more_faults_of_a_stim_csv(images, tmp_path):
    lines = ["type=image", f"path={images}", "data=stimID", "cat.png", "cat.png"]
    with pytest.raises(ic.InputError, match="must be unique"):
        ic.read_stim_csv(written(tmp_path / "x.stim.csv", lines))
    with pytest.raises(ic.NotFoundError, match=r"1 of the 1 images.*cow\.png"):
        ic.read_stim_csv(written(tmp_path / "x.stim.csv", [*lines[:3], "cow.png"]))
    with pytest.raises(ic.FormatError, match=r"must end in \.stim\.csv"):
        ic.read_stim_csv(tmp_path / "x.csv")
    with pytest.raises(ic.NotFoundError, match="There is no file"):
        ic.read_stim_csv(tmp_path / "y.stim.csv")
    header = {"type": "image", "path": "x"}
    with pytest.raises(ic.InputError, match="cannot hold commas"):
        format_stim_csv(header, {"stimID": np.array(["a,b"])}, tmp_path / "z.stim.csv")
    stimuli = ic.Stimuli.from_arrays(np.zeros((2, 4, 4)))
    with pytest.raises(ic.InputError, match="from image files"):
        ic.write_stim_csv(stimuli, tmp_path / "z.stim.csv")


def layer(rng, shape=(5, 4, 3, 2), name="conv1"):
    values = rng.normal(size=shape).astype(np.float32)
    grid = np.indices(shape[1:]).reshape(3, -1)
    units = pd.DataFrame(dict(zip(("channel", "row", "col"), grid, strict=True)))
    return ic.Responses(values.reshape(5, -1), list("abcde"), units, {"layer": name})


def test_layers_are_written_in_four_axes_and_read_lazily(rng, tmp_path):
    conv = layer(rng)
    fc = ic.Responses(rng.normal(size=(5, 7)), list("abcde"), labels={"layer": "fc1"})
    pooled = ic.Responses(rng.normal(size=(5, 3)), list("abcde"), {"channel": [0, 1, 2]})
    path = ic.write_act_h5({"conv10": conv, "conv2": pooled, "fc1": fc}, tmp_path / "a.act.h5")
    with h5py.File(path) as file:
        assert file["conv10"].shape == (5, 4, 3, 2)
        assert file["conv10"].dtype == np.float32
        assert file["conv10"].compression == "gzip"
        assert file["conv2"].shape == (5, 3, 1, 1)
        assert file["fc1"].shape == (5, 7, 1, 1)
        np.testing.assert_array_equal(file["conv10"][()].reshape(5, -1), conv.values)
    read = ic.read_act_h5(path, stimuli=list("abcde"))
    assert list(read) == ["conv2", "conv10", "fc1"]
    again = read["conv10"]
    assert not isinstance(again.values, np.ndarray)
    np.testing.assert_array_equal(again.numpy(), conv.values)
    pd.testing.assert_frame_equal(again.units, conv.units, check_dtype=False)
    np.testing.assert_allclose(ic.gram(again).matrix, ic.gram(conv).matrix)


@pytest.mark.parametrize(
    "index",
    [
        (slice(None), slice(3, 17)),
        (slice(1, 4), slice(None)),
        (slice(None), slice(2, 20, 3)),
        (np.array([4, 0, 2]), slice(None)),
        np.array([3, 3, 1]),
        slice(0, 0),
        (slice(None), np.array([20, 3, 9])),
        (slice(None), np.arange(24) % 5 == 1),
        (slice(None), slice(0, 0)),
    ],
)
def test_a_layer_on_disk_is_indexed_like_an_array(index, rng, tmp_path):
    conv = layer(rng)
    ic.write_act_h5(conv, tmp_path / "a.act.h5")
    lazy = ic.read_act_h5(tmp_path / "a.act.h5")["conv1"].values
    np.testing.assert_array_equal(lazy[index], conv.values[index])


def test_the_ancestor_s_files_are_read(rng, tmp_path):
    values = rng.normal(size=(6, 3, 2, 2))
    with h5py.File(tmp_path / "old.act.h5", "w") as file:
        file.create_dataset("conv5", data=values, compression="gzip")
    read = ic.read_act_h5(tmp_path / "old.act.h5", layers=["conv5"])
    np.testing.assert_array_equal(read["conv5"].take([1]).values, values.reshape(6, -1)[[1]])
    assert read["conv5"].units.iloc[7].tolist() == [1, 1, 1]


def test_faults_of_an_act_h5(rng, tmp_path):
    path = tmp_path / "x.act.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("conv1", data=np.array(["a"], dtype=h5py.string_dtype()))
    with pytest.raises(ic.FormatError, match="'conv1' holds objects, not numbers"):
        ic.read_act_h5(path)
    ic.write_act_h5(layer(rng), path)
    with pytest.raises(ic.InputError, match="no layer 'conv2'. Did you mean 'conv1'"):
        ic.read_act_h5(path, ["conv2"])
    with pytest.raises(ic.InputError, match="5 rows but 2 stimulus names"):
        ic.read_act_h5(path, stimuli=["a", "b"])
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(ic.FormatError, match="not a whole HDF5 file"):
        ic.read_act_h5(path)
    nameless = ic.Responses(np.eye(2))
    with pytest.raises(ic.InputError, match="no label 'layer'"):
        ic.write_act_h5(nameless, path)
    with pytest.raises(ic.InputError, match="two layers have one name"):
        ic.write_act_h5([layer(rng), layer(rng)], path)
    with pytest.raises(ic.InputError, match="not Gram"):
        ic.write_act_h5(ic.gram(layer(rng)), path)


def test_rdms_of_layers(rng, tmp_path):
    patterns = rng.normal(size=(3, 6, 5))
    vectors = np.stack([pdist(each) for each in patterns])
    rdms = ic.RDMs.from_arrays(vectors, list("abcdef"), {"layer": ["conv1", "conv1", "fc"]})
    path = ic.write_rdm_h5(rdms, tmp_path / "x.rdm.h5")
    with h5py.File(path) as file:
        assert file.attrs["type"] == "dRDM"
        assert file["conv1"].shape == (2, 15)
        assert file["fc"].dtype == np.float64
    again = ic.read_rdm_h5(path, stimuli=list("abcdef"))
    np.testing.assert_array_equal(again.values, vectors)
    assert again.labels["layer"].tolist() == ["conv1", "conv1", "fc"]
    assert again.labels["iteration"].tolist() == [0, 1, 0]
    assert again.stimuli == tuple("abcdef")


def test_rdms_of_regions(rng, tmp_path):
    vectors = np.stack([pdist(rng.normal(size=(4, 5))) for _ in range(2)])
    rdms = ic.RDMs.from_arrays(vectors, labels={"region": [1, 12]})
    path = ic.write_rdm_h5(rdms, tmp_path / "x.rdm.h5")
    with h5py.File(path) as file:
        assert file.attrs["type"] == "bRDM"
        assert file["1"].shape == (6,)
    assert ic.read_rdm_h5(path).labels["region"].tolist() == ["1", "12"]


def test_faults_of_an_rdm_h5(rng, tmp_path):
    path = tmp_path / "x.rdm.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("1", data=np.zeros(6))
    with pytest.raises(ic.FormatError, match="no RDMs of type bRDM or dRDM"):
        ic.read_rdm_h5(path)
    with h5py.File(path, "w") as file:
        file.attrs["type"] = "bRDM"
        file.create_dataset("1", data=np.zeros(6))
        file.create_dataset("2", data=np.zeros(10))
    with pytest.raises(ic.FormatError, match="different numbers of stimuli"):
        ic.read_rdm_h5(path)
    with h5py.File(path, "w") as file:
        file.attrs["type"] = "dRDM"
        file.create_dataset("1", data=np.zeros((1, 7)))
    with pytest.raises(ic.FormatError, match="7 is not a number of pairs"):
        ic.read_rdm_h5(path)
    rdms = ic.RDMs.from_arrays(np.ones((2, 6)), labels={"region": "V1", "subject": [1, 2]})
    with pytest.raises(ic.InputError, match="'V1' has several RDMs"):
        ic.write_rdm_h5(rdms, path)
    with pytest.raises(ic.InputError, match="label 'layer' or 'region'"):
        ic.write_rdm_h5(ic.RDMs.from_arrays(np.ones((2, 6))), path)


def test_masks_of_units(rng, tmp_path):
    path = tmp_path / "x.dmask.csv"
    path.write_text("conv5=chn,row,col\n1,2,3\n4,5\n6,7,8\n\nfc3=\nconv1=chn\n3,1\n")
    masks = ic.read_dmask_csv(path)
    assert masks["conv5"] == UnitMask([1, 2, 3], [4, 5], [6, 7, 8])
    assert masks["fc3"] == UnitMask()
    values = rng.normal(size=(2, 3, 4, 4))
    np.testing.assert_array_equal(masks["conv1"].apply(values), values[:, [2, 0]])
    again = ic.write_dmask_csv(masks, tmp_path / "y.dmask.csv")
    assert ic.read_dmask_csv(again) == masks
    chosen = UnitMask(channels=[2, 4], columns=[1]).select(layer(rng))
    assert chosen.units.to_numpy().tolist() == [[c, r, 0] for c in (1, 3) for r in (0, 1, 2)]


def test_faults_of_a_dmask_csv(tmp_path, rng):
    path = tmp_path / "x.dmask.csv"
    for text, words in (
        ("conv5", "should be a layer"),
        ("conv5=channels\n1", "some of chn,row,col"),
        ("conv5=chn\nred", "whole numbers"),
        ("conv5=chn,row\n1", "2 axes|without their numbers"),
    ):
        path.write_text(text)
        with pytest.raises(ic.FormatError, match=words):
            ic.read_dmask_csv(path)
    with pytest.raises(ic.InputError, match="chn numbers go from 1 to 3"):
        UnitMask(channels=[0, 1]).apply(rng.normal(size=(2, 3, 4, 4)))


def test_regions(rng, tmp_path):
    units = {"region": ["V1", "IT"]}
    regions = ic.Responses(rng.normal(size=(4, 2)), units=units)
    path = ic.write_roi_h5(regions, tmp_path / "x.roi.h5")
    again = ic.read_roi_h5(path)
    np.testing.assert_array_equal(again.values, regions.values)
    assert again.units["region"].tolist() == ["V1", "IT"]
    with pytest.raises(ic.InputError, match="column 'region'"):
        ic.write_roi_h5(ic.Responses(np.eye(3)), path)
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=np.eye(3))
    with pytest.raises(ic.FormatError, match="lacks"):
        ic.read_roi_h5(path)
