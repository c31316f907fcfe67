"""What can be the name of a network, told before any library is loaded or any hub is asked."""

import os
import re
from pathlib import Path

from isocortex.errors import InputError, NotFoundError
from isocortex.networks.weights.files import SUFFIXES
from isocortex.networks.zoo.known import SOURCES

_ON_A_HUB = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,94}\w)?(?:/[A-Za-z0-9](?:[\w.-]{0,94}\w)?)?")
_HUB = "transformers"


def check_network_name(name: str) -> None:
    """Refuse what is neither a folder or file that is there, nor could be a name.

    Parameters
    ----------
    name : str
        Of a library, with its title before a slash or without; of a hub (``owner/name``); or a
        path.

    Raises
    ------
    NotFoundError
        If it is the path of nothing: it begins or ends as paths do, or as files of weights end.
    InputError
        If no network can be called so.
    """
    if not name or Path(name).exists():
        return
    if _is_path(name):
        raise NotFoundError(f"There is no file or folder {name!r} to load a network from.")
    title, slash, rest = name.partition("/")
    titled = slash and title in {_HUB, *(source.title for source in SOURCES)}
    if not _ON_A_HUB.fullmatch(rest if titled else name):
        raise InputError(
            f"{name!r} is no folder that is there, and no name of a network: these have letters, "
            "digits, '-', '_' and '.', and on a hub one slash, as in 'owner/name'."
        )


def _is_path(name: str) -> bool:
    """Whether it is written as only a path is; one slash inside may be that of a hub."""
    starts, ends = (".", "/", "~", os.sep), ("/", os.sep, *SUFFIXES, ".zip", ".json")
    windows = "\\" in name or re.match(r"[A-Za-z]:", name)
    return bool(name.startswith(starts) or name.lower().endswith(ends) or windows)
