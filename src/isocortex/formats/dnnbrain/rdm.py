"""``.rdm.h5``: vectors of dissimilarities of brain regions (bRDM) or layers (dRDM)."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from isocortex.arrays import n_of_pairs
from isocortex.choice import one_of
from isocortex.data.names import natural_key
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.data.stimuli import Stimuli
from isocortex.errors import FormatError, InputError
from isocortex.formats.dnnbrain.files import checked_path, numbers_of
from isocortex.reading import reader
from isocortex.store.hdf5 import whole_hdf5
from isocortex.store.hdf5_files import open_hdf5

SUFFIX = ".rdm.h5"
LABELS = {"bRDM": "region", "dRDM": "layer"}


@door
@reader("a whole HDF5 file of RDMs of DNNBrain")
def read_rdm_h5(path: str | Path, stimuli: Stimuli | Iterable[object] | None = None) -> RDMs:
    """Read the RDMs of a DNNBrain file.

    Parameters
    ----------
    path : path
        Ends in .rdm.h5.
    stimuli : Stimuli or sequence of str, optional
        The names of the stimuli, which the file does not hold.

    Returns
    -------
    RDMs
        With the label ``region`` (a bRDM; the label in the mask) or the labels ``layer`` and
        ``iteration`` (a dRDM; the channel, or the position row by row, from 0; 0 for a layer
        as a whole).

    Raises
    ------
    FormatError
        If the file is foreign, or its RDMs are over different numbers of stimuli.

    See Also
    --------
    write_rdm_h5 : Writes such a file.
    read_rdms : The package's own format, which keeps names.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> rdms = ic.RDMs([[0.1, 0.8, 0.9]], ["face", "hand", "car"], {"layer": "conv5"})
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_rdm_h5(rdms, f"{folder}/alexnet.rdm.h5")
    ...     again = ic.read_rdm_h5(path, stimuli=["face", "hand", "car"])
    >>> again.labels, again.values
    (   layer  iteration
    0  conv5          0, array([[0.1, 0.8, 0.9]]))
    """
    kind, arrays = parse_rdm_h5(path)
    stacks = {key: np.atleast_2d(array) for key, array in arrays.items()}
    if len({stack.shape[1] for stack in stacks.values()}) > 1:
        raise FormatError(
            f"{str(path)!r}: its RDMs are over different numbers of stimuli, and are not one stack."
        )
    labels = pd.DataFrame(
        [
            {LABELS[kind]: key, **({"iteration": i} if kind == "dRDM" else {})}
            for key, stack in stacks.items()
            for i in range(len(stack))
        ]
    )
    names = stimuli.names if isinstance(stimuli, Stimuli) else stimuli
    values = np.concatenate(list(stacks.values()))
    return RDMs.from_arrays(values, names or _default_names(values.shape[1], path), labels)


@door
def write_rdm_h5(rdms: RDMs, path: str | Path) -> Path:
    """Write RDMs of layers or of regions to a DNNBrain file.

    Parameters
    ----------
    rdms : RDMs
        With a label ``layer`` (written as dRDM; several RDMs of one layer are its iterations)
        or ``region`` (written as bRDM; one RDM for each).
    path : path
        Ends in .rdm.h5.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If there is neither label, or a region has several RDMs.

    See Also
    --------
    read_rdm_h5 : Reads such a file.
    write_rdms : The package's own format, which keeps names.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> rdms = ic.RDMs([[0.1, 0.8, 0.9]], ["face", "hand", "car"], {"region": "IT"})
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_rdm_h5(rdms, f"{folder}/brain.rdm.h5")
    ...     print(path.name, path.stat().st_size > 0)
    brain.rdm.h5 True
    """
    kind = "dRDM" if "layer" in rdms.labels.columns else "bRDM"
    if LABELS[kind] not in rdms.labels.columns:
        raise InputError(
            "write_rdm_h5 needs RDMs with the label 'layer' or 'region'; these have "
            f"{', '.join(map(str, rdms.labels.columns)) or 'none'}."
        )
    rdms.complete("write_rdm_h5")
    keys = rdms.labels[LABELS[kind]].astype(str).to_numpy()
    arrays = {key: rdms.values[keys == key] for key in dict.fromkeys(keys.tolist())}
    if kind == "bRDM":
        several = [key for key, stack in arrays.items() if len(stack) > 1]
        if several:
            raise InputError(
                f"write_rdm_h5: region {several[0]!r} has several RDMs, but the format holds one; "
                "write one file for each subject, or take rdms.mean() first."
            )
        arrays = {key: stack[0] for key, stack in arrays.items()}
    return format_rdm_h5(kind, arrays, path)


def parse_rdm_h5(path: str | Path) -> tuple[str, dict[str, np.ndarray]]:
    """The type (bRDM or dRDM) and the arrays, (n_pairs,) or (n_iterations, n_pairs), by key.

    Raises
    ------
    FormatError, NotFoundError
    """
    path = checked_path(path, SUFFIX, exists=True)
    with open_hdf5(path, "a whole HDF5 file of RDMs of DNNBrain") as file:
        kind = file.attrs.get("type")
        kind = kind.decode() if isinstance(kind, bytes) else kind
        if not isinstance(kind, str) or kind not in LABELS or not len(file):
            raise FormatError(
                f"{str(path)!r} has no RDMs of type bRDM or dRDM (its type: {kind!r})."
            )
        keys = sorted(file, key=natural_key)
        arrays = {key: numbers_of(file, key, path)[()] for key in keys}
    axes = {"bRDM": 1, "dRDM": 2}[kind]
    wrong = [key for key, array in arrays.items() if array.ndim != axes]
    if wrong:
        raise FormatError(f"{str(path)!r}: {wrong[0]!r} should have {axes} axes as a {kind}.")
    return kind, arrays


def format_rdm_h5(kind: str, arrays: Mapping[str, np.ndarray], path: str | Path) -> Path:
    """Write vectors of pairs, whole or not at all."""
    one_of(kind, LABELS, "type")
    path = checked_path(path, SUFFIX, exists=False)
    with whole_hdf5(path) as file:
        file.attrs["type"] = kind
        for key, array in arrays.items():
            file.create_dataset(key, data=np.asarray(array, dtype=np.float64), compression="gzip")
    return path


def n_items(n_pairs: int) -> int:
    """How many stimuli have so many pairs.

    Raises
    ------
    FormatError
        If it is no number of pairs.
    """
    try:
        return n_of_pairs(n_pairs)
    except InputError as error:
        raise FormatError(str(error)) from None


def _default_names(n_pairs: int, path: str | Path) -> Iterable[str]:
    try:
        return [f"stimulus {i}" for i in range(n_items(n_pairs))]
    except FormatError as error:
        raise FormatError(f"{str(path)!r}: {error}") from None
