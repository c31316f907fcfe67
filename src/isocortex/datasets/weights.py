"""Pretrained weights that lie on this machine already."""

import os
from pathlib import Path

from isocortex.datasets.folders import beside_checkout


def local_weights(name: str) -> Path | None:
    """The folder of a network's weights on this machine, or None.

    Looked for in the folder that the environment variable ``ISOCORTEX_WEIGHTS`` names (with
    one folder for each network), then in ``../shared/weights`` beside a checkout.

    Parameters
    ----------
    name : str
        Of the folder, such as ``"squeezenet1_1"``.
    """
    named = os.environ.get("ISOCORTEX_WEIGHTS")
    roots = [Path(named)] if named else []
    for root in [*roots, beside_checkout() / "weights"]:
        if (root / name).is_dir():
            return root / name
    return None
