"""The command ``infer``."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from isocortex.cli._answer import answers

if TYPE_CHECKING:
    import pandas as pd

    from isocortex.inference.result import Inference

_MOST_PAIRS = 45
"""Those of ten models; of more models only the pairs with the best one are printed."""


@answers
def infer(
    models: Path,
    brains: Path,
    /,
    *,
    comparison: str = "whitened_correlation",
    over: list[Literal["subject", "stimulus"]] | None = None,
    samples: int = 1000,
    seed: int = 0,
    df: str = "published",
    method: str = "bootstrap",
    into: Path | None = None,
    figure: Path | None = None,
) -> None:
    """Test models on the RDMs of brains: for other people, other stimuli, and one another.

    Example: after `isocortex rdm`, with the RDMs of some subjects in brain.npz,

        isocortex infer rdms.npz brain.npz --over subject stimulus --into result.csv

    One table has a row for each model, the other one for each two models: which is better than
    which. Beside result.csv, result_pairs.csv has the second one.

    Parameters
    ----------
    models
        RDMs of models, as `isocortex rdm` writes them.
    brains
        RDMs of one region, one for each subject: `isocortex rdm anna.csv ben.csv --into
        brain.npz` makes them from responses, and `isocortex compare --help` tells more.
    comparison
        pearson, spearman, rho_a, cosine, whitened_cosine, whitened_correlation.
    over
        What conclusions generalize to others of: subject, stimulus, or both (the default).
    samples
        How many samples, or permutations.
    seed
        Of the random draws.
    df
        Degrees of freedom over both: published or satterthwaite.
    method
        bootstrap or permutation (of the stimuli of the models).
    into
        A table, .csv, .tsv or .parquet, with one row for each model; or for `isocortex.read`,
        .npz.
    figure
        A picture of scores, ceilings, and which model is better than which, such as models.png.
    """
    import isocortex as ic
    from isocortex.cli._endings import NOUN_OR_TABLE, check_endings
    from isocortex.cli._figures import draw_to_file
    from isocortex.cli._nouns import rdms_at
    from isocortex.cli._show import say, show_table, show_written

    check_endings(into, NOUN_OR_TABLE, figure=figure)
    result = ic.infer(
        rdms_at(models),
        rdms_at(brains),
        comparison,
        over=over or ("subject", "stimulus"),
        n=samples,
        seed=seed,
        df=df,
        method=method,
    )
    table = result.table()
    shown = ["model", "score", "low", "high", "p", "p_ceiling"]
    show_table(shown, table[shown].itertuples(index=False), data=table)
    pairs = result.pairs() if method == "bootstrap" and len(table) > 1 else None
    if pairs is not None:
        _show_pairs(pairs, result)
    say(result)
    beside = _left(result, table, pairs, into) if into is not None else None
    if figure is not None:
        draw_to_file(figure, ic.plots.models, result)
    show_written(table=into, pairs=beside, figure=figure)


def _show_pairs(pairs: "pd.DataFrame", result: "Inference") -> None:
    from isocortex.cli._show import show_table

    best = result.models[int(result.score.argmax())]
    few = len(pairs) <= _MOST_PAIRS
    shown = pairs if few else pairs[(pairs["first"] == best) | (pairs["second"] == best)]
    title = "each two models" if few else f"{best} and each other model; --json has all pairs"
    show_table([*shown], shown.itertuples(index=False), title, data=pairs)


def _left(
    result: "Inference", table: "pd.DataFrame", pairs: "pd.DataFrame | None", into: Path
) -> Path | None:
    """Write the result; where the table of pairs went, if there is one."""
    import isocortex as ic
    from isocortex.study.results import write_any

    if into.suffix == ".npz":
        ic.save(result, into)
        return None
    write_any(table, into)
    if pairs is None:
        return None
    beside = into.with_name(f"{into.stem}_pairs{into.suffix}")
    write_any(pairs, beside)
    return beside
