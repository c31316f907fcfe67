"""The sets of weights in a checkpoint, under whatever a trainer wrote around them.

A checkpoint is a tree of dictionaries. Anywhere in it, names may begin with what wrappers have
put before them. No list of trainers is kept: a set of weights is found by the network's own
names, wherever and behind whatever prefix they stand.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isocortex.choice import listed, suggestion
from isocortex.errors import InputError

_DEPTH = 4
_DENSE = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)")
_TRAINING_ONLY = ("aux1.", "aux2.", "AuxLogits.")
_COUNTERS = "num_batches_tracked"


@dataclass(frozen=True, eq=False)
class Part:
    """A set of weights for a network, as it was found in a checkpoint."""

    path: tuple[str, ...]
    """The keys that lead to its dictionary."""
    prefix: str
    """What stands before each name there, such as ``module.``."""
    tensors: Mapping[str, Any]
    """By the name without the prefix."""
    own: Mapping[str, Any]
    """What the network has."""

    @property
    def name(self) -> str:
        """Where it stands; empty if it is the whole file."""
        return ".".join([*self.path, *self.prefix.rstrip(".").split(".")]).rstrip(".")

    @property
    def fitting(self) -> dict[str, Any]:
        """The tensors that have a place of their shape in the network."""
        return {
            key: value
            for key, value in self.tensors.items()
            if key in self.own and value.shape == self.own[key].shape
        }

    @property
    def wrong(self) -> list[str]:
        """Names that the network has, but with another shape."""
        fitting = self.fitting
        return [key for key in self.tensors if key in self.own and key not in fitting]

    @property
    def missing(self) -> tuple[str, ...]:
        """What the network has and the part lacks; counters of batches are no weights."""
        return tuple(
            key for key in self.own if key not in self.tensors and not key.endswith(_COUNTERS)
        )

    @property
    def heads(self) -> list[str]:
        """What belongs to a module of which the network has another one: an exchanged head."""
        places = {_module(key) for key in self.missing}
        return [key for key in self._foreign() if any(_related(_module(key), p) for p in places)]

    @property
    def unknown(self) -> list[str]:
        """Names that the network lacks, exchanged heads apart."""
        heads = set(self.heads)
        return [key for key in self._foreign() if key not in heads]

    def _foreign(self) -> list[str]:
        return [
            key
            for key in self.tensors
            if key not in self.own and not key.startswith(_TRAINING_ONLY)
        ]


def find_parts(content: Any, own: Mapping[str, Any]) -> list[Part]:
    """The sets of weights in a checkpoint that may be meant, the fullest first.

    Parameters
    ----------
    content : Any
        What was read from a file.
    own : mapping from name to tensor
        The network's state_dict.

    Returns
    -------
    parts : list of Part
        Those that have at least half as many of the network's names as the fullest.
    """
    found = [
        part
        for path, tensors in dictionaries(content)
        if not any(key.startswith("optim") for key in path)
        for part in _behind_prefixes(path, tensors, own)
    ]
    most = max((len(part.fitting) for part in found), default=0)
    full = [part for part in found if 2 * len(part.fitting) >= max(most, 1)]
    return sorted(full, key=lambda part: -len(part.fitting))


def dictionaries(content: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple, dict]]:
    """Every dictionary in a checkpoint that holds tensors, with the keys that lead to it."""
    import torch

    if isinstance(content, list | tuple):
        content = dict(enumerate(content))
    if not isinstance(content, Mapping) or len(path) > _DEPTH:
        return
    tensors = {str(k): v for k, v in content.items() if isinstance(v, torch.Tensor)}
    if tensors:
        yield path, tensors
    for key, value in content.items():
        yield from dictionaries(value, (*path, str(key)))


def _behind_prefixes(
    path: tuple[str, ...], tensors: Mapping[str, Any], own: Mapping[str, Any]
) -> Iterator[Part]:
    tensors = {_modern(key, own): value for key, value in tensors.items()}
    counts = Counter(prefix for key in tensors for prefix in _prefixes(key, own))
    for prefix, count in counts.items():
        # Names of a block can be those of the whole by chance: layer1.0.conv1 ends in conv1.
        inside = any(prefix.startswith(p) and p != prefix and n > count for p, n in counts.items())
        if not inside:
            behind = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            yield Part(path, prefix, behind, own)


def _prefixes(key: str, own: Collection[str]) -> Iterator[str]:
    """What can be taken off so that one of the network's names is left."""
    if key in own:
        yield ""
    for place in re.finditer(r"\.", key):
        if key[place.end() :] in own:
            yield key[: place.end()]


def _modern(key: str, own: Collection[str]) -> str:
    """DenseNet's files still say ``norm.1`` for what torchvision now calls ``norm1``."""
    renamed = _DENSE.sub(r"\1\2", key)
    return renamed if any(True for _ in _prefixes(renamed, own)) else key


def _module(key: str) -> str:
    return key.rpartition(".")[0]


def _related(one: str, other: str) -> bool:
    """Whether one of two modules is, or holds, the other."""
    short, long = sorted((one, other), key=len)
    return bool(short) and f"{long}.".startswith(f"{short}.")


def chosen_part(parts: Sequence[Part], wanted: str | None, source: str) -> Part:
    """The one set of weights that fits and was meant.

    Raises
    ------
    InputError
        If none fits, several do, or the wanted one is not there; the message lists them.
    """
    if wanted is not None:
        parts = _called(parts, wanted, source)
    fit = [part for part in parts if not part.unknown and not part.wrong]
    different = [part for i, part in enumerate(fit) if not any(_same(part, p) for p in fit[:i])]
    if len(different) > 1:
        names = [part.name or "the outermost" for part in different]
        raise InputError(
            f"{source} holds {len(names)} sets of weights that fit this network: "
            f"{listed(names, 10)}. Say which: weights=Weights(path, part={names[0]!r})."
        )
    return different[0] if different else parts[0]


def _called(parts: Sequence[Part], wanted: str, source: str) -> list[Part]:
    exact = [part for part in parts if part.name == wanted]
    words = [part for part in parts if _has_words(part.name, wanted)]
    if exact or words:
        return exact or words
    names = [part.name or "the outermost" for part in parts]
    raise InputError(
        f"{source} has no part {wanted!r} that fits this network. {suggestion(wanted, names)}"
        f"It has: {listed(names, 10)}."
    )


def _has_words(name: str, wanted: str) -> bool:
    return f".{wanted}." in f".{name}."


def _same(one: Part, other: Part) -> bool:
    import torch

    mine, theirs = one.fitting, other.fitting
    return mine.keys() == theirs.keys() and all(torch.equal(mine[k], theirs[k]) for k in mine)


def beginnings(content: Any) -> str:
    """What the names in a checkpoint begin with, and its parts, for a sentence."""
    told = []
    for path, tensors in dictionaries(content):
        first = list(dict.fromkeys(key.split(".")[0] for key in tensors))
        where = f"part {'.'.join(path)!r}" if path else "the file"
        told.append(f"in {where} the {len(tensors)} names begin with {listed(first, 4)}")
    return "; ".join(told[:4])
