"""The command ``info``."""

from pathlib import Path

from isocortex.choice import counted
from isocortex.cli._answer import answers


@answers
def info(
    what: str,
    /,
    *,
    weights: str = "none",
    layers: list[str] | None = None,
    stimuli: int = 1000,
) -> None:
    """Say what is in a network, a store, a folder of images, or any file that isocortex reads.

    Example: the layers of AlexNet, and what extracting all of them would cost for 5000 images.

        isocortex info alexnet --stimuli 5000

    Example: what a file holds.

        isocortex info bold.nii.gz

    Nothing is downloaded, and no large array is read.

    Parameters
    ----------
    what
        A path (a folder saved by transformers is a network), or the name of a network.
    weights
        default, none (random; shapes and costs are the same), or a path.
    layers
        Which layers of a network: names, patterns, main, or all (the default).
    stimuli
        For how many stimuli the cost of an extraction is told.
    """
    if _is_path(what):
        from isocortex.cli._describe import describe_file
        from isocortex.cli._show import show_table

        for table in describe_file(Path(what)):
            show_table(table.columns, table.rows, table.title)
        return
    _network(what, weights, layers, stimuli)


def _is_path(what: str) -> bool:
    """Not so if it is a network: a folder of transformers, or a name (which may have dots)."""
    from isocortex.files.formats import known_suffixes
    from isocortex.networks.zoo.known import SOURCES
    from isocortex.networks.zoo.transformers import is_model_folder

    if Path(what).exists():
        return not is_model_folder(what)
    if what.partition("/")[0] in {"transformers", *(source.title for source in SOURCES)}:
        return False
    return "/" in what or what == "." or what.lower().endswith(known_suffixes())


def _network(name: str, weights: str, layers: list[str] | None, n_stimuli: int) -> None:
    import isocortex as ic
    from isocortex.cli._show import say, show_table
    from isocortex.cli._units import network_of

    network = network_of(name, weights)
    found = ic.describe(network, n_stimuli, layers=layers or "all")
    say(f"{found.network}, weights: {found.weights}")
    say(f"input {found.takes}: {found.preprocessing}")
    table = found.layers
    if not any(table["alias"]):
        table = table.drop(columns="alias")
    heads = [f"GB for {n_stimuli}" if name == "gigabytes" else name for name in table.columns]
    show_table(heads, table.itertuples(index=False))
    say(
        f"Extracting {counted(len(table), 'layer')} for {counted(n_stimuli, 'stimulus')}: "
        f"{found.gigabytes:.3f} GB "
        f"on disk, {found.passes} forward passes of a batch (one for all layers), about "
        f"{found.seconds:.0f} s on this processor without reading stimuli.",
        gigabytes=found.gigabytes,
        passes=found.passes,
        seconds=found.seconds,
    )
