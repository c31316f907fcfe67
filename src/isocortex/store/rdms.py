"""RDMs in one file: a plain npz archive of numbers and text, without pickles."""

import json
import zipfile
from datetime import date, time
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd

from isocortex.data.layer_names import from_plain, to_plain
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.reading import reader
from isocortex.store.atomic import whole
from isocortex.store.npz import npz_heads, read_npz
from isocortex.store.saved.archive import is_archive, read_archive, sound
from isocortex.store.saved.kinds import DATA, by_name
from isocortex.store.saved.unpack import Unpacker

KIND = "isocortex RDMs 1"
WHAT = "a file of RDMs, as ic.write_rdms and `isocortex rdm` write them"


@door
def write_rdms(rdms: RDMs, path: str | Path) -> Path:
    """Write RDMs to a file, whole or not at all.

    Parameters
    ----------
    rdms : RDMs
        Of any number, with their labels.
    path : path
        Of the file, whose name ends in ``.npz``. It holds the arrays ``values``
        (n_rdms, n_pairs), float64, and ``stimuli``, and as JSON text the table of labels and
        the order and other names of its layers, so that any program that reads npz can use it.
        Labels that are dates or paths become text.

    Returns
    -------
    Path
        Of the file that was written.

    Raises
    ------
    FormatError
        If the name does not end in ``.npz``.
    InputError
        If a label is no number, text, date or path.
    StorageError
        If the disk is full or the folder cannot be written.

    See Also
    --------
    read_rdms : Reads them.
    write_rdm_h5 : The format of DNNBrain.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rdms = ic.RDMs([[0.1, 0.8, 0.9]], ["face", "hand", "car"], {"region": "IT"})
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_rdms(rdms, f"{folder}/brain.npz")
    ...     with np.load(path) as file:
    ...         print(file["values"], file["stimuli"].tolist())
    [[0.1 0.8 0.9]] ['face', 'hand', 'car']
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise FormatError(f"RDMs are written to a file whose name ends in .npz, not {path.name!r}.")
    labels = {str(name): [_plain(each, name) for each in rdms.labels[name]] for name in rdms.labels}
    with whole(path) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            kind=np.array(KIND),
            values=rdms.values,
            stimuli=np.array(rdms.stimuli, dtype=np.str_),
            labels=np.array(json.dumps(labels)),
            layers=np.array(json.dumps(to_plain(rdms.labels))),
            dissimilarity=np.array(rdms.dissimilarity),
            gaps=np.array(rdms.gaps),
        )
    return path


@door
@reader(WHAT, alone=True)
def read_rdms(path: str | Path) -> RDMs:
    """Read RDMs that :func:`write_rdms` or :func:`save` has written.

    Parameters
    ----------
    path : path
        Of the file, whose name ends in ``.npz``.

    Returns
    -------
    RDMs
        Equal in every bit to what was written.

    Raises
    ------
    NotFoundError
        If there is no such file.
    FormatError
        If it is truncated or foreign.

    See Also
    --------
    write_rdms : Writes them.
    read_rdm_h5 : The format of DNNBrain.
    RDMs.from_arrays : From arrays in memory.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> rdms = ic.RDMs([[0.1, 0.8, 0.9]], ["face", "hand", "car"], {"region": "IT"})
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_rdms(rdms, f"{folder}/brain.npz")
    ...     again = ic.read_rdms(path)
    >>> again.stimuli, again.values
    (('face', 'hand', 'car'), array([[0.1, 0.8, 0.9]]))
    """
    path = Path(path)
    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r} to read RDMs from.")
    if not zipfile.is_zipfile(path):
        raise _no_archive(path)
    if is_archive(path):
        return _saved(path)
    file = read_npz(path, WHAT)
    if str(file.get("kind")) != KIND:
        raise _foreign(path, list(file))
    labels = json.loads(str(file["labels"]))
    layers = json.loads(str(file["layers"])) if "layers" in file else {}
    columns = from_plain(labels, layers)
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(file["values"])))
    stimuli = [str(name) for name in file["stimuli"]]
    gaps = "gaps" in file and bool(file["gaps"])
    return RDMs(file["values"], stimuli, table, str(file["dissimilarity"]), gaps)


def is_rdms(path: Path) -> bool:
    """Whether an archive says that :func:`write_rdms` has written it."""
    heads = npz_heads(path, "the file that its name promises")
    if "kind" not in heads or heads["kind"][1].kind != "U":
        return False
    return str(read_npz(path, WHAT, "kind".__eq__)["kind"]) == KIND


def _saved(path: Path) -> RDMs:
    document, arrays = read_archive(path)
    kind = document["noun"]["kind"]
    if kind != "RDMs":
        raise FormatError(f"{str(path)!r} holds {kind}, not RDMs. It is read by ic.read(path).")
    with sound(path):
        return Unpacker(by_name(DATA), arrays, path).value(document["noun"])


OWN_ARRAY = (
    "From square matrices of your own: ic.write_rdms(ic.RDMs.from_arrays(array, stimuli=names, "
    "labels={'subject': [...]}), 'brain.npz')."
)


def _no_archive(path: Path) -> FormatError:
    with path.open("rb") as file:
        bare = file.read(6) == b"\x93NUMPY"
    if bare:
        return FormatError(
            f"{str(path)!r} holds a bare array, without the names of stimuli that RDMs need. "
            f"{OWN_ARRAY}"
        )
    return FormatError(
        f"{str(path)!r} is not a file of RDMs, or is truncated (it is no npz archive). Write it "
        f"anew with ic.write_rdms or `isocortex rdm`. {OWN_ARRAY}"
    )


def _foreign(path: Path, keys: list[str]) -> FormatError:
    return FormatError(
        f"{str(path)!r} was not written by ic.write_rdms: it holds {', '.join(keys) or 'nothing'}. "
        f"{OWN_ARRAY}"
    )


def _plain(value: Any, label: object) -> Any:
    """A label as JSON has it: numbers and text as they are, dates and paths as their text."""
    if isinstance(value, date | time | np.datetime64):
        return pd.Timestamp(value).isoformat() if not isinstance(value, time) else value.isoformat()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, PurePath | UUID):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise InputError(
        f"write_rdms: the label {str(label)!r} holds {type(value).__name__} ({value!r:.60}), which "
        "a file of RDMs cannot hold. Make it text or a number first."
    )
