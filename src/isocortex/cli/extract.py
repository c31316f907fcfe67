"""The command ``extract``."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from isocortex.choice import counted
from isocortex.cli._answer import answers

if TYPE_CHECKING:
    from isocortex.networks.text.contexts import Blocks, Growing


@answers
def extract(
    network: str,
    images: Path,
    /,
    *,
    into: Path,
    layers: list[str] = ["main"],  # noqa: B006
    weights: str = "default",
    pooling: str | None = None,
    context: str | None = None,
    window: float | None = None,
    hop: float | None = None,
    rows: Literal["frames", "stimuli"] | None = None,
    batch_size: int | None = None,
    device: str = "auto",
    dtype: Literal["float32", "float16"] = "float32",
    keep: Literal["activations", "grams"] = "activations",
    overwrite: bool = False,
) -> None:
    """Run images or words through a network and keep what its layers do.

    Example: the first and the last convolution of AlexNet for all images of a folder.

        isocortex extract alexnet my_images --layers conv1 conv5 --into alexnet.zarr

    Example: the hidden states of a text network for each word of a story, after 40 others.

        isocortex extract all-MiniLM-L6 alice.TextGrid --context 40 \\
          --into alice.zarr

    All layers are read in one pass, batch by batch, so that memory does not limit their number.
    If it is stopped, the same command goes on where it stopped; once it is finished, the same
    command does nothing. `isocortex info alexnet` lists the layers and what they cost.

    Parameters
    ----------
    network
        A torchvision or timm name: alexnet, vgg16, resnet50, tf_efficientnet_lite0 …
    images
        A folder of images, or a CSV file with a column `file`; words with their times: a TextGrid,
        or a table with columns `word`, `onset` and `offset`; a file of sound or film.
    into
        The store to write, a folder whose name ends in .zarr.
    layers
        Layers (conv1, features.0), patterns ("features.*"), all, or main: the convolutions and
        fully connected layers of plain networks, the blocks of others.
    weights
        default (downloaded once), none (random), or the path of a file or folder.
    pooling
        none, mean or max over space; mean, max, first or last over tokens.
    context
        What stands before each word: a number of words, blocks:40 or growing.
    window
        Of sound and film: the seconds of each window; without it, the whole is one stimulus.
    hop
        Of sound and film: the seconds from the start of one window to that of the next.
    rows
        Of sound and film: frames (a row for each moment of a layer) or stimuli.
    batch_size
        Images at once; without it, as many as fit.
    device
        auto, cpu, cuda, cuda:1, mps.
    dtype
        How activations are stored; float16 takes half the room.
    keep
        grams: keep only the Gram matrix of each layer, from which RDMs, CKA and ridge
        regression follow, in megabytes instead of gigabytes.
    overwrite
        Delete a store that holds something else.
    """
    import isocortex as ic
    from isocortex.cli._endings import STORE, check_endings
    from isocortex.cli._show import progress, say, show_written
    from isocortex.cli._stimuli import stimuli_of
    from isocortex.cli._units import network_of

    check_endings(into, STORE)
    stimuli = stimuli_of(images, window, hop)
    loaded = network_of(network, weights)
    with progress() as listener:
        store = ic.extract(
            loaded,
            stimuli,
            layers,
            into,
            pooling=None if pooling in (None, "none") else pooling,
            context=context_of(context),
            rows=rows,
            batch_size=batch_size,
            device=device,
            dtype=dtype,
            keep=keep,
            overwrite=overwrite,
            progress=listener,
        )
    sizes = f"{counted(len(store), 'layer')} of {network}, {counted(len(stimuli), 'stimulus')}"
    said = f"{sizes}: {', '.join(store)}"
    say(said, network=network, stimuli=len(stimuli), layers=list(store))
    show_written(store=into)


def context_of(text: str | None) -> "int | Blocks | Growing | None":
    """What ``--context`` says: a number of words, ``blocks:40`` or ``growing``."""
    from isocortex.errors import InputError
    from isocortex.networks.text.contexts import Blocks, Growing

    if text is None or text.isdecimal():
        return None if text is None else int(text)
    kind, _, size = text.lower().partition(":")
    if kind == "growing" and not size:
        return Growing()
    if kind == "blocks" and size.isdecimal():
        return Blocks(int(size))
    raise InputError(f"--context {text!r} is none: give a number of words, blocks:40 or growing.")
