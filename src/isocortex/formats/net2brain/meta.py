"""What a pickled dictionary of plain values says, told from its bytes without running it.

Net2Brain keeps ``meta``, a small dictionary of texts, as a pickled object in its ``.npz``
files. Unpickling a file from somebody else can run any code, so the stream is read here as
data: every instruction is looked at and none is carried out. Texts, numbers and None of one
flat dictionary are understood; anything that would call a function is refused.
"""

import io
import pickletools
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np

from isocortex.errors import FormatError
from isocortex.reading import reading
from isocortex.store.npz import check_members, npy_header

HARMLESS = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
}
"""What numpy writes around any array of objects."""

LITERAL = ("UNICODE", "STRING", "INT", "LONG", "FLOAT", "BYTES")
FIXED = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}


def plain_meta(path: Any, key: str = "meta") -> dict[str, Any]:
    """The dictionary in one entry of an ``.npz`` file.

    Parameters
    ----------
    path : path
    key : str, default="meta"

    Returns
    -------
    meta : dict
        Empty where there is no such entry.

    Raises
    ------
    FormatError
        If the entry would call functions or make objects of other kinds.
    """
    with reading(path, "an archive of numpy (.npz)"), ZipFile(path) as archive:
        check_members(archive, Path(path))
        if f"{key}.npy" not in archive.namelist():
            return {}
        stream = io.BytesIO(archive.read(f"{key}.npy"))
        version = np.lib.format.read_magic(stream)
        _, _, dtype = npy_header(stream, version)
        return _dictionary(stream.read(), str(path)) if dtype.kind == "O" else {}


def _dictionary(pickled: bytes, who: str) -> dict[str, Any]:
    """Keys and values between the instruction that makes a dictionary and the one that fills it."""
    atoms: list[Any] = []
    memo: dict[Any, Any] = {}
    found: dict[str, Any] = {}
    last: Any = None
    for opcode, argument, _ in pickletools.genops(pickled):
        name = opcode.name
        if name in ("GLOBAL", "STACK_GLOBAL"):
            _only_harmless(name, argument, atoms, who)
        elif name in ("INST", "OBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID"):
            raise _unsafe(who, name)
        elif name == "EMPTY_DICT":
            atoms = []
        elif name in ("SETITEM", "SETITEMS", "DICT"):
            found = dict(zip(atoms[::2], atoms[1::2], strict=False))
        elif name == "MEMOIZE":
            memo[len(memo)] = last
        elif "PUT" in name:
            memo[argument] = last
        elif "GET" in name or name in FIXED or any(part in name for part in LITERAL):
            last = memo.get(argument) if "GET" in name else FIXED.get(name, argument)
            atoms.append(last)
        else:
            last = None
    return {str(key): value for key, value in found.items()}


def _only_harmless(name: str, argument: Any, atoms: list[Any], who: str) -> None:
    called = tuple(str(argument).split(" ")) if name == "GLOBAL" else tuple(atoms[-2:])
    if called not in HARMLESS:
        raise _unsafe(who, ".".join(map(str, called)))


def _unsafe(who: str, what: str) -> FormatError:
    return FormatError(
        f"{who!r} holds a Python object ({what}), which could run any code when it is unpickled, "
        "so it is not read. Ask its author for arrays and texts only."
    )
