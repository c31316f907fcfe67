"""Weights from a local file: read safely, fitted strictly, and what is missing stays visible."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isocortex.choice import listed
from isocortex.errors import FormatError, InputError, NotFoundError

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")

_WRAPPERS = ("state_dict", "model_state_dict", "model", "net")
_PREFIXES = ("module.", "_orig_mod.", "model.")
_DENSE = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)")
_TRAINING_ONLY = ("aux1.", "aux2.", "AuxLogits.")


def weights_file(path: str | Path) -> Path:
    """The file of weights at ``path``: itself, or the only one in a folder.

    Raises
    ------
    NotFoundError
        If there is none.
    InputError
        If a folder has several.
    """
    path = Path(path)
    if path.is_file():
        return path
    if not path.is_dir():
        raise NotFoundError(
            f"There are no weights at {str(path)!r}: neither a file nor a folder. Give the path "
            f"of a file ({', '.join(SUFFIXES)}) or of a folder that holds one."
        )
    for suffix in SUFFIXES:
        files = sorted(file for file in path.iterdir() if file.suffix == suffix)
        if len(files) > 1:
            raise InputError(
                f"The folder {str(path)!r} has {len(files)} files of weights: "
                f"{listed(file.name for file in files)}. Name one of them."
            )
        if files:
            return files[0]
    raise NotFoundError(f"The folder {str(path)!r} has no weights ({', '.join(SUFFIXES)}).")


def read_weights(path: str | Path) -> dict[str, Any]:
    """The tensors of a file, by name; nothing in the file is ever executed.

    Raises
    ------
    FormatError
        If it is no file of weights, or holds more than plain tensors.
    """
    file = weights_file(path)
    if file.suffix == ".safetensors":
        return _read_safetensors(file)
    import torch

    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # What torch raises depends on where it stumbles.
        raise FormatError(
            f"{str(file)!r} cannot be read as weights ({type(error).__name__}: "
            f"{str(error).splitlines()[0] if str(error) else ''}). It must be a state_dict of "
            "plain tensors, saved by torch.save(module.state_dict(), file), or .safetensors."
        ) from error
    return _tensors(content, file)


def _read_safetensors(file: Path) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except SafetensorError as error:
        raise FormatError(
            f"{str(file)!r} is not a safetensors file, or is truncated ({error})."
        ) from error


def _tensors(content: Any, file: Path) -> dict[str, Any]:
    import torch

    for key in _WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
            break
    if isinstance(content, Mapping):
        tensors = {str(k): v for k, v in content.items() if isinstance(v, torch.Tensor)}
        if tensors and len(tensors) == len(content):
            return tensors
    raise FormatError(
        f"{str(file)!r} holds no plain dictionary of tensors; save module.state_dict()."
    )


def fit_weights(module: Any, weights: Mapping[str, Any], source: str) -> tuple[str, ...]:
    """Put ``weights`` into ``module``; what they lack becomes NaN.

    Parameters
    ----------
    module : torch.nn.Module
        Is changed.
    weights : mapping from name to tensor
        May lack a part of the network, but may hold nothing that it does not have.
    source : str
        Where they are from, for the error.

    Returns
    -------
    missing : names of the parameters and buffers without a value

    Raises
    ------
    InputError
        If names or shapes do not fit; the message lists them.
    """
    own = module.state_dict()
    weights = _renamed(weights, own)
    unknown = [key for key in weights if key not in own and not key.startswith(_TRAINING_ONLY)]
    wrong = [
        f"{key} {tuple(weights[key].shape)} instead of {tuple(own[key].shape)}"
        for key in weights
        if key in own and weights[key].shape != own[key].shape
    ]
    missing = tuple(
        key for key in own if key not in weights and not key.endswith("num_batches_tracked")
    )
    fitting = {key: value for key, value in weights.items() if key in own}
    if unknown or wrong or not fitting:
        problems = [f"{len(unknown)} names that the network lacks ({listed(unknown, 3)})"]
        problems += [f"{len(wrong)} of another shape ({listed(wrong, 3)})"]
        problems += [f"{len(missing)} of {len(own)} missing ({listed(missing, 3)})"]
        counts = (unknown, wrong, missing)
        told = [text for text, some in zip(problems, counts, strict=True) if some]
        raise InputError(f"The weights in {source} do not fit this network: {'; '.join(told)}.")
    module.load_state_dict(fitting, strict=False)
    spoil(module, missing)
    return missing


def spoil(module: Any, missing: Sequence[str]) -> None:
    """Make parameters NaN that have no value, so that nothing that depends on them looks right."""
    import torch

    with torch.no_grad():
        for name, tensor in module.state_dict(keep_vars=True).items():
            if name in missing and tensor.is_floating_point():
                tensor.fill_(torch.nan)


def _renamed(weights: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without the prefixes that wrappers (data parallel, compile) leave in names.

    DenseNet's files still say ``norm.1`` for what torchvision now calls ``norm1``.
    """
    renamed = {_DENSE.sub(r"\1\2", key): value for key, value in weights.items()}
    weights = renamed if renamed.keys() <= own.keys() else weights
    for prefix in _PREFIXES:
        if all(key.startswith(prefix) for key in weights) and not any(
            key.startswith(prefix) for key in own
        ):
            return {key.removeprefix(prefix): value for key, value in weights.items()}
    return weights
