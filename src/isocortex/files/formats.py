"""The formats that are known: what each is called, how its files end, and what reads them.

``read`` and ``isocortex info`` draw from this list. To add a format: its entry here, and a
describer under the same name in ``isocortex.cli._describe``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isocortex.choice import listed
from isocortex.data.pictures import picture_suffixes
from isocortex.data.recorded.films import FILM_SUFFIXES
from isocortex.data.recorded.sounds import SOUND_SUFFIXES
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.formats.freesurfer import SUFFIXES as OVERLAYS
from isocortex.formats.freesurfer import holds_vertices
from isocortex.networks.weights.files import SUFFIXES, TORCH_SUFFIXES

Reader = Callable[..., Any]


@dataclass(frozen=True)
class Format:
    """One kind of file: its endings, and how it is read and written."""

    name: str
    """Short and unique."""
    suffixes: tuple[str, ...]
    """How names of its files end, in lower case."""
    read: Reader | None = None
    """From a path (and keywords) to a noun; None where no noun can be made of the file alone."""
    advice: str = ""
    """What to do where ``read`` is None."""


def format_of(path: Path) -> Format:
    """The format of a file or folder, by its name; folders also by what is in them.

    Raises
    ------
    NotFoundError
        If there is nothing at the path.
    InputError
        If no format has such names.
    """
    if not path.exists():
        raise NotFoundError(f"There is no file or folder {str(path)!r}.")
    ends = [(len(end), each) for each in FORMATS for end in each.suffixes if _ends(path, end)]
    if ends:
        return max(ends, key=lambda pair: pair[0])[1]
    if path.is_dir():
        return _folder(path)
    if holds_vertices(path):
        return next(each for each in FORMATS if each.name == "freesurfer overlay")
    raise InputError(
        f"{str(path)!r} is of no kind that isocortex reads. Known: {', '.join(known_suffixes())}, "
        "folders of images."
    )


def known_suffixes() -> tuple[str, ...]:
    """How names of files that are known end."""
    return tuple(suffix for each in FORMATS for suffix in each.suffixes)


def _ends(path: Path, suffix: str) -> bool:
    return path.name.lower().endswith(suffix)


def _folder(path: Path) -> Format:
    """A store may have any name; a folder with a file of weights is what load_network takes."""
    by_name = {each.name: each for each in FORMATS}
    if (path / "zarr.json").is_file():
        return by_name["store"]
    if any(each.suffix in SUFFIXES for each in path.iterdir()):
        return by_name["weights"]
    return by_name["images"]


def _store(path: Path) -> Any:
    from isocortex.store.store import Store

    return Store(path)


def _npz(path: Path) -> Any:
    from isocortex.files.nouns import read_noun
    from isocortex.store.rdms import read_rdms
    from isocortex.store.saved.archive import is_archive

    return read_noun(path) if is_archive(path) else read_rdms(path)


def _csv(path: Path, **options: Any) -> Any:
    from isocortex.data.stimuli import Stimuli
    from isocortex.data.words.columns import lists_words

    return (Stimuli.from_words if lists_words(path) else Stimuli.from_csv)(path, **options)


def _sound(path: Path, **options: Any) -> Any:
    from isocortex.data.stimuli import Stimuli

    return Stimuli.from_audio(path, **options)


def _film(path: Path, **options: Any) -> Any:
    from isocortex.data.stimuli import Stimuli

    return Stimuli.from_video(path, **options)


def _words(path: Path, **options: Any) -> Any:
    from isocortex.data.stimuli import Stimuli

    return Stimuli.from_words(path, **options)


def _stim(path: Path) -> Any:
    from isocortex.formats.dnnbrain.stim import read_stim_csv

    return read_stim_csv(path)


def _dmask(path: Path) -> Any:
    from isocortex.formats.dnnbrain.dmask import read_dmask_csv

    return read_dmask_csv(path)


def _nifti(path: Path, **options: Any) -> Any:
    from isocortex.formats.nifti import read_nifti

    return read_nifti(path, **options)


def _cifti(path: Path, **options: Any) -> Any:
    from isocortex.formats.cifti import read_cifti

    return read_cifti(path, **options)


def _freesurfer(path: Path, **options: Any) -> Any:
    from isocortex.formats.nifti import read_nifti
    from isocortex.formats.opened_images import load_image
    from isocortex.formats.surface import read_surface

    on_mesh = tuple(load_image(path).shape[1:3]) == (1, 1)
    return read_surface(path, **options) if on_mesh else read_nifti(path, **options)


def _overlay(path: Path, **options: Any) -> Any:
    from isocortex.formats.surface import read_surface

    return read_surface(path, **options)


def _gifti(path: Path, **options: Any) -> Any:
    from isocortex.formats.gifti import read_gifti

    return read_gifti(path, **options)


def _epochs(path: Path, **options: Any) -> Any:
    from isocortex.formats.mne import read_epochs

    return read_epochs(path, **options)


def _hdf5(path: Path) -> Any:
    from isocortex.formats.bdata import read_bdata

    return read_bdata(path)


def _matlab(path: Path, **options: Any) -> Any:
    from isocortex.formats.bdata import read_bdata
    from isocortex.formats.meadows import is_meadows, read_meadows

    return read_meadows(path, **options) if is_meadows(path) else read_bdata(path, **options)


def _meadows(path: Path, **options: Any) -> Any:
    from isocortex.formats.meadows import read_meadows

    return read_meadows(path, **options)


def _act(path: Path, **options: Any) -> Any:
    from isocortex.formats.dnnbrain.act import read_act_h5

    return read_act_h5(path, **options)


def _rdm(path: Path, **options: Any) -> Any:
    from isocortex.formats.dnnbrain.rdm import read_rdm_h5

    return read_rdm_h5(path, **options)


def _roi(path: Path, **options: Any) -> Any:
    from isocortex.formats.dnnbrain.roi import read_roi_h5

    return read_roi_h5(path, **options)


def _nwb(path: Path, **options: Any) -> Any:
    from isocortex.formats.nwb import read_nwb

    if "bins" not in options:
        raise InputError(
            f"read: {str(path)!r} has spikes, which are counted in bins of trials: "
            "ic.read(path, condition='stimulus', bins=np.arange(0, 0.55, 0.05))."
        )
    return read_nwb(path, **options)


def _netcdf(path: Path, **options: Any) -> Any:
    from isocortex.formats.netcdf import read_netcdf

    return read_netcdf(path, **options)


def _images(path: Path, **options: Any) -> Any:
    from isocortex.data.stimuli import Stimuli

    if path.is_file():
        raise FormatError(f"{str(path)!r} is one image; read its folder: ic.read(folder).")
    return Stimuli.from_folder(path, **options)


_WEIGHTS = "load_network takes weights: ic.load_network(name, weights=path)"
_BARE = "it holds a bare array without names: ic.Responses(np.load(path), stimuli=names)"

_KINDS = ("dscalar", "dtseries", "dlabel", "dconn", "pscalar", "ptseries", "plabel", "pconn")
VOLUMES = (".nii.bz2", ".head", ".brik", ".brik.gz", ".par", ".mnc")
"""Of AFNI, Philips and MINC."""
CIFTI = tuple(f".{kind}.nii" for kind in _KINDS)
FORMATS: tuple[Format, ...] = (
    Format("store", (".zarr",), _store),
    Format("npz", (".npz",), _npz),
    Format("npy", (".npy",), advice=_BARE),
    Format("csv", (".csv", ".tsv"), _csv),
    Format("textgrid", (".textgrid",), _words),
    Format("labels", (".lab",), _words),
    Format("sound", SOUND_SUFFIXES, _sound),
    Format("film", FILM_SUFFIXES, _film),
    Format("dnnbrain stim", (".stim.csv",), _stim),
    Format("dnnbrain dmask", (".dmask.csv",), _dmask),
    Format("dnnbrain act", (".act.h5",), _act),
    Format("dnnbrain rdm", (".rdm.h5",), _rdm),
    Format("dnnbrain roi", (".roi.h5",), _roi),
    Format("nifti", (".nii", ".nii.gz", ".hdr", ".img"), _nifti),
    Format("volumes", VOLUMES, _nifti),
    Format("cifti", CIFTI, _cifti),
    Format("freesurfer", (".mgh", ".mgz"), _freesurfer),
    Format("freesurfer overlay", OVERLAYS, _overlay),
    Format("freesurfer annotation", (".annot",), _overlay),
    Format("gifti", (".gii", ".gii.gz", ".gii.bz2"), _gifti),
    Format("epochs", (".fif", ".fif.gz", ".set"), _epochs),
    Format("hdf5", (".h5", ".hdf5"), _hdf5),
    Format("nwb", (".nwb",), _nwb),
    Format("netcdf", (".nc",), _netcdf),
    Format("matlab", (".mat",), _matlab),
    Format("meadows", ("_tree.json",), _meadows),
    Format("safetensors", (".safetensors",), advice=_WEIGHTS),
    Format("weights", tuple(TORCH_SUFFIXES), advice=_WEIGHTS),
    Format("images", tuple(picture_suffixes()), _images),
)


def read_as(path: Path, form: Format, **options: Any) -> Any:
    """What a file of a format holds.

    Raises
    ------
    FormatError
        If no noun can be made of such a file alone.
    InputError
        If the reader does not take an option.
    """
    if form.read is None:
        raise FormatError(f"read cannot make a noun of {str(path)!r}: {form.advice}.")
    try:
        return form.read(path, **options)
    except TypeError as error:
        if options and "unexpected keyword" in str(error):
            raise InputError(
                f"read: {str(path)!r} is of the format {form.name!r}, whose reader does not take "
                f"all of {listed(options)}."
            ) from error
        raise
