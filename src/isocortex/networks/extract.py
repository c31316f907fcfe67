"""The verb ``extract``: what a network does for stimuli, all layers at once, onto disk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isocortex.choice import one_of
from isocortex.data.modalities.known import MODALITIES, needs_modality
from isocortex.data.needs import door
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.memory import within_memory
from isocortex.networks.extraction.asked import Asked, Way
from isocortex.networks.extraction.axes_given import AxesSaid
from isocortex.networks.extraction.images import extract_images
from isocortex.networks.extraction.outputs import KEEPERS
from isocortex.networks.extraction.plan import dtype_of
from isocortex.networks.extraction.pooling import Pooling, pooling_of
from isocortex.networks.extraction.recorded import extract_recorded, shown_as
from isocortex.networks.extraction.text import extract_text
from isocortex.networks.layers import Wanted
from isocortex.networks.load import load_network
from isocortex.networks.network import Network, NetworkLike
from isocortex.networks.text.contexts import Blocks, Growing
from isocortex.progress import Shown
from isocortex.store.store import Store


@door
@within_memory("extract", "Use a smaller batch_size=, fewer layers, pooling= or into= a folder.")
def extract(  # noqa: PLR0913
    network: NetworkLike,
    stimuli: Stimuli,
    layers: Wanted = "main",
    into: str | Path | None = None,
    *,
    pooling: "str | Pooling | None" = None,
    batch_size: int | None = None,
    device: str = "auto",
    dtype: str = "float32",
    keep: str = "activations",
    axes: AxesSaid | None = None,
    context: int | Blocks | Growing | None = None,
    rows: str | None = None,
    overwrite: bool = False,
    progress: Shown = None,
) -> Store:
    """What layers of a network do for stimuli: all layers in one pass, written as it goes.

    An extraction that was stopped, even by force, goes on at the first batch that is not
    whole on disk; a finished one is not computed again. Both hold only for the same weights,
    code, preprocessing, stimuli, pooling and dtype: with any other, the store is refused and
    nothing old is ever served. Further layers can be added to a store by extracting them into
    it. Identical images are computed once. Of several extractions into one store at the same
    time, one works and the others wait, and find what it has done.

    Before that, a few passes over random stimuli tell which axis of each output counts the
    stimuli, and whether each of its rows depends on one stimulus alone. A layer that is asked
    for (also by ``"all"``, ``"main"`` or a pattern) and is random, or whose rows depend on
    the batch that they are in, is refused by name; the latter can be had with
    ``batch_size=1``. Modules whose output has no axis of stimuli are no layers.

    Parameters
    ----------
    network : Network, torch.nn.Module or str
        From :func:`load_network`, or what it takes.
    stimuli : Stimuli
        Of the modality that the network takes: images; words or sentences.
    layers : str or sequence of str, default="main"
        Module names, classic names (``conv1_relu``), patterns (``"features.*"``), ``"all"``,
        or ``"main"``: the outermost modules with weights that compute something, which are
        the convolutions and fully connected layers of plain networks, and the blocks of
        others. Networks that read text also have ``"hidden state 0"`` (the embedding) to the
        last one (after the final norm, where there is one), which are their ``"main"``.
    into : path, optional
        A folder, by custom ``….zarr``. None keeps all in memory.
    pooling : "mean", "max", "first", "last" or function, optional
        Over space for maps; over the sequence for tokens, where ``"first"`` and ``"last"``
        take one token. None keeps all units. Refused where it is not known which axes of a
        layer are positions. Of a word it is over the word's own tokens, of a sentence over all,
        special ones included; None is the mean there.
    batch_size : int, optional
        Stimuli (or stretches of text) in one pass; by default as many as fit well in memory, at
        most 64. A store
        that was begun keeps its own. Bits can depend on it: a plain pass gives exactly the
        stored float32 numbers if its batches are the same.
    device : "auto", "cpu", "cuda" …, default="auto"
        ``"auto"`` is a GPU where there is one. The module returns to where it was.
    dtype : {"float32", "float16"}, default="float32"
        What is stored.
    keep : {"activations", "grams"}, default="activations"
        ``"grams"`` keeps only the Gram matrix of each layer, from which RDMs, CKA, ridge
        regression and more follow, in megabytes instead of gigabytes. If activations fit in
        memory until then, they never touch the disk (and an extraction that is stopped
        begins anew).
    axes : tuple of str, or dict from layer name or pattern to such a tuple, optional
        What the axes of a layer's output for one stimulus are, where that is not known or
        is to be called otherwise: ``{"mixer.*": ("token", "unit")}``. ``pooling`` goes over
        those called row, col, frame, time, token or position.
    context : int, Blocks or Growing, optional
        For words of a running text: what stands before each one. An int is a window of so many
        words (and the word), the usual is 40; with :class:`Blocks` and :class:`Growing` a causal
        network reads many words in one pass. The text of a run is tokenized once, windows are
        cut from its tokens, and special tokens are put around each. Runs see nothing of each
        other. Sentences stand alone, and take no context.
    rows : {"frames", "stimuli"}, optional
        Of sounds and films: a row for each moment of a layer, or one for each stimulus. Default:
        stimuli where there is ``pooling=`` (which then goes over time as well), else frames.
        How many moments there are differs from layer to layer; the table of each,
        ``store[layer].table``, has their ``onset``, ``offset`` and ``time``.
    overwrite : bool, default=False
        Replace a store at ``into`` that holds something else. One that holds the same is
        read and checked, and what is damaged in it is computed anew, and nothing else. Other
        folders are never deleted.
    progress : bool or function, optional
        True draws a bar; a function is told how many stimuli are done.

    Returns
    -------
    Store
        The layers that were asked for, under the names that they were asked by.

    Raises
    ------
    InputError
        If a layer is unknown or has no rows that belong to stimuli, the stimuli do not fit,
        a context is longer than what the network reads at once or cannot be had from it, or the
        store holds something else.
    FormatError
        If an image cannot be decoded, or the store is damaged or foreign.
    StorageError
        If it cannot fit on the disk or in memory, or the folder cannot be written to.

    See Also
    --------
    load_network : The network.
    describe : Layers and the price beforehand.
    Blocks, Growing : Contexts of words.
    Store : What comes out.
    rdms, encode, similarity : What to do with it.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> store = ic.extract(network, ic.Stimuli.from_arrays(images), ["conv1", "layer3.2"])
    >>> store["layer3.2"]
    Responses(3 stimuli x 4096 units, float32, network='cifar10_resnet20', layer='layer3.2')
    """
    network = network if isinstance(network, Network) else load_network(network)
    network = shown_as(network, stimuli)
    own = {"axes": axes, "context": context, "rows": rows}
    return _way(network, stimuli, own).run(
        Asked(
            network=network,
            stimuli=stimuli,
            layers=layers,
            into=None if into is None else Path(into),
            pooling=pooling_of(pooling),
            batch_size=batch_size,
            device=device,
            dtype=dtype_of(dtype),
            keep=one_of(keep, KEEPERS, "keep"),
            overwrite=overwrite,
            progress=progress,
            own={name: each for name, each in own.items() if each is not None},
        )
    )


WAYS: Mapping[str, Way] = {
    "image": Way(extract_images, ("axes",)),
    "text": Way(extract_text, ("context",)),
    "audio": Way(extract_recorded, ("axes", "rows")),
    "video": Way(extract_recorded, ("axes", "rows")),
}
"""By the modality of the stimuli. To add one: its line here."""


def _way(network: Network, stimuli: Stimuli, own: Mapping[str, Any]) -> Way:
    """How these stimuli are shown to this network.

    Raises
    ------
    InputError
        If they are of another kind than the network takes, there are none, or an argument was
        given that is for other kinds.
    """
    needs_modality(stimuli, network.modality, f"extract with {network.name}")
    way = WAYS[network.modality]
    for name, each in own.items():
        if each is not None and name not in way.takes:
            takers = [
                MODALITIES[kind].plural for kind, other in WAYS.items() if name in other.takes
            ]
            are = MODALITIES[stimuli.modality].plural
            raise InputError(
                f"extract: {name}= is for {' and '.join(takers)}; these stimuli are {are}."
            )
    return way
