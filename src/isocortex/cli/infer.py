"""The command ``infer``."""

from pathlib import Path
from typing import Literal

from isocortex.cli._answer import answers


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

    The table has one row for each model; beside result.csv, result_pairs.csv has one for each two
    models.

    Parameters
    ----------
    models
        RDMs of models, as `isocortex rdm` writes them.
    brains
        RDMs of one region, one for each subject.
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
        A CSV file with one row for each model.
    figure
        A picture of scores, ceilings, and which model is better than which, such as models.png.
    """
    import isocortex as ic
    from isocortex.cli._endings import TABLE, check_endings
    from isocortex.cli._figures import draw_to_file
    from isocortex.cli._show import say, show_table, show_written
    from isocortex.study.results import write_any

    check_endings(into, TABLE, figure=figure)
    result = ic.infer(
        ic.read_rdms(models),
        ic.read_rdms(brains),
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
    say(result)
    pairs = None
    if into is not None:
        tables = {into: table}
        if method == "bootstrap" and len(table) > 1:
            pairs = into.with_name(f"{into.stem}_pairs{into.suffix}")
            tables[pairs] = result.pairs()
        for path, each in tables.items():
            write_any(each, path)
    if figure is not None:
        draw_to_file(figure, ic.plots.models, result)
    show_written(table=into, pairs=pairs, figure=figure)
