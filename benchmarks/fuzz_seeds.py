"""A small file of each kind that isocortex reads, and the reader of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import isocortex as ic

NAMES = ["face", "house", "cat", "car"]


@dataclass(frozen=True)
class Seed:
    """How a file is made, and how it is read; both get the path."""

    name: str
    make: Callable[[Path], Any]
    read: Callable[[Path], Any]
    checked: bool = False
    """Whether a checksum covers every number in it."""
    folder: bool = False
    """Whether it is a folder of files, each of which is damaged in turn."""


def _values(n_columns: int = 30) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(4, n_columns))


def _responses() -> ic.Responses:
    return ic.Responses(_values(), NAMES, {"region": ["V1"] * 10 + ["IT"] * 20}, {"subject": 1})


def _rdms() -> ic.RDMs:
    values = np.abs(np.random.default_rng(1).normal(size=(2, 6)))
    return ic.RDMs(values, NAMES, {"layer": ["conv1", "conv2"], "network": "net"})


def _old_netcdf(path: Path) -> None:
    from scipy.io import netcdf_file

    with netcdf_file(path, "w") as file:
        file.createDimension("presentation", 4)
        file.createDimension("neuroid", 3)
        file.createVariable("data", "f8", ("presentation", "neuroid"))[:] = _values(3)


def _told(path: Path) -> Any:
    from isocortex.cli._describe import describe_file

    return describe_file(path)


def _rdm_npz(path: Path) -> None:
    from isocortex.formats.net2brain.rdm_files import RDMFile, write_rdm_npz

    meta = {"distance": "pearson", "date": "today"}
    write_rdm_npz(RDMFile(np.arange(1.0, 7.0), "conv1", tuple(NAMES), meta), path)


def _read_rdm_npz(path: Path) -> Any:
    from isocortex.formats.net2brain.rdm_files import read_rdm_npz

    return vars(read_rdm_npz(path))


def _read_net2brain(path: Path) -> Any:
    from isocortex.formats.net2brain.features import Net2BrainFeatures

    return dict(Net2BrainFeatures(path.parent))


def _net2brain(path: Path) -> None:
    np.savez_compressed(path, conv1=_values()[0], fc=_values()[1])


def _orientation(path: Path) -> None:
    np.savez(
        path, resp=np.random.default_rng(0).normal(size=(36, 20)), stimuli=np.arange(0, 360, 10.0)
    )


def _volume(path: Path) -> None:
    import nibabel

    data = np.random.default_rng(0).normal(size=(5, 6, 4, 4)).astype(np.float32)
    kind = nibabel.MGHImage if "mg" in path.suffix else nibabel.Nifti1Image
    if path.suffix == ".img":
        kind = nibabel.Nifti1Pair
    kind(data, np.diag([2.0, 2, 2, 1])).to_filename(path)


def _packaged(path: Path) -> None:
    """A file that nibabel brings with it, for kinds that nothing here can write."""
    import nibabel

    held = Path(nibabel.__file__).parent / "tests" / "data"
    for name in _PACKAGED[path.name]:
        ending = name[name.index(".") :] if "+" not in name else name[name.index("+") :]
        base = path.name.split("+")[0].split(".")[0]
        path.with_name(base + ending).write_bytes((held / name).read_bytes())


_PACKAGED = {
    "one.mnc": ("minc1_1_scale.mnc",),
    "two.mnc": ("minc2_1_scale.mnc",),
    "scan+tlrc.HEAD": ("scaled+tlrc.HEAD", "scaled+tlrc.BRIK"),
    "scan.PAR": ("phantom_EPI_asc_CLEAR_2_1.PAR", "phantom_EPI_asc_CLEAR_2_1.REC"),
}


def _gifti(path: Path) -> None:
    import nibabel

    rows = np.random.default_rng(0).normal(size=(4, 60)).astype(np.float32)
    encodings = ["GIFTI_ENCODING_B64GZ"] * 2 + ["GIFTI_ENCODING_B64BIN", "GIFTI_ENCODING_ASCII"]
    arrays = [
        nibabel.gifti.GiftiDataArray(row, "NIFTI_INTENT_SHAPE", "NIFTI_TYPE_FLOAT32", encoding)
        for row, encoding in zip(rows, encodings, strict=True)
    ]
    nibabel.gifti.GiftiImage(darrays=arrays).to_filename(path)


def _cifti(path: Path) -> None:
    import nibabel

    cortex = nibabel.cifti2.BrainModelAxis.from_mask(np.ones(40), "CortexLeft")
    inside = np.zeros((3, 3, 3))
    inside[1] = 1
    voxels = nibabel.cifti2.BrainModelAxis.from_mask(inside, "thalamus_left", np.eye(4))
    image = nibabel.Cifti2Image(_values(49), (nibabel.cifti2.ScalarAxis(NAMES), cortex + voxels))
    image.to_filename(path)


def _parcels(path: Path) -> None:
    import nibabel

    left = [{"CIFTI_STRUCTURE_CORTEX_LEFT": np.arange(i, i + 4)} for i in range(0, 20, 4)]
    none = [np.empty((0, 3), int)] * 5
    names = [f"parcel {i}" for i in range(5)]
    size = {"CIFTI_STRUCTURE_CORTEX_LEFT": 40}
    axis = nibabel.cifti2.ParcelsAxis(names, none, left, np.eye(4), (3, 3, 3), size)
    image = nibabel.Cifti2Image(_values(5), (nibabel.cifti2.ScalarAxis(NAMES), axis))
    image.to_filename(path)


def _overlay(path: Path) -> None:
    from nibabel.freesurfer import write_morph_data

    write_morph_data(path, _values()[0].astype(np.float32))


def _annotation(path: Path) -> None:
    from nibabel.freesurfer import write_annot

    colours = np.array([[25, 5, 25, 0], [9, 8, 7, 0], [200, 20, 220, 0]])
    write_annot(path, np.arange(60) % 3, colours, ["unknown", "V1", "V2"], fill_ctab=True)


def _epochs(path: Path) -> None:
    import mne
    import pandas as pd

    info = mne.create_info(["O1", "Oz", "O2"], sfreq=100.0, ch_types="eeg")
    events = np.array([[i, 0, 1 + i % 2] for i in range(8)])
    volts = 1e-6 * np.random.default_rng(0).normal(size=(8, 3, 20))
    table = pd.DataFrame({"run": [1, 2] * 4, "name": list("abcdabcd")})
    with mne.utils.use_log_level("error"):
        epochs = mne.EpochsArray(
            volts, info, events, -0.1, {"face": 1, "house": 2}, metadata=table, verbose=False
        )
        epochs.save(path, overwrite=True, verbose="error")


def _bdata() -> ic.BData:
    dataset = np.column_stack([_values(3), [1, 2, 1, 2]])
    metadata = {
        "ROI_V1": np.array([1, 1, 0, np.nan]),
        "stimulus_name": np.array([np.nan, np.nan, np.nan, 1]),
    }
    notes = {"ROI_V1": "primary visual", "stimulus_name": "what was shown"}
    return ic.BData(dataset, metadata, notes, {"stimulus_name": {1.0: "cat", 2.0: "dog"}})


def _bdata_mat(path: Path, packed: bool = True) -> None:
    from scipy.io import savemat

    bdata = _bdata()
    keys = np.array(list(bdata.metadata), dtype=object)
    meta = {"key": keys, "description": keys, "value": np.array(list(bdata.metadata.values()))}
    savemat(path, {"dataSet": bdata.dataset, "metaData": meta}, do_compression=packed)


def _meadows(path: Path) -> None:
    from scipy.io import savemat

    stimuli = [f"{name}.png" for name in NAMES]
    people = ("cuddly_bunny", "wise_owl")
    rdms = {f"rdmutv_{who}": np.arange(1.0, 7.0)[None] + i for i, who in enumerate(people)}
    savemat(path, {**rdms, **{f"stimuli_{who}": stimuli for who in people}})


def _meadows_tree(path: Path) -> None:
    task = {
        "task": {"task_type": "multiarrange", "name": "pets"},
        "stimuli": [{"name": name} for name in NAMES],
        "rdm": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    }
    path.write_text(json.dumps({"tasks": [task, task]}), encoding="utf-8")


def _mat(path: Path, **options: Any) -> None:
    from scipy.io import savemat
    from scipy.sparse import csc_matrix

    held = {"feat": _values(), "sparse": csc_matrix(np.eye(4)), "other": [1.0, 2.0]}
    if options.get("format") == "4":
        held.pop("sparse")
    savemat(path, held, **options)


def _nwb(path: Path) -> None:
    import h5py

    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        file.attrs["neurodata_type"], file.attrs["nwb_version"] = "NWBFile", "2.8.0"
        units = file.create_group("units")
        units["id"] = np.arange(3)
        units["spike_times"] = np.linspace(0, 20, 60)
        units["spike_times_index"] = np.array([20, 40, 60], np.uint8)
        trials = file.create_group("intervals/trials")
        trials["id"] = np.arange(4)
        trials["start_time"] = np.arange(4) * 2.0 + 1.0
        trials["stop_time"] = np.arange(4) * 2.0 + 2.0
        trials.create_dataset("stimulus", data=NAMES, dtype=text)


def _read_nwb(path: Path) -> Any:
    return ic.read_nwb(path, condition="stimulus", bins=np.arange(0, 0.55, 0.05))


def _netcdf(path: Path) -> None:
    import h5py

    axes = {"presentation": 4, "neuroid": 3, "time_bin": 2}
    held = {
        "stimulus_id": ("presentation", NAMES),
        "neuroid_id": ("neuroid", ["n1", "n2", "n3"]),
        "time_bin_start": ("time_bin", [70, 120]),
        "time_bin_end": ("time_bin", [120, 170]),
    }
    with h5py.File(path, "w") as file:
        for axis, length in axes.items():
            file.create_dataset(axis, data=np.zeros(length, np.float32))
            file[axis].make_scale("This is a netCDF dimension but not a netCDF variable.")
        data = file.create_dataset("data", data=_values(6).reshape(4, 3, 2), compression=1)
        data.attrs["coordinates"] = " ".join(held)
        for place, axis in enumerate(axes):
            data.dims[place].attach_scale(file[axis])
        for name, (axis, column) in held.items():
            dtype = h5py.string_dtype() if isinstance(column[0], str) else None
            file.create_dataset(name, data=column, dtype=dtype)
            file[name].dims[0].attach_scale(file[axis])


def _read_mat(path: Path) -> Any:
    from isocortex.formats.mat.files import read_array

    return read_array(path, "feat")


def _read_mat_sparse(path: Path) -> Any:
    from isocortex.formats.mat.files import read_array

    return read_array(path, "sparse")


def _mat73(path: Path, sparse: bool = False) -> None:
    from isocortex.formats.mat.files import write_array

    write_array(path, np.where(_values() > 0, _values(), 0), "feat", sparse=sparse)


def _feature(path: Path) -> None:
    from isocortex.formats.mat.features import write_feature

    write_feature(path, _values()[0])


def _read_features(path: Path) -> Any:
    return dict(ic.read_features(path.parents[1]))


def _dmask(path: Path) -> None:
    path.write_text("conv1=chn\n1,3\nconv2=row,col\n1,2\n3\nfc=\n", encoding="utf-8")


def _pictures(folder: Path) -> None:
    from PIL import Image

    for name in NAMES:
        Image.fromarray(np.full((8, 9, 3), 9, np.uint8)).save(folder / f"{name}.png")


def _stim(path: Path) -> None:
    _pictures(path.parent)
    ic.write_stim_csv(ic.Stimuli.from_folder(path.parent), path)


def _table(path: Path) -> None:
    _pictures(path.parent)
    rows = [f"{i}.5\t{name}.png\t{i % 2}" for i, name in enumerate(NAMES)]
    if path.suffix == ".csv":
        rows = [row.replace("\t", ",") for row in rows]
    comma = "," if path.suffix == ".csv" else "\t"
    path.write_text("\n".join([comma.join(("onset", "file", "label")), *rows]), encoding="utf-8")


SAID = ("she", "'ll", "", 'say "no"', "café", "sp", "null")


def _textgrid(path: Path) -> None:
    """A long file, or a short one where its name says so."""
    from_long = "short" not in path.name
    values = ["ooTextFile", "TextGrid", 0.0, 7.0, "<exists>", 2]
    values += ["TextTier", "tones", 0.0, 7.0, 2, 0.5, "H*", 1.5, "L%"]
    values += ["IntervalTier", "words", 0.0, 7.0, len(SAID)]
    for i, word in enumerate(SAID):
        values += [float(i), float(i + 1), word]
    lines = []
    for i, each in enumerate(values):
        quoted = isinstance(each, str) and each[:1] != "<"
        text = '"' + each.replace('"', '""') + '"' if quoted else str(each)
        lines.append(f"    field [{i}]: = {text} " if from_long else text)
    path.write_text("\n".join(lines), encoding="utf-8" if from_long else "utf-16")


def _wav(path: Path) -> None:
    import soundfile

    soundfile.write(path, 0.1 * np.random.default_rng(0).normal(size=(400, 2)), 8000)


def _read_sound(path: Path) -> Any:
    return ic.Stimuli.from_audio(path).read(0)


def _mp4(path: Path) -> None:
    import av

    pixels = np.random.default_rng(0).integers(0, 256, (6, 32, 48, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.height, stream.width, stream.pix_fmt = 32, 48, "yuv420p"
        for frame in pixels:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def _read_film(path: Path) -> Any:
    return ic.Stimuli.from_video(path).read(0)


def _words(path: Path) -> None:
    rows = [("word", "onset", "offset", "speaker")]
    rows += [(word or "a", f"{i}.25", f"{i + 1}", "Anna") for i, word in enumerate(SAID)]
    comma = "," if path.suffix == ".csv" else "\t"
    path.write_text("\n".join(map(comma.join, rows)).replace('"', ""), encoding="utf-8")


def _labels(path: Path) -> None:
    rows = (f"{i}0000000 {i + 1}0000000 {w.split()[0]}" for i, w in enumerate(SAID) if w)
    path.write_text("\n".join(rows), encoding="utf-8")


def _vectors(path: Path) -> None:
    """A text of word2vec, or of GloVe, which has no first line of counts."""
    rows = [
        f"{word} {' '.join(map(str, row.round(3)))}"
        for word, row in zip("abcd", _values(4), strict=True)
    ]
    head = ["4 4"] if path.suffix == ".vec" else []
    path.write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")


def _read_vectors(path: Path) -> Any:
    words = {"word": list("abcd"), "onset": range(4), "offset": range(1, 5)}
    return ic.features.embedding(ic.Stimuli.from_words(words), path, unknown="zero")


def _settings(path: Path) -> None:
    networks = {
        "AlexNet": {"dir": "caffe/AlexNet", "layers": ["conv1", "conv2"], "weights": "a.pth"}
    }
    held = {"subjects": ["sub-01", "sub-02"], "rois": {"V1": "ROI_V1 = 1"}, "dnns": networks}
    path.write_text(json.dumps({**held, "alpha": 100, "n_features": 500}), encoding="utf-8")


def _read_settings(path: Path) -> Any:
    from isocortex.bh.settings import read_settings

    return vars(read_settings(path))


def _picture(path: Path) -> None:
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (24, 20, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def _read_picture(path: Path) -> Any:
    stimuli = ic.Stimuli.from_folder(path.parent)
    stimuli.digest(0)
    return stimuli.read(0)


def _weights(path: Path) -> None:
    import torch

    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(6, 4), torch.nn.Linear(4, 2))
    if path.suffix == ".safetensors":
        ic.save_weights(ic.load_network(module), path)
    else:
        torch.save(module.state_dict(), path)


def _read_weights(path: Path) -> Any:
    from isocortex.networks.weights.files import read_checkpoint

    return {key: np.asarray(each) for key, each in read_checkpoint(path).items()}


def _checkpoint(path: Path) -> None:
    import torch

    from isocortex.networks.training.checkpoints import Checkpoint, save

    parts = {"weight": torch.arange(12.0).reshape(3, 4)}
    state = {"state": {}, "param_groups": [{"lr": 0.1, "params": [0]}]}
    save(path, Checkpoint({"stimuli": "abc"}, torch.zeros(2, 3), parts, state, torch.zeros(9)))


def _read_checkpoint(path: Path) -> Any:
    from isocortex.networks.training.checkpoints import load

    found = load(path)
    return found.step_losses.numpy(), {k: v.numpy() for k, v in found.module.items()}


def _store(path: Path) -> None:
    import torch

    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3), torch.nn.ReLU())
    pixels = np.random.default_rng(0).random((4, 8, 8, 3)).astype(np.float32)
    ic.extract(module, ic.Stimuli.from_arrays(pixels, NAMES), ["0"], into=path, batch_size=2)


def _read_store(path: Path) -> Any:
    return {name: each.numpy() for name, each in ic.Store(path).items()}


SEEDS: Mapping[str, Seed] = {
    each.name: each
    for each in (
        Seed("saved.npz", lambda p: ic.save(_responses(), p), ic.read, checked=True),
        Seed("rdms.npz", lambda p: ic.write_rdms(_rdms(), p), ic.read_rdms, checked=True),
        Seed("array.npy", lambda p: np.save(p, _values()), _told),
        Seed("RDM_conv1.npz", _rdm_npz, _read_rdm_npz, checked=True),
        Seed("face.npz", _net2brain, _read_net2brain, checked=True),
        Seed("mouse.npz", _orientation, ic.load_orientation_responses, checked=True),
        Seed("bold.nii", _volume, ic.read_nifti),
        Seed("bold.nii.gz", _volume, ic.read_nifti, checked=True),
        Seed("pair.img", _volume, ic.read_nifti),
        Seed("bold.mgh", _volume, ic.read_nifti),
        Seed("bold.mgz", _volume, ic.read_nifti, checked=True),
        *(Seed(name, _packaged, ic.read_nifti) for name in _PACKAGED),
        Seed("map.func.gii", _gifti, ic.read_gifti),
        Seed("map.func.gii.gz", _gifti, ic.read_gifti, checked=True),
        Seed("map.dscalar.nii", _cifti, ic.read_cifti),
        Seed("map.pscalar.nii", _parcels, ic.read_cifti),
        Seed("lh.thickness", _overlay, ic.read_surface),
        Seed("lh.aparc.annot", _annotation, ic.read_surface),
        Seed("eeg-epo.fif", _epochs, ic.read_epochs),
        Seed("eeg-epo.fif.gz", _epochs, ic.read_epochs, checked=True),
        Seed("subject.h5", lambda p: ic.write_bdata(_bdata(), p), ic.read_bdata),
        Seed("subject.mat", _bdata_mat, ic.read_bdata),
        Seed("plain.mat", lambda p: _bdata_mat(p, packed=False), ic.read_bdata),
        Seed("Meadows_pets_v_v1_arrangement_1D.mat", _meadows, ic.read_meadows),
        Seed("Meadows_pets_v_v1_wise-owl_tree.json", _meadows_tree, ic.read_meadows),
        Seed("session.nwb", _nwb, _read_nwb),
        Seed("old.nc", _old_netcdf, _told),
        Seed("assembly.nc", _netcdf, ic.read_netcdf),
        Seed("v4.mat", lambda p: _mat(p, format="4"), _read_mat),
        Seed("v5.mat", _mat, _read_mat),
        Seed("v5_packed.mat", lambda p: _mat(p, do_compression=True), _read_mat),
        Seed("v5_sparse.mat", _mat, _read_mat_sparse),
        Seed("v73.mat", _mat73, _read_mat),
        Seed("v73_sparse.mat", lambda p: _mat73(p, sparse=True), _read_mat),
        Seed("face.mat", _feature, _read_features),
        Seed("net.act.h5", lambda p: ic.write_act_h5({"fc": _responses()}, p), ic.read_act_h5),
        Seed("net.rdm.h5", lambda p: ic.write_rdm_h5(_rdms(), p), ic.read_rdm_h5),
        Seed("brain.roi.h5", lambda p: ic.write_roi_h5(_responses(), p), ic.read_roi_h5),
        Seed("net.dmask.csv", _dmask, ic.read_dmask_csv),
        Seed("pets.stim.csv", _stim, ic.read_stim_csv),
        Seed("images.csv", _table, ic.Stimuli.from_csv),
        Seed("events.tsv", _table, ic.Stimuli.from_csv),
        Seed("story.TextGrid", _textgrid, ic.Stimuli.from_words),
        Seed("short.TextGrid", _textgrid, ic.Stimuli.from_words),
        Seed("words.csv", _words, ic.Stimuli.from_words),
        Seed("words.tsv", _words, ic.read),
        Seed("story.lab", _labels, ic.Stimuli.from_words),
        Seed("speech.wav", _wav, _read_sound),
        Seed("speech.flac", _wav, _read_sound),
        Seed("clip.mp4", _mp4, _read_film),
        Seed("clip.mkv", _mp4, _read_film),
        Seed("vectors.vec", _vectors, _read_vectors),
        Seed("vectors.txt", _vectors, _read_vectors),
        Seed("settings.json", _settings, _read_settings),
        Seed("face.png", _picture, _read_picture, checked=True),
        Seed("face.jpg", _picture, _read_picture),
        Seed("face.tiff", _picture, _read_picture),
        Seed("face.gif", _picture, _read_picture),
        Seed("face.bmp", _picture, _read_picture),
        Seed("face.webp", _picture, _read_picture),
        Seed("net.safetensors", _weights, _read_weights, checked=True),
        Seed("net.pth", _weights, _read_weights),
        Seed("training.ckpt", _checkpoint, _read_checkpoint, checked=True),
        Seed("activations.zarr", _store, _read_store, checked=True, folder=True),
    )
}
"""By the name of its file, which tells the kind."""
