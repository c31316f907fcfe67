"""Pretrained weights that lie on this machine already."""

import os
from pathlib import Path
from typing import Literal, overload

from isocortex.choice import listed, suggestion
from isocortex.datasets.folders import beside_checkout
from isocortex.errors import NotFoundError


@overload
def local_weights(name: str, *, missing_ok: Literal[False] = ...) -> Path: ...
@overload
def local_weights(name: str, *, missing_ok: bool) -> Path | None: ...
def local_weights(name: str, *, missing_ok: bool = False) -> Path | None:
    """The folder of a network's weights on this machine.

    Looked for in the folder that the environment variable ``ISOCORTEX_WEIGHTS`` names (with
    one folder for each network), then in ``../shared/weights`` beside a checkout.

    Parameters
    ----------
    name : str
        Of the folder, such as ``"squeezenet1_1"``.
    missing_ok : bool, default=False
        Whether there may be none: None is returned then, by which :func:`isocortex.load_network`
        draws random weights, and the network's ``weights`` say so.

    Returns
    -------
    Path or None
        The folder; None where there is none and ``missing_ok``.

    Raises
    ------
    NotFoundError
        If there is none of that name, unless ``missing_ok``; the nearest is suggested, and what
        is there is listed.

    See Also
    --------
    isocortex.load_network : Takes the folder as ``weights=``.
    isocortex.Weights : A part of a file.
    fetch : Data sets.

    Examples
    --------
    >>> import isocortex as ic
    >>> folder = ic.datasets.local_weights("squeezenet1_1")
    >>> network = ic.load_network("squeezenet1_1", weights=folder)
    >>> network.name
    'squeezenet1_1'
    >>> weights = ic.datasets.local_weights("never trained", missing_ok=True)
    >>> ic.load_network("squeezenet1_1", weights=weights).weights
    'random, seed 0'
    """
    named = os.environ.get("ISOCORTEX_WEIGHTS")
    roots = [*([Path(named)] if named else []), beside_checkout() / "weights"]
    known: list[str] = []
    for root in roots:
        there = (
            sorted(each.name for each in root.iterdir() if each.is_dir()) if root.is_dir() else []
        )
        if name in there:
            return root / name
        known += there
    if missing_ok:
        return None
    raise NotFoundError(
        f"There are no weights {str(name)!r} on this machine. {suggestion(name, known)}"
        f"There are: {listed(dict.fromkeys(known), 10) or 'none'}. Put a file of weights into a "
        f"folder {str(name)!r}, and name the folder above in the environment variable "
        "ISOCORTEX_WEIGHTS. For random weights, load_network(..., weights=None)."
    )
