"""The verb ``save``: any noun to one file."""

from pathlib import Path
from typing import Any

from isocortex.choice import listed
from isocortex.data.needs import door
from isocortex.errors import FormatError, InputError
from isocortex.files.kinds import KINDS
from isocortex.store.atomic import whole
from isocortex.store.saved.archive import write_archive
from isocortex.store.saved.kinds import Kind
from isocortex.store.saved.pack import Packer

FORMAT = "isocortex noun"
VERSION = 1
TABLES = (".parquet", ".csv")
ELSEWHERE = {
    "Store": "it is a folder already: extract(..., into=folder), or save its layers one by one",
    "Network": "save_weights keeps its weights",
    "Path": "it is a path; ic.read(path) reads what is there",
    "str": "it is text; ic.read(path) reads what is at a path",
    "ndarray": "name its rows first: ic.Responses(array, stimuli=names)",
    "DataFrame": "name its rows first: ic.Responses(table)",
}


@door
def save(noun: Any, path: str | Path, *, spreadsheet: bool = False) -> Path:
    """Write any noun to one file, whole or not at all, for :func:`read`.

    Scores keep their axes, columns, notes and fitted models; what is lazy is read. The file is a
    zip archive of plain arrays (npy) and one JSON document under a checksum; its layout is told
    in the documentation's page on saving and reading. It holds no pickles: no code runs when it
    is read.

    Parameters
    ----------
    noun : Responses, Trials, Gram, RDMs, Scores, Estimate, Clusters, Noise, Stimuli, BData, model
        Or Folds, Permutation, Resampling. A model is OLS, Ridge, PLS, PCR, BandedRidge,
        Stacked, Univariate, SelectiveRidge or a linear one of scikit-learn, fitted or not, or
        one of ``scores.models``. Pictures of Stimuli that are files stay where they are.
    path : path
        Ends in ``.npz``. What has ``table()`` goes as a table to ``.parquet`` (with the
        ``[tables]`` extra) and ``.csv`` as well, which other programs read, and ``read`` does
        not make a noun of.
    spreadsheet : bool, default=False
        Of ``.csv``: put an apostrophe before text that begins with ``=``, ``+``, ``-`` or ``@``,
        which a spreadsheet would otherwise compute. For files with names from elsewhere.

    Returns
    -------
    Path
        Of the file that was written.

    Raises
    ------
    InputError
        If it is no noun, or holds what only a pickle could keep, such as a function.
    FormatError
        If the name ends otherwise.
    StorageError
        If the disk is full or the folder cannot be written; what was there before stays.

    See Also
    --------
    read : Makes the noun again.
    write_nifti, write_gifti, write_cifti : Maps of the brain for other programs.
    write_rdms : RDMs, in the format of version 0.1.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> layers = {"layer": ["conv1", "conv5"]}
    >>> scores = ic.Scores([0.1, 0.3], {"layer": layers}, "spearman", notes={"seed": 3})
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.save(scores, f"{folder}/scores.npz")
    ...     again = ic.read(path)
    >>> again.notes["seed"], again.select(layer="conv5").values
    (3, array([0.3]))
    """
    path = _checked_path(path)
    if path.suffix in TABLES:
        return _save_table(noun, path, spreadsheet)
    kind = _kind_of(noun)
    packer = Packer(KINDS, "save")
    parts = {key: packer.node(each, (key,)) for key, each in kind.parts(noun).items()}
    node = {"$": "noun", "kind": kind.name, "version": kind.version, "parts": parts}
    document = {
        "format": FORMAT,
        "version": VERSION,
        "written_by": f"isocortex {_version()}",
        "summary": " ".join(repr(noun).split())[:500],
        "noun": node,
    }
    write_archive(path, document, packer.arrays)
    return path


def _checked_path(path: Any) -> Path:
    path = Path(path)
    if path.suffix not in (".npz", *TABLES):
        raise FormatError(
            f"save writes nouns to a file whose name ends in .npz, and tables to "
            f"{' and '.join(TABLES)}; not {path.name!r}."
        )
    return path


def _kind_of(noun: Any) -> Kind:
    found = [kind for kind in KINDS.values() if kind.cls is type(noun)]
    if found:
        return found[0]
    name = type(noun).__name__
    advice = ELSEWHERE.get(name, f"what can be saved: {listed(KINDS, 60)}")
    raise InputError(f"save does not take {name}: {advice}.")


def _save_table(noun: Any, path: Path, spreadsheet: bool) -> Path:
    from isocortex.files.tables import write_table

    table: Any = getattr(noun, "long_table", None) or getattr(noun, "table", None)
    if type(noun) not in {kind.cls for kind in KINDS.values()} or table is None:
        raise InputError(
            f"save: {type(noun).__name__} has no table(); save it to a file that ends in .npz."
        )
    with whole(path) as draft:
        found: Any = table() if callable(table) else table
        write_table(found, draft, spreadsheet=spreadsheet)
    return path


def _version() -> str:
    from isocortex import __version__

    return __version__
