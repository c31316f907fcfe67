"""What a file holds, in a few lines; one function for each format.

To add a format: its entry in ``isocortex.files.formats``, a function from a path to tables here,
and its line in ``DESCRIBERS``.
Values are looked at, never unpickled; large arrays are not read.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import listed
from isocortex.errors import FormatError
from isocortex.files.formats import format_of
from isocortex.networks.weights.files import weights_file
from isocortex.reading import reading


@dataclass(frozen=True)
class Table:
    """What ``isocortex info`` prints of a file: rows under named columns."""

    columns: Sequence[str]
    """The heads."""
    rows: Sequence[Sequence[object]]
    """The cells."""
    title: str = ""
    """What it is."""


Describer = Callable[[Path], Iterable[Table]]


def describe_file(path: Path) -> list[Table]:
    """Tables that say what a file or folder holds.

    Raises
    ------
    NotFoundError
        If it does not exist.
    InputError
        If no describer knows its suffix.
    FormatError
        If it is not what its suffix says.
    """
    form = format_of(path)
    if path.is_dir() and form.name == "weights":
        return describe_file(weights_file(path))
    with reading(path, "the file that its name promises"):
        return list(DESCRIBERS[form.name](path))


def _facts(title: str, **facts: object) -> Table:
    rows = [(key.replace("_", " "), value) for key, value in facts.items()]
    return Table(("", ""), rows, title)


def _store(path: Path) -> Iterable[Table]:
    from isocortex.store.store import Store

    store = Store(path)
    rows = []
    for name, layer in store.items():
        dtype = str(layer.values.dtype) if hasattr(layer, "values") else "Gram matrix only"
        rows.append((name, layer.n_units, dtype))
    yield _facts(
        "store of activations",
        network=store.network,
        stimuli=f"{len(store.stimuli)} ({listed(store.stimuli, 3)})",
        **store.settings,
        size=f"{sum(f.stat().st_size for f in path.rglob('*') if f.is_file()) / 1e9:.3f} GB",
    )
    yield Table(("layer", "units", "dtype"), rows)


def _npz(path: Path) -> Iterable[Table]:
    from isocortex.store.npz import npz_heads
    from isocortex.store.rdms import is_rdms, read_rdms
    from isocortex.store.saved.archive import is_archive

    if is_archive(path):
        yield from _noun(path)
        return
    if not is_rdms(path):
        heads = npz_heads(path, "an archive of numpy")
        rows = [_npz_entry(key, *head) for key, head in heads.items()]
        yield Table(("array", "shape", "dtype"), rows, "arrays of numpy")
        return
    yield from _rdms(read_rdms(path))


def _rdms(rdms: Any) -> Iterable[Table]:
    yield _facts(
        "RDMs",
        rdms=rdms.n_rdms,
        stimuli=f"{rdms.n_stimuli} ({listed(rdms.stimuli, 3)})",
        dissimilarity=rdms.dissimilarity or "not told",
        range=f"{np.nanmin(rdms.values):.3g} to {np.nanmax(rdms.values):.3g}",
    )
    rows = [(key, listed(dict.fromkeys(rdms.labels[key]), 8)) for key in rdms.labels]
    yield Table(("label", "values"), rows)


def _noun(path: Path) -> Iterable[Table]:
    from isocortex.store.saved.archive import read_document

    document = read_document(path)
    noun = document["noun"]
    yield _facts(f"{noun['kind']} (ic.read)", **_said(document))
    rows = [(name, " x ".join(map(str, shape)), dtype) for name, dtype, shape in document["arrays"]]
    yield Table(("array", "shape", "dtype"), rows)


def _said(document: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(document[key]) for key in ("summary", "written_by")}


def _npz_entry(key: str, shape: tuple[int, ...], kind: Any) -> tuple[str, str, str]:
    if kind.hasobject:
        return key, "?", "pickled objects, which isocortex does not open"
    return key, " x ".join(map(str, shape)) or "one value", str(kind)


def _npy(path: Path) -> Iterable[Table]:
    with reading(path, "an array of numpy"):
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    yield _facts("array of numpy", shape=" x ".join(map(str, array.shape)), dtype=array.dtype)


def _csv(path: Path) -> Iterable[Table]:
    from isocortex.data.text_table import read_text_table, typed

    table = typed(read_text_table(path))
    rows = [
        (str(k), _kind(c.dtype), c.nunique(), listed(c.dropna().unique(), 4))
        for k, c in table.items()
    ]
    yield Table(("column", "dtype", "values", "such as"), rows, f"table of {len(table)} rows")


def _textgrid(path: Path) -> Iterable[Table]:
    from isocortex.cli._describe_words import COLUMNS, tiers_of

    title, rows = tiers_of(path)
    yield Table(COLUMNS, rows, title)


def _recorded(path: Path) -> Iterable[Table]:
    from isocortex.cli._describe_recorded import facts_of

    for title, facts in facts_of(path):
        yield _facts(title, **facts) if title else Table(("", ""), list(facts.items()), "it says")


def _labels(path: Path) -> Iterable[Table]:
    from isocortex.cli._describe_words import COLUMNS, labels_of

    title, rows = labels_of(path)
    yield Table(COLUMNS[1:], [row[1:] for row in rows], title)


def _kind(dtype: Any) -> str:
    return str(dtype) if dtype.kind in "biuf" else "text"


def _nifti(path: Path) -> Iterable[Table]:
    import nibabel

    from isocortex.formats.opened_images import load_image

    image = load_image(path)
    if isinstance(image, nibabel.Cifti2Image):
        yield from _cifti(image)
        return
    zooms = [f"{float(each):.3g}" for each in image.header.get_zooms()]
    facts = {
        "shape": " x ".join(map(str, image.shape)),
        "voxel size": " x ".join(zooms[:3]) + " mm",
        "dtype": image.header.get_data_dtype(),
        "orientation": "".join(map(str, nibabel.orientations.aff2axcodes(image.affine))),
    }
    if len(zooms) > 3:
        facts["repetition time"] = f"{zooms[3]} s"
    kind = type(image).__name__.removesuffix("Image")
    yield _facts(f"brain image ({_KINDS.get(kind, kind)})", **facts)


_KINDS = {"Nifti1": "NIfTI", "Nifti1Pair": "NIfTI", "Nifti2": "NIfTI", "Nifti2Pair": "NIfTI"}
_KINDS |= {"MGH": "FreeSurfer", "PARREC": "PAR/REC", "Minc1": "MINC", "Minc2": "MINC"}


def _freesurfer(path: Path) -> Iterable[Table]:
    from nibabel.freesurfer.mghformat import MGHHeader
    from nibabel.openers import ImageOpener
    from nibabel.orientations import aff2axcodes

    with ImageOpener(str(path)) as file:
        header: Any = MGHHeader.from_fileobj(file)
    zooms = [f"{float(each):.3g}" for each in header.get_zooms()]
    yield _facts(
        "brain image (FreeSurfer)",
        shape=" x ".join(map(str, header.get_data_shape())),
        voxel_size=" x ".join(zooms[:3]) + " mm",
        dtype=header.get_data_dtype(),
        orientation="".join(map(str, aff2axcodes(header.get_affine()))),
    )


def _overlay(path: Path) -> Iterable[Table]:
    from isocortex.formats.freesurfer import read_overlay
    from isocortex.formats.sides import side_of_name

    values = read_overlay(path)
    yield _facts(
        "numbers on the cortex (FreeSurfer)",
        vertices=len(values),
        hemisphere=side_of_name(path.name) or "not told",
        range=f"{values.min():.3g} to {values.max():.3g}",
    )


def _annotation(path: Path) -> Iterable[Table]:
    from isocortex.formats.freesurfer import read_annotation
    from isocortex.formats.sides import side_of_name

    found = read_annotation(path)
    side = side_of_name(path.name) or "not told"
    yield _facts("regions of the cortex (FreeSurfer)", vertices=len(found.labels), hemisphere=side)
    counts = [int((found.labels == i).sum()) for i in range(len(found.names))]
    rows = [(name, n) for name, n in zip(found.names, counts, strict=True) if n]
    yield Table(("region", "vertices"), rows)


def _cifti(image: Any) -> Iterable[Table]:
    rows = [
        (i, length, type(image.header.get_axis(i)).__name__.removesuffix("Axis"))
        for i, length in enumerate(image.shape)
    ]
    yield Table(("axis", "length", "of"), rows, "surface and volume data (CIFTI)")


def _epochs(path: Path) -> Iterable[Table]:
    from isocortex.formats.mne import read_epochs

    trials = read_epochs(path)
    times = [0.0] if trials.times is None else trials.times
    yield _facts(
        "epochs of MNE",
        trials=trials.n_trials,
        channels=trials.n_units,
        times=f"{len(times)}, {times[0]:.3f} to {times[-1]:.3f} s",
        conditions=listed(trials.conditions, 8),
    )


def _gifti(path: Path) -> Iterable[Table]:
    from isocortex.formats.opened_images import load_image

    image = load_image(path)
    arrays = image.darrays
    rows = [(i, " x ".join(map(str, a.data.shape)), a.data.dtype) for i, a in enumerate(arrays)]
    yield Table(("array", "shape", "dtype"), rows, "surface data (GIFTI)")


def _hdf5(path: Path) -> Iterable[Table]:
    import h5py

    from isocortex.store.hdf5_files import open_hdf5

    rows = []

    def note(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            rows.append((name, " x ".join(map(str, item.shape)) or "one value", item.dtype))

    with open_hdf5(path, "HDF5", texts=False) as file:
        file.visititems(note)
    yield Table(("data set", "shape", "dtype"), rows, "HDF5")


def _netcdf(path: Path) -> Iterable[Table]:
    from scipy.io import netcdf_file

    with path.open("rb") as file:
        old = file.read(3) == b"CDF"
    if not old:
        yield from _hdf5(path)
        return
    from isocortex.formats.opened_images import mapped

    # Mapped, a file gives no more than it has, whatever it declares.
    with netcdf_file(mapped(path), "r", mmap=False) as found:
        rows = [
            (name, " x ".join(map(str, each.shape)) or "one value", each.data.dtype)
            for name, each in found.variables.items()
        ]
    yield Table(("variable", "shape", "dtype"), rows, "netCDF 3")


def _matlab(path: Path) -> Iterable[Table]:
    from isocortex.formats.mat import v4, v5
    from isocortex.formats.mat.files import is_hdf5
    from isocortex.formats.meadows import is_meadows

    if is_meadows(path):
        yield from _meadows(path)
        return
    with path.open("rb") as file:
        head = file.read(520)
    if is_hdf5(head):
        yield from _hdf5(path)
        return
    found = v4.listing(path) if v4.is_v4(head) else v5.listing(path)
    rows = [(name, " x ".join(map(str, shape)), kind) for name, shape, kind in found]
    yield Table(("variable", "shape", "class"), rows, "MATLAB")


def _meadows(path: Path) -> Iterable[Table]:
    from isocortex.formats.meadows import read_meadows

    yield from _rdms(read_meadows(path, join="outer"))


def _safetensors(path: Path) -> Iterable[Table]:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > path.stat().st_size:
            raise ValueError("its head is longer than the file")
        head = json.loads(file.read(length))
    head.pop("__metadata__", None)
    rows = [(k, " x ".join(map(str, v["shape"])), v["dtype"]) for k, v in head.items()]
    yield Table(("parameter", "shape", "dtype"), rows, "weights of a network")


def _weights(path: Path) -> Iterable[Table]:
    from isocortex.networks.weights.checkpoint_parts import dictionaries
    from isocortex.networks.weights.files import read_checkpoint

    parts = list(dictionaries(read_checkpoint(path)))
    if not parts:
        raise FormatError(f"{str(path)!r} can be read, but holds no tensors.")
    for part, tensors in parts:
        rows = [(k, " x ".join(map(str, v.shape)), v.dtype) for k, v in tensors.items()]
        where = f", part {'.'.join(part)!r}" if part else ""
        yield Table(("parameter", "shape", "dtype"), rows, f"weights of a network{where}")


def _images(path: Path) -> Iterable[Table]:
    if path.is_dir():
        from isocortex.data.stimuli import Stimuli

        stimuli = Stimuli.from_folder(path)
        names = listed(stimuli.names, 3)
        yield _facts("folder of images", stimuli=f"{len(stimuli)} ({names})")
        return
    from PIL import Image

    with Image.open(path) as image:
        yield _facts("image", width=image.width, height=image.height, mode=image.mode)


DESCRIBERS: Mapping[str, Describer] = {
    "store": _store,
    "npz": _npz,
    "npy": _npy,
    **dict.fromkeys(("csv", "dnnbrain stim", "dnnbrain dmask"), _csv),
    "textgrid": _textgrid,
    "labels": _labels,
    **dict.fromkeys(("sound", "film"), _recorded),
    **dict.fromkeys(("nifti", "cifti", "volumes"), _nifti),
    "freesurfer": _freesurfer,
    "freesurfer overlay": _overlay,
    "freesurfer annotation": _annotation,
    "gifti": _gifti,
    "epochs": _epochs,
    **dict.fromkeys(("hdf5", "nwb", "dnnbrain act", "dnnbrain rdm", "dnnbrain roi"), _hdf5),
    "netcdf": _netcdf,
    "matlab": _matlab,
    "meadows": _meadows,
    "safetensors": _safetensors,
    "weights": _weights,
    "images": _images,
}
"""For each format of ``isocortex.files.formats``."""
