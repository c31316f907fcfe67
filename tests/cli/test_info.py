import json
import re

import nibabel
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.io import savemat

import isocortex as ic
from isocortex.cli._describe import DESCRIBERS
from isocortex.data.pictures import picture_suffixes
from isocortex.data.recorded.films import FILM_SUFFIXES
from isocortex.data.recorded.sounds import SOUND_SUFFIXES
from isocortex.files.formats import CIFTI, FORMATS, OVERLAYS, VOLUMES, known_suffixes
from isocortex.networks.zoo.torchvision_shim import torchvision


def made_rdms(path):
    ic.write_rdms(ic.RDMs([[0.1, 0.2, 0.3]], "abc", {"layer": "conv1"}, "correlation"), path)


def made_nifti(path):
    nibabel.save(nibabel.Nifti1Image(np.zeros((3, 4, 5, 6), np.float32), np.eye(4)), path)


def made_mgh(path):
    nibabel.MGHImage(np.zeros((3, 4, 5), np.float32), np.eye(4)).to_filename(path)


def made_gifti(path):
    data = nibabel.gifti.GiftiDataArray(np.zeros(7, np.float32))
    nibabel.save(nibabel.gifti.GiftiImage(darrays=[data]), path)


def made_hdf5(path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        file["group/values"] = np.zeros((2, 3))


def made_safetensors(path):
    from safetensors.numpy import save_file

    save_file({"conv.weight": np.zeros((2, 3), np.float32)}, path)


def made_weights(path):
    import torch

    torch.save({"conv.weight": torch.zeros((2, 3))}, path)


def made_checkpoint(path):
    import torch

    weights = {"net.conv.weight": torch.zeros((2, 3))}
    torch.save({"epoch": 3, "state_dict": weights, "ema": {"state": weights}}, path)


def made_cifti(path):
    maps = nibabel.cifti2.ScalarAxis(["a", "b"])
    vertices = nibabel.cifti2.BrainModelAxis.from_mask(np.ones(7, bool), "cortex_left")
    nibabel.save(nibabel.Cifti2Image(np.zeros((2, 7), np.float32), (maps, vertices)), path)


def made_parcels(path):
    maps = nibabel.cifti2.ScalarAxis(["a", "b"])
    voxels = [np.array([[i, 0, 0]]) for i in range(3)]
    parcels = nibabel.cifti2.ParcelsAxis(["V1", "V2", "V3"], voxels, [{}] * 3, np.eye(4), (3, 1, 1))
    nibabel.save(nibabel.Cifti2Image(np.zeros((2, 3), np.float32), (maps, parcels)), path)


def made_overlay(path):
    nibabel.freesurfer.write_morph_data(path, np.arange(7.0))


def made_annotation(path):
    colours = np.array([[1, 2, 3, 0], [4, 5, 6, 0]])
    labels = np.array([0, 1, 1])
    nibabel.freesurfer.write_annot(path, labels, colours, ["unknown", "V1"], fill_ctab=True)


def made_meadows(path):
    task = {"task": {"task_type": "multiarrange"}, "stimuli": [{"name": "a"}, {"name": "b"}]}
    path.write_text(json.dumps({"tasks": [{**task, "rdm": [0.5]}]}), encoding="utf-8")


def made_epochs(path):
    mne = pytest.importorskip("mne")
    info = mne.create_info(2, 100.0, "eeg")
    events = np.array([[0, 0, 1], [50, 0, 2]])
    names = {"face": 1, "house": 2}
    epochs = mne.EpochsArray(np.zeros((2, 2, 11)), info, events, event_id=names, verbose=False)
    epochs.save(path, verbose=False)


TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"
0 3 <exists> 2
"TextTier" "tones" 0 3 1
0.5 "H*"
"IntervalTier" "words" 0 3 3
0 1 "Alice"
1 2 "sp"
2 3 "was"
"""

MADE = {
    "s.TextGrid": (
        lambda p: p.write_text(TEXTGRID),
        ["2 tiers, 0.00 to 3.00 s", "words: 'words'", "3 intervals", "1 points", "'Alice', 'was'"],
    ),
    "s.lab": (lambda p: p.write_text("0 20000000 sil\n20000000 30000000 hi"), ["HTK", "'hi'"]),
    "rdms.npz": (made_rdms, ["RDMs", "'conv1'", "0.1 to 0.3"]),
    "plain.npz": (lambda p: np.savez(p, x=np.zeros((2, 3))), ["x", "2 x 3", "float64"]),
    "x.npy": (lambda p: np.save(p, np.zeros((4, 5))), ["4 x 5"]),
    "t.csv": (lambda p: pd.DataFrame({"a[0]": [1, 2]}).to_csv(p, index=False), ["a[0]", "2 rows"]),
    "t.tsv": (lambda p: pd.DataFrame({"b": [1]}).to_csv(p, sep="\t", index=False), ["b", "1 rows"]),
    "x.nii": (made_nifti, ["3 x 4 x 5 x 6", "RAS"]),
    "x.nii.gz": (made_nifti, ["3 x 4 x 5 x 6", "float32"]),
    "x.img": (made_nifti, ["3 x 4 x 5 x 6"]),
    "x.hdr": (made_nifti, ["3 x 4 x 5 x 6"]),
    "x.mgh": (made_mgh, ["FreeSurfer", "3 x 4 x 5"]),
    "x.mgz": (made_mgh, ["FreeSurfer", "3 x 4 x 5"]),
    "x.gii": (made_gifti, ["GIFTI", "7"]),
    "x.gii.gz": (made_gifti, ["GIFTI", "7"]),
    "x.nii.bz2": (made_nifti, ["3 x 4 x 5 x 6", "float32"]),
    "x.gii.bz2": (made_gifti, ["GIFTI", "7"]),
    "x.h5": (made_hdf5, ["group/values", "2 x 3"]),
    "x.hdf5": (made_hdf5, ["group/values", "2 x 3"]),
    "x.nwb": (made_hdf5, ["group/values", "2 x 3"]),
    "x.nc": (made_hdf5, ["group/values", "2 x 3"]),
    "x.mat": (lambda p: savemat(p, {"betas": np.zeros((2, 3))}), ["betas", "2 x 3"]),
    "x.safetensors": (made_safetensors, ["conv.weight", "2 x 3", "F32"]),
    "x.pth": (made_weights, ["conv.weight", "2 x 3"]),
    "x.pt": (made_weights, ["conv.weight", "2 x 3"]),
    "x.bin": (made_weights, ["conv.weight", "2 x 3"]),
    "x.ckpt": (made_checkpoint, ["part 'state_dict'", "net.conv.weight", "2 x 3"]),
    "x.pth.tar": (made_checkpoint, ["part 'ema.state'", "net.conv.weight"]),
    "x.dscalar.nii": (made_cifti, ["CIFTI", "Scalar", "BrainModel", "7"]),
    "x.pscalar.nii": (made_parcels, ["CIFTI", "Scalar", "Parcels", "3"]),
    "lh.thickness": (made_overlay, ["FreeSurfer", "left", "0 to 6"]),
    "rh.myelin": (made_overlay, ["FreeSurfer", "right", "0 to 6"]),
    "lh.aparc.annot": (made_annotation, ["V1", "2"]),
    "x_tree.json": (made_meadows, ["RDMs", "'a', 'b'", "euclidean"]),
    "x-epo.fif": (made_epochs, ["channels", "'face', 'house'", "0.100 s"]),
    "x-epo.fif.gz": (made_epochs, ["channels", "'face', 'house'"]),
    "x.png": (lambda p: Image.new("RGB", (6, 5)).save(p), ["width", "6", "RGB"]),
    "x.jpg": (lambda p: Image.new("L", (6, 5)).save(p), ["height", "5"]),
    "x.jpeg": (lambda p: Image.new("L", (6, 5)).save(p), ["height", "5"]),
}


@pytest.mark.parametrize("name", MADE)
def test_a_file_is_described(command, tmp_path, name):
    make, words = MADE[name]
    make(tmp_path / name)
    code, out, err = command("info", tmp_path / name)
    assert (code, err) == (0, "")
    for word in words:
        assert word in out


def test_every_format_but_the_store_is_tried_above():
    tried = {
        suffix for suffix in known_suffixes() if any(name.lower().endswith(suffix) for name in MADE)
    }
    left = {".zarr", ".stim.csv", ".dmask.csv", ".act.h5", ".rdm.h5", ".roi.h5"}
    left |= {".set", *picture_suffixes(), *CIFTI, *OVERLAYS, *VOLUMES}
    left |= {*SOUND_SUFFIXES, *FILM_SUFFIXES}
    assert set(known_suffixes()) - tried <= left


def test_every_format_is_described():
    assert set(DESCRIBERS) == {each.name for each in FORMATS}


@pytest.mark.parametrize("name", ["x.npz", "x.nii.gz", "x.h5", "x.mat", "x.safetensors", "x.png"])
def test_a_broken_file_is_told(command, tmp_path, name):
    (tmp_path / name).write_bytes(b"\xff\xff\xff\xff\xff\xff\xff\xff not this")
    code, _, err = command("info", tmp_path / name)
    assert code == 1
    assert re.search(rf"{name}' is not (the|a|HDF5)", err)


def test_pickled_objects_are_named_and_not_opened(command, tmp_path):
    np.savez(tmp_path / "x.npz", bad=np.array({"a": 1}, dtype=object), good=np.zeros(2))
    code, out, _ = command("info", tmp_path / "x.npz")
    assert code == 0
    assert "pickled objects, which isocortex does not open" in " ".join(out.split())


def test_a_folder_of_images(command, tmp_path):
    for i in (2, 10):
        Image.new("RGB", (4, 4)).save(tmp_path / f"img{i}.png")
    code, out, _ = command("info", tmp_path)
    assert code == 0
    assert "2 ('img2', 'img10')" in out


def test_a_folder_of_transformers_is_a_network_as_it_is_for_extract(command, tmp_path):
    torchvision()
    transformers = pytest.importorskip("transformers")
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.ViTConfig(**small, intermediate_size=16, image_size=16, patch_size=8)
    transformers.ViTModel(config).save_pretrained(tmp_path)
    code, out, _ = command("info", tmp_path)
    assert code == 0
    assert "layers.0" in out
    assert "random, seed 0" in out
    code, out, _ = command("info", tmp_path, "--weights", "default", "--layers", "main")
    assert (code, f"weights: {tmp_path}" in " ".join(out.split())) == (0, True)


def test_names_of_networks_with_slashes_and_dots(command):
    for name in ("isocortex/cifar10_resnet20", "timm/resnet10t.c3_in1k"):
        code, out, _ = command("info", name, "--layers", "conv1")
        assert code == 0
        assert "conv1" in out


def test_other_folders(command, tmp_path):
    made_safetensors(tmp_path / "model.safetensors")
    code, out, _ = command("info", tmp_path)
    assert (code, "conv.weight" in out) == (0, True)


def test_what_is_not_there_and_what_is_not_known(command, tmp_path):
    code, _, err = command("info", tmp_path / "no.npz")
    assert code == 1
    assert "There is no file or folder" in err
    (tmp_path / "x.doc").touch()
    code, _, err = command("info", tmp_path / "x.doc")
    assert code == 2
    assert "of no kind that isocortex reads" in err


def test_info_of_sound_and_film_tells_durations_rates_and_streams(command, speech, film):
    code, told, _ = command("info", speech)
    assert code == 0
    for each in ("0.500 s", "8000 Hz", "4000", "PCM"):
        assert each in told
    code, told, _ = command("info", film)
    assert code == 0
    for each in ("2.000 s", "10 in a second", "20", "32 x 48 pixels", "video (h264)"):
        assert each in told


def test_what_a_film_says_of_itself_is_shown_and_not_obeyed(command, tmp_path):
    av = pytest.importorskip("av")
    path = tmp_path / "titled.mp4"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "red \x1b[31m title"
        stream = container.add_stream("libx264", rate=10)
        stream.height, stream.width, stream.pix_fmt = 32, 32, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    code, told, _ = command("info", path)
    assert code == 0
    assert "red \\x1b[31m title" in told
    assert "\x1b[31m" not in told


def test_sounds_are_extracted_from_the_command_line(command, shared, tmp_path):
    code, told, problem = command(
        "extract",
        shared / "weights/silero_vad/silero_vad.jit",
        shared / "data/sound/arctic_a0009.wav",
        "--layers",
        "lstm",
        "--window",
        "1",
        "--hop",
        "0.5",
        "--pooling",
        "last",
        "--into",
        tmp_path / "vad.zarr",
    )
    assert (code, problem) == (0, "")
    assert "1 layer of" in told
    layer = ic.Store(tmp_path / "vad.zarr")["lstm"]
    assert layer.values.shape == (5, 128)
    assert layer.table["time"].tolist() == [1, 1.5, 2, 2.5, 3]
