"""Which layers are meant: exact names, classic aliases, glob patterns, "all", "main"."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from isocortex.choice import listed, suggestion
from isocortex.errors import InputError
from isocortex.networks.trace import Layer

Wanted = str | Iterable[str]


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

    Returns
    -------
    names : dict from the name as it was asked for to the name of the layer

    Raises
    ------
    InputError
        If a name or pattern fits no layer.
    """
    asked = [wanted] if isinstance(wanted, str) else list(wanted)
    if not asked:
        raise InputError(f"No layers of {who} were asked for; 'all' and 'main' are short forms.")
    order = {layer.name: i for i, layer in enumerate(layers)}
    shown = [layer.name for layer in layers if layer.listed]
    found: dict[str, str] = {}
    for name in asked:
        for key, layer in _find(str(name), order, shown, aliases, main).items():
            if layer not in found.values() or name == key:
                found.setdefault(key, layer)
        if not _find(str(name), order, shown, aliases, main):
            raise InputError(_unknown(str(name), shown, aliases, who))
    return dict(sorted(found.items(), key=lambda pair: order[pair[1]]))


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
    known = [*shown, *aliases]
    what = "pattern fits no layer" if any(mark in name for mark in "*?[") else "is not a layer"
    return (
        f"{name!r} {what} of {who}. {suggestion(name, known)}"
        f"It has {len(shown)} layers: {listed(shown, 8)}"
        + (f"; classic names: {listed(aliases, 8)}." if aliases else ".")
    )
