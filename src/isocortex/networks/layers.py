"""Which layers are meant: exact names, classic aliases, glob patterns, "all", "main"."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from isocortex.choice import counted, listed, suggestion
from isocortex.errors import InputError
from isocortex.networks.hooks import call_name, split_call
from isocortex.networks.tracing.trace import Layer

Wanted = str | Iterable[str]


@dataclass(frozen=True)
class Others:
    """What is no layer, or has another name."""

    no_layers: Mapping[str, str] = field(default_factory=dict)
    """Modules that have no rows for stimuli, each with the reason."""
    second_names: Mapping[str, str] = field(default_factory=dict)
    """Further names of modules that have several, with the first."""


_NOTHING_ELSE = Others()


def main_layers(layers: Sequence[Layer]) -> list[str]:
    """The outermost modules with weights that compute something: what "main" means.

    In a plain network these are the convolutions and fully connected layers, in a network of
    blocks the blocks and what stands before and after them. Norms count to the layer before.
    """
    computing = {layer.name for layer in layers if layer.listed}
    candidates = [layer for layer in layers if layer.listed and layer.has_weights]
    parents = {layer.name: layer.parent for layer in layers}
    return [
        layer.name
        for layer in candidates
        if "Norm" not in layer.module and not _inside(layer.name, parents, computing)
    ]


def _inside(name: str, parents: Mapping[str, str | None], computing: set[str]) -> bool:
    parent = parents.get(name)
    while parent is not None:
        if parent in computing:
            return True
        parent = parents.get(parent)
    return False


def select(
    wanted: Wanted,
    layers: Sequence[Layer],
    aliases: Mapping[str, str],
    main: Sequence[str],
    who: str,
    others: Others = _NOTHING_ELSE,
) -> dict[str, str]:
    """The layers that ``wanted`` names, in the order of execution.

    Parameters
    ----------
    wanted : str or sequence of str
        Module names, aliases, glob patterns, ``"all"`` or ``"main"``.
    layers : sequence of Layer
        In the order of execution; those that are not ``listed`` are found by their exact
        name only.
    aliases : mapping from alias to module name
    main : sequence of str
    who : str
        The network's name, for errors.
    others : Others, optional
        Names that stand for no layer, or for a module that has an earlier name.

    Returns
    -------
    names : dict from the name as it was asked for to the name of the layer

    Raises
    ------
    InputError
        If a name or pattern fits no layer, or fits several calls of a module that has
        several names.
    """
    asked = [wanted] if isinstance(wanted, str) else list(wanted)
    if not asked:
        raise InputError(f"No layers of {who} were asked for; 'all' and 'main' are short forms.")
    order = {layer.name: i for i, layer in enumerate(layers)}
    classic = aliases
    aliases = {**_by_second_name(asked, order, others, who), **_without_wrapper(order), **aliases}
    shown = [layer.name for layer in layers if layer.listed]
    found: dict[str, str] = {}
    for name in asked:
        for key, layer in _find(str(name), order, shown, aliases, main).items():
            if layer not in found.values() or name == key:
                found.setdefault(key, layer)
        if not _find(str(name), order, shown, aliases, main):
            if str(name) in others.no_layers:
                raise InputError(f"{name!r} of {who} is no layer: {others.no_layers[name]}.")
            raise InputError(_unknown(str(name), shown, classic, who))
    return dict(sorted(found.items(), key=lambda pair: order[pair[1]]))


def _by_second_name(
    asked: Sequence[str], order: Mapping[str, int], others: Others, who: str
) -> dict[str, str]:
    """The layers that are meant by further names of modules that have several.

    Raises
    ------
    InputError
        If the module is called more than once, so that the name does not say which call.
    """
    found: dict[str, str] = {}
    for name in map(str, asked):
        second, call = split_call(name)
        first = others.second_names.get(second)
        if first is None or name in order:
            continue
        calls = [layer for layer in order if split_call(layer)[0] == first]
        if len(calls) > 1 and name == second:
            raise InputError(
                f"{name!r} of {who} is another name of the same module as {first!r}, which is "
                f"called {len(calls)} times in a pass; ask for one of its calls: {listed(calls)}."
            )
        found[name] = call_name(first, call)
    return found


_WRAPPER = re.compile(r"^((module|_orig_mod)\.)+")


def _without_wrapper(order: Mapping[str, int]) -> dict[str, str]:
    """``conv1`` for ``module.conv1`` of DataParallel, ``_orig_mod.conv1`` of torch.compile."""
    if not all(_WRAPPER.match(layer) for layer in order):
        return {}
    return {_WRAPPER.sub("", layer): layer for layer in order}


def _find(
    name: str,
    order: Mapping[str, int],
    shown: Sequence[str],
    aliases: Mapping[str, str],
    main: Sequence[str],
) -> dict[str, str]:
    if name == "all":
        return {each: each for each in shown}
    if name == "main":
        return {each: each for each in main}
    if name in order:
        return {name: name}
    if aliases.get(name) in order:
        return {name: aliases[name]}
    by_module = {each: each for each in shown if fnmatchcase(each, name)}
    return by_module or {
        alias: each for alias, each in aliases.items() if fnmatchcase(alias, name) and each in order
    }


def _unknown(name: str, shown: Sequence[str], aliases: Mapping[str, str], who: str) -> str:
    if not shown:
        return (
            f"{who} has no layers: no module inside it gives an array with a row for each "
            "stimulus. A module that is itself the only layer is put into torch.nn.Sequential."
        )
    if name == "main":
        return f"No layer of {who} has weights, so that 'main' is none of them; use 'all' or names."
    known = [*shown, *aliases]
    what = "pattern fits no layer" if any(mark in name for mark in "*?[") else "is not a layer"
    return (
        f"{name!r} {what} of {who}. {suggestion(name, known)}"
        f"It has {counted(len(shown), 'layer')}: {listed(shown, 8)}"
        + (f"; classic names: {listed(aliases, 8)}." if aliases else ".")
    )
