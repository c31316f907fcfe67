"""The command ``demo``."""

from pathlib import Path
from typing import Literal


def demo(*, data: Literal["made", "images92"] = "made", into: Path = Path("demo_output")) -> None:
    """Show everything at once, from images to a table and figures, with an answer to check.

    Example: on data that the demo makes itself (offline, a minute or two).

        isocortex demo

    A small network is trained on the spot to name shapes; two brain regions are simulated from
    an early and a late layer of it, for eight subjects, with noise. The demo must find which is
    which, and fails if it does not.

    Example: on real data, three networks and 15 brains that saw the same 92 images.

        isocortex demo --data images92

    The data are looked for in the folder that the environment variable ISOCORTEX_DATA names, and
    fetched from a public address otherwise; weights in ISOCORTEX_WEIGHTS, and downloaded
    otherwise.

    Parameters
    ----------
    data
        What to run on.
    into
        The folder for the table, the figures and the store.
    """
    from isocortex.cli._demo import run
    from isocortex.cli._demo_images92 import images92
    from isocortex.cli._demo_made import made

    cases = {"made": made, "images92": images92}
    run(cases[data](into / data))
