"""A p-value for each two RDMs: against themselves with their stimuli exchanged."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.choice import suggestion
from isocortex.data.rdms import RDMs
from isocortex.data.tables import row_names
from isocortex.errors import InputError, UndefinedError, warn
from isocortex.mapping.permutation import ENOUGH, Permutation, as_permutation
from isocortex.numerics.chance.multiple import fdr, max_p
from isocortex.numerics.inference.common_pairs import of_all_pairs, patterns
from isocortex.numerics.inference.mantel import (
    MOST_FOR_ALL,
    PRODUCTS,
    WITH_MOMENTS,
    mantel,
    moments,
    until_known,
)
from isocortex.numerics.inference.sequential import ENOUGH as ENOUGH_ALIKE
from isocortex.numerics.measures.comparison import JOINT, Comparison
from isocortex.seeds import generator

MOMENTS = "moments"
SEQUENTIAL = "sequential"
MOST = 10_000
"""So many relabellings at most, where none are named."""


@dataclass(frozen=True)
class Sequential:
    """Relabellings of each two RDMs until their p is known."""

    n: int
    seed: int


Asked = Permutation | Sequential | str | None


def asked_permutations(
    function: Comparison, permutations: Any, n_permutations: int, seed: int
) -> Asked:
    """What ``compare`` was asked for; None where p was not.

    Raises
    ------
    InputError
        If the comparison has no such test, or something else than stimuli is to be exchanged.
    """
    if isinstance(permutations, str):
        return _by_name(function, permutations, n_permutations, seed)
    asked = as_permutation(permutations, n_permutations, seed)
    if asked.n == 0:
        return None
    if function in JOINT:
        raise InputError(
            "compare: stimuli that are exchanged part the data from all models at once, which is "
            "no test of what one model adds to the others ('partial', 'regression'). Give "
            "permutations with a comparison of single models, or see partition."
        )
    if asked.null not in ("auto", "rows"):
        raise InputError(
            f"compare exchanges stimuli, rows and columns of an RDM together; null={asked.null!r} "
            "has no meaning for it. Leave it out."
        )
    return asked


def _by_name(function: Comparison, name: str, n: int, seed: int) -> Asked:
    if name not in (MOMENTS, SEQUENTIAL):
        raise InputError(
            f"compare: permutations={name!r} is not known. "
            f"{suggestion(name, (MOMENTS, SEQUENTIAL))}"
            "Give a number, a Permutation, 'moments' for z without permutations, or 'sequential' "
            "for as many as each two RDMs need."
        )
    if name == MOMENTS and function not in WITH_MOMENTS:
        raise InputError(
            "compare: permutations='moments' is exact for 'pearson', 'spearman', 'rho_a' and "
            "'cosine'; for other comparisons give a number of permutations."
        )
    if name == SEQUENTIAL and function not in PRODUCTS:
        raise InputError(
            "compare: permutations='sequential' is for comparisons that are products of RDMs "
            "(pearson, spearman, rho_a, cosine and the whitened ones); for others give a number "
            "of permutations."
        )
    if name == MOMENTS and n:
        raise InputError(
            f"compare: permutations='moments' makes no permutations, so that n_permutations={n!r} "
            "has no meaning for it. Leave it out, or take permutations='sequential'."
        )
    return MOMENTS if name == MOMENTS else Sequential(Permutation(n or MOST, seed).n, seed)


def n_relabelled(models: RDMs, data: RDMs, asked: Asked) -> int:
    """How many relabellings are made at most, of all parts of RDMs with gaps."""
    if asked is None or isinstance(asked, str):
        return 0
    n_parts = len(list(_complete_parts(models, data))) if models.gaps or data.gaps else 1
    return n_parts * int(asked.n)


def chance_columns(
    function: Comparison, models: RDMs, data: RDMs, asked: Asked
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The columns p, p_fdr, p_max (or z and p) of a comparison, and what is to be said of them.

    With gaps the stimuli that two RDMs have in common change places.

    Raises
    ------
    UndefinedError
        If two RDMs have in common other pairs than all those of some stimuli.
    """
    if asked is None:
        return {}, {}
    shape = (models.n_rdms, data.n_rdms)
    if isinstance(asked, Sequential):
        return _sequential(function, models, data, asked)
    if isinstance(asked, str):
        z, p = np.empty(shape), np.empty(shape)
        for first, second, common in _complete_parts(models, data):
            z[np.ix_(first, second)], p[np.ix_(first, second)] = moments(
                function, models.values[np.ix_(first, common)], data.values[np.ix_(second, common)]
            )
        return {"z": z, "p": p}, {"null": "rows", "p": "normal approximation of exact moments"}
    p, made = np.empty(shape), []
    largest = np.empty(0)
    for first, second, common in _complete_parts(models, data):
        rng = generator(asked.seed)
        found = mantel(
            function,
            models.values[np.ix_(first, common)],
            data.values[np.ix_(second, common)],
            int(asked.n),
            rng,
        )
        p[np.ix_(first, second)], largest = found.p, found.maxima
        made.append((len(found.maxima), found.exact))
    # The part with fewest relabellings says what p can be.
    fewest = min(n for n, _ in made)
    _say(fewest, models.n_stimuli)
    notes = {
        "seed": asked.seed,
        "n_permutations": fewest,
        "null": "rows",
        "exact": all(exact for _, exact in made),
        "least_p": 1 / (1 + fewest),
    }
    columns = {"p": p, "p_fdr": fdr(p)}
    # Parts have relabellings of their own, and no largest one in common.
    return columns | ({"largest": largest} if len(made) == 1 else {}), notes


def _sequential(
    function: Comparison, models: RDMs, data: RDMs, asked: Sequential
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    shape = (models.n_rdms, data.n_rdms)
    p, n = np.empty(shape), np.empty(shape, dtype=np.intp)
    for first, second, common in _complete_parts(models, data):
        found = until_known(
            function,
            models.values[np.ix_(first, common)],
            data.values[np.ix_(second, common)],
            asked.n,
            generator(asked.seed),
        )
        p[np.ix_(first, second)], n[np.ix_(first, second)] = found.p, found.n
    notes = {
        "seed": asked.seed,
        "null": "rows",
        "n_permutations": asked.n,
        "p": f"sequential: relabelled until {ENOUGH_ALIKE} are as alike, at most {asked.n} times",
        "least_p": 1 / (1 + asked.n),
    }
    return {"p": p, "p_fdr": fdr(p), "n_relabelled": n}, notes


def with_family(values: np.ndarray, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The columns with p_max in place of the largest comparison of each relabelling."""
    largest = columns.pop("largest", None)
    return columns if largest is None else columns | {"p_max": max_p(values, largest)}


def _say(n_orders: int, n_stimuli: int) -> None:
    if n_stimuli <= MOST_FOR_ALL and n_orders + 1 < ENOUGH:
        warn(
            f"there are only {n_orders + 1} different relabellings of {n_stimuli} stimuli, so that "
            f"p cannot be below {1 / (n_orders + 1):.3g}, whatever the data."
        )


def _complete_parts(
    models: RDMs, data: RDMs
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Rows of both that have the same pairs in common, and these pairs."""
    for first, of_models in patterns(np.isfinite(models.values)):
        for second, of_data in patterns(np.isfinite(data.values)):
            common = of_models & of_data
            if not of_all_pairs(common):
                raise UndefinedError(
                    f"compare: {row_names(models.labels, first[:1].tolist())} and "
                    f"{row_names(data.labels, second[:1].tolist())} have {common.sum()} pairs in "
                    "common that are not all pairs of some stimuli, so that no stimuli can change "
                    "places among them. Keep stimuli of which all pairs are there: rdms.take(...).",
                    first.tolist(),
                )
            yield first, second, common
