"""Arguments of ``encode``, ``decode`` and ``probe`` until release 0.2, as those of today."""

from typing import Any

from isocortex.errors import InputError
from isocortex.mapping.fixed_sets import FixedSets
from isocortex.mapping.permutation import Permutation, as_permutation

PERMUTATIONS = {
    "n_permutations": "permutations=n, or permutations=ic.Permutation(n, seed)",
    "seed": "permutations=ic.Permutation(n, seed)",
}
SETS = {
    "train": "folds=ic.FixedSets(train=..., test=...)",
    "test": "folds=ic.FixedSets(train=..., test=...)",
}


def as_permutations(options: dict[str, Any]) -> None:
    """``n_permutations=`` and ``seed=`` as ``permutations=``.

    Raises
    ------
    InputError
        If ``permutations=`` says something else.
    """
    n, seed = options.pop("n_permutations", 0), options.pop("seed", None)
    now = options.get("permutations", 0)
    if isinstance(now, Permutation) and seed is not None:
        raise InputError(f"seed={seed!r}, but permutations={now!r} has a seed of its own.")
    options["permutations"] = as_permutation(now, n, 0 if seed is None else seed)


def as_fixed_sets(options: dict[str, Any]) -> None:
    """``train=`` and ``test=`` as ``folds=``, and permutations.

    Raises
    ------
    InputError
        If ``folds=`` are given as well.
    """
    as_permutations(options)
    train, test = options.pop("train", None), options.pop("test", None)
    if train is None and test is None:
        return
    if options.get("folds") is not None:
        raise InputError("train= and test= are fixed sets in place of folds=; give one of the two.")
    options["folds"] = FixedSets(train, test)
