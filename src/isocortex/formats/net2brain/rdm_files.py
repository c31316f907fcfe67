"""RDM files of Net2Brain (``.npz``): one layer in each, condensed, with names and a ``meta``."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.arrays import n_of_pairs
from isocortex.choice import counted
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.formats.net2brain.meta import plain_meta
from isocortex.reading import leads_out, reader
from isocortex.store.atomic import whole
from isocortex.store.npz import read_npz

WHAT = "an RDM of Net2Brain (.npz)"


@dataclass(frozen=True, eq=False)
class RDMFile:
    """What one file of Net2Brain holds: an RDM, its layer and its stimuli."""

    rdm: np.ndarray
    """Condensed, shape (n_pairs,)."""
    layer: str
    stimuli: tuple[str, ...]
    meta: dict[str, Any] = field(default_factory=dict)


@reader(WHAT, alone=True)
def read_rdm_npz(path: str | Path) -> RDMFile:
    """One RDM, in the present format or the older one (a square array ``arr_0``).

    Raises
    ------
    NotFoundError, FormatError
        If there is no such file, it is something else, or it holds Python objects.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r}.")
    found = read_npz(path, WHAT, lambda key: key != "meta")
    if "rdm" not in found and "arr_0" in found:
        return from_fields(found["arr_0"], path.stem, None, {}, str(path))
    if "rdm" not in found:
        raise FormatError(f"{str(path)!r} has no array 'rdm'; it has {', '.join(found) or 'none'}.")
    names = found.get("stimuli_name")
    layer = str(found.get("layer_name", path.stem.removeprefix("RDM_")))
    return from_fields(found["rdm"], layer, names, plain_meta(path), str(path))


def from_fields(rdm: Any, layer: str, names: Any, meta: dict[str, Any], who: str) -> RDMFile:
    """An RDM from its parts, checked.

    Raises
    ------
    FormatError
        If it is neither square nor condensed, or the names do not fit.
    """
    rdm = np.asarray(rdm, dtype=np.float64)
    if rdm.ndim == 2 and rdm.shape[0] == rdm.shape[1]:
        rdm = rdm[np.triu_indices(len(rdm), 1)]
    try:
        n = n_of_pairs(rdm.size)
    except InputError:
        n = 0
    if rdm.ndim != 1 or not n:
        raise FormatError(
            f"{who!r}: an RDM must be square or condensed, one for each file, not {rdm.shape}."
        )
    stimuli = [f"stimulus {i}" for i in range(n)] if names is None else [str(s) for s in names]
    if len(stimuli) != n:
        raise FormatError(
            f"{who!r} has {counted(n, 'stimulus')} in its RDM but {counted(len(stimuli), 'name')}."
        )
    return RDMFile(rdm, layer, tuple(stimuli), dict(meta))


def write_rdm_npz(rdm: RDMFile, path: str | Path) -> Path:
    """Write a file that Net2Brain reads; complete, or not at all."""
    path = Path(path)
    with whole(path) as draft, draft.open("wb") as file:
        np.savez(
            file,
            rdm=rdm.rdm,
            stimuli_name=np.array(rdm.stimuli),
            layer_name=np.array(rdm.layer),
            meta=np.array(rdm.meta, dtype=object),
        )
    return path


def file_name(layer: str, ending: str) -> str:
    """``RDM_features_0.npz`` for the layer ``features.0``.

    Raises
    ------
    InputError
        If the name would lead out of the folder.
    """
    name = f"RDM_{layer.replace('.', '_')}.{ending}"
    if "/" in name or "\\" in name or leads_out(name):
        raise InputError(f"The layer name {layer!r} cannot be part of a file's name; rename it.")
    return name
