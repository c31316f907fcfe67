"""A p-value for each two RDMs: against themselves with their stimuli exchanged."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from isocortex.data.rdms import RDMs
from isocortex.data.tables import row_names
from isocortex.errors import InputError, UndefinedError, warn
from isocortex.mapping.permutation import ENOUGH, Permutation, as_permutation
from isocortex.numerics.chance.multiple import fdr, max_p
from isocortex.numerics.inference.common_pairs import of_all_pairs, patterns
from isocortex.numerics.inference.mantel import MOST_FOR_ALL, WITH_MOMENTS, mantel, moments
from isocortex.numerics.measures.comparison import JOINT, Comparison
from isocortex.seeds import generator

MOMENTS = "moments"

Asked = Permutation | str | None


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
        if permutations != MOMENTS:
            raise InputError(
                f"compare: permutations={permutations!r} is not known. Give a number, a "
                "Permutation, or 'moments' for z without permutations."
            )
        if function not in WITH_MOMENTS:
            raise InputError(
                "compare: permutations='moments' is exact for 'pearson', 'spearman', 'rho_a' and "
                "'cosine'; for other comparisons give a number of permutations."
            )
        return MOMENTS
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
