"""Pretrained weights that lie on this machine already."""

import os
from pathlib import Path

from isocortex.choice import listed, suggestion
from isocortex.datasets.folders import beside_checkout
from isocortex.errors import NotFoundError


def local_weights(name: str) -> Path:
    """The folder of a network's weights on this machine.

    Looked for in the folder that the environment variable ``ISOCORTEX_WEIGHTS`` names (with
    one folder for each network), then in ``../shared/weights`` beside a checkout.

    Parameters
    ----------
    name : str
        Of the folder, such as ``"squeezenet1_1"``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    NotFoundError
        If there is none of that name; the nearest is suggested, and what is there is listed.

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
    raise NotFoundError(
        f"There are no weights {str(name)!r} on this machine. {suggestion(name, known)}"
        f"There are: {listed(dict.fromkeys(known), 10) or 'none'}. Put a file of weights into a "
        f"folder {str(name)!r}, and name the folder above in the environment variable "
        "ISOCORTEX_WEIGHTS. For random weights, load_network(..., weights=None)."
    )
