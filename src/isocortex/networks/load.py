"""The verb ``load_network``: a name, a folder or a module becomes a Network."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isocortex.choice import suggestion
from isocortex.data.needs import door
from isocortex.errors import InputError
from isocortex.networks.inputs.preprocessing import AS_THEY_ARE, Transform, transform_of
from isocortex.networks.layers import Wanted
from isocortex.networks.network import AS_IN_THE_MODULE, Network
from isocortex.networks.text.network import TextNetwork
from isocortex.networks.weights.files import Weights, part_of_file, weights_file
from isocortex.networks.weights.fit import fit_weights
from isocortex.networks.weights.random_weights import drawing_from
from isocortex.networks.zoo.isocortex import UNTRAINED
from isocortex.networks.zoo.names import check_network_name
from isocortex.networks.zoo.source import Built
from isocortex.reading import check_path
from isocortex.types import Configuration

if TYPE_CHECKING:
    from torch.nn import Module

DEFAULT = "default"


@door
def load_network(
    network: "str | Path | Module | Configuration",
    weights: str | Path | Weights | None = DEFAULT,
    *,
    seed: int | None = 0,
    layers: Wanted | None = None,
    preprocessing: "str | Transform | None" = None,
    name: str | None = None,
) -> Network:
    """A network by name, or any PyTorch module, ready for :func:`extract`.

    Parameters
    ----------
    network : str, torch.nn.Module or transformers configuration
        A name that torchvision or timm knows (in this order; ``"timm/resnet18"`` asks timm
        alone), ``"cifar10_resnet20"``, a folder saved by transformers or a name on its hub
        (with a slash), or a module. Models of transformers see images, or read text; of the
        latter weights are safetensors alone, in float32, and the tokenizer lies beside them.
    weights : "default", None, path or Weights, default="default"
        ``"default"``: the library's own pretrained ones, downloaded if need be; a module
        stays as it is. None: random ones. A path: a file (.safetensors, or .pth, .ckpt …, read
        without executing anything), or a folder that holds one. In a checkpoint of a trainer
        the network's names are found wherever they stand, behind whatever prefix; should
        several sets of weights fit, :class:`Weights` says which is meant. If a part of the
        network is missing there, the layers that depend on it are absent from ``layers``.
    seed : int or None, default=0
        For random weights: an int draws them from a generator of their own, None from
        torch's global generator.
    layers : str or sequence of str, optional
        Which layers count; all if not given. See :meth:`Network.select`.
    preprocessing : Preprocessing, "imagenet", "as_they_are" or function, optional
        Default: what the network's own library prescribes; for a module, which says nothing
        of its input, pixels from 0 to 1 in their own size, and arrays as they are. For a module
        of transformers that reads text, its fast tokenizer.
    name : str, optional
        The label ``network`` of the results; default the name asked for, or the module's
        class.

    Returns
    -------
    Network
        ``.layers``, ``.preprocessing``, ``.activations(batch, layers)``; ``.weights`` says in
        words whose weights it has, and which part of a file was taken.

    Raises
    ------
    InputError
        If the name is unknown (the nearest is suggested), weights do not fit, several in a
        file do, a network that reads text has no tokenizer, or the network takes what nothing
        here shows it.
    NotFoundError
        If a folder or weights are not there, or cannot be downloaded.
    FormatError
        If a file of weights is damaged or unsafe, or a folder needs its own code to be run.

    Warns
    -----
    IsocortexWarning
        If the file has another head than the network, with the names that were left over.

    See Also
    --------
    Weights : A part of a checkpoint.
    datasets.local_weights : Weights that lie on this machine.
    save_weights : The way back.
    describe, extract : What to do with it.

    Examples
    --------
    >>> import isocortex as ic
    >>> network = ic.load_network("squeezenet1_1", weights=None, seed=1)
    >>> network.layers[:2]
    ('features.0', 'features.1')
    """
    if isinstance(network, str | Path):
        check_path(network, "load_network")
        check_network_name(str(network))
    if weights == DEFAULT and isinstance(network, str) and network in UNTRAINED:
        weights = None
    file = None if weights is None or weights == DEFAULT else part_of_file(weights)
    if file is not None:
        weights_file(file.path)
    label, built = _made(network, weights, seed, preprocessing)
    missing, words = built.missing, built.weights
    if file is not None:
        missing, words = fit_weights(built.module, file)
    elif weights is None:
        words = "random, from torch's generator" if seed is None else f"random, seed {seed}"
    prepared = _prepared_by(built, preprocessing)
    # The module's mode is its own: extraction sets and restores it.
    loaded = NETWORKS.get(built.modality, Network)(
        name=name or label,
        module=built.module,
        preprocessing=prepared,
        missing=missing,
        weights=words,
        restricted=layers,
        modality=getattr(prepared, "modality", built.modality),
    )
    if layers is not None:
        loaded.select(layers)
    return loaded


NETWORKS: Mapping[str, type[Network]] = {"text": TextNetwork}
"""By the modality of what a network takes, where it is more than a Network."""


def _prepared_by(built: Built, given: Any) -> Transform:
    if built.modality == "text":
        # A tokenizer belongs to its network, and another would give the ids of other words.
        if given is not None and given is not getattr(built.preprocessing, "tokenizer", None):
            raise InputError(
                "preprocessing= is for images; a network that reads text has its own tokenizer."
            )
        return built.preprocessing
    return built.preprocessing if given is None else transform_of(given)


def _made(network: Any, weights: Any, seed: int | None, given: Any) -> tuple[str, Built]:
    """What the network is called, and its module; weights are random unless they are "default"."""
    from torch import nn

    from isocortex.networks.zoo import transformers
    from isocortex.networks.zoo.transformers_text import is_text, part_that_reads, tokens_given

    pretrained = weights == DEFAULT
    if isinstance(network, nn.Module):
        label = type(network).__name__
        if transformers.is_model(network) and is_text(network):
            tokens = tokens_given(given, network, label)
            module = network if pretrained else _fresh(network, weights, seed)
            return label, Built(part_that_reads(module), tokens, AS_IN_THE_MODULE, modality="text")
        if transformers.is_model(network):
            network = transformers.part_that_sees(network, label)
        module = network if pretrained else _fresh(network, weights, seed)
        return label, Built(module, _of_module(network), AS_IN_THE_MODULE)
    # Whatever is drawn before weights are read must not move the global generator.
    with drawing_from(seed if weights is None else 0):
        if transformers.is_config(network):
            if pretrained:
                raise InputError(
                    "A configuration has no weights; give weights=None for random ones, or a path."
                )
            return str(network.model_type), transformers.from_config(network)
        if not isinstance(network, str | Path):
            raise InputError(
                "load_network needs a name, a folder or a torch.nn.Module, not "
                f"{type(network).__name__}."
            )
        path = Path(network)
        label = path.stem if path.is_file() else path.name
        return label, _named(str(network), pretrained)


def _named(name: str, pretrained: bool) -> Built:
    from isocortex.networks.zoo import silero_vad, transformers
    from isocortex.networks.zoo.known import SOURCES

    speech = silero_vad.file_of(Path(name))
    if speech is not None:
        return silero_vad.from_silero(speech)
    if transformers.is_model_folder(name):
        return transformers.from_name(name, pretrained)
    sources = {source.title: source for source in SOURCES}
    title, slash, rest = name.partition("/")
    if slash and title in sources:
        sources, name = {title: sources[title]}, rest
    elif slash:
        return transformers.from_name(name.removeprefix("transformers/"), pretrained)
    known: list[str] = []
    for source in sources.values():
        names = source.names()
        if name in names:
            return source.build(name, pretrained)
        known += names
    absent = [title for title, source in sources.items() if not source.names()]
    more = "".join(f" {each} is not installed: pip install 'isocortex[{each}]'." for each in absent)
    raise InputError(
        f"{name!r} is not a network that is known here. {suggestion(name, known)}"
        f"Known are {len(known)} names of {', '.join(sources)}; or pass a torch.nn.Module, or a "
        f"folder saved by transformers.{more}"
    )


def _of_module(module: Any) -> Transform:
    """What a module of timm or transformers says of its input; otherwise pixels as they are."""
    from isocortex.networks.zoo.timm import timm_preprocessing
    from isocortex.networks.zoo.transformers import transformers_preprocessing
    from isocortex.networks.zoo.transformers_recorded import (
        recorded_preprocessing,
        takes_recordings,
    )

    home = type(module).__module__.split(".")[0]
    if home == "timm" and hasattr(module, "pretrained_cfg"):
        return timm_preprocessing(module)
    if home == "transformers" and takes_recordings(module):
        return recorded_preprocessing(module, None)
    if home == "transformers" and hasattr(getattr(module, "config", None), "image_size"):
        return transformers_preprocessing(module, None)
    return AS_THEY_ARE


def _fresh(module: Any, weights: Any, seed: int | None) -> Any:
    """A copy of a user's module; with weights=None its parameters are drawn anew."""
    module = copy.deepcopy(module)
    if weights is not None:
        return module
    with drawing_from(seed):
        for name, each in module.named_modules():
            own = [*each.parameters(recurse=False)]
            reset = getattr(each, "reset_parameters", None)
            if own and reset is None:
                raise InputError(
                    f"weights=None cannot draw the parameters of {name or 'the module'!r} "
                    f"({type(each).__name__}) anew, since it has no reset_parameters(). Make the "
                    "module with random weights yourself, and leave weights out."
                )
            if reset is not None:
                reset()
    return module
