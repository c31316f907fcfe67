"""What ``encode``, ``decode`` and ``probe`` have in common: folds, models, and their table."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import Parameter

if TYPE_CHECKING:
    import pandas as pd

    from isocortex.data.scores import Scores

_WHO = ("label", "recording", "subject", "region", "network", "layer")


@Parameter(name="*")
@dataclass(frozen=True)
class Tested:
    """How scores are held out, and tested.

    Parameters
    ----------
    folds
        In how many parts the stimuli are split; each is predicted from the others. 10 (or by
        run, where trials have runs).
    shuffle
        Shuffle stimuli before they are split, for those that are sorted by category.
    permutations
        How often the stimuli are permuted for p; 0: no p.
    seed
        Of the shuffling and the permutations.
    """

    folds: int | None = None
    shuffle: bool = False
    permutations: int = 0
    seed: int = 0


@Parameter(name="*")
@dataclass(frozen=True)
class Linear:
    """A model for numbers.

    Parameters
    ----------
    model
        ridge, ols, pcr, pls or univariate.
    alphas
        Penalties of ridge to choose from; without it, 0.001 to 100000 by factors of 10.
    n_components
        Of pcr and pls.
    """

    model: Literal["ridge", "ols", "pcr", "pls", "univariate"] = "ridge"
    alphas: list[float] | None = None
    n_components: int | None = None


def as_numbers(asked: Linear) -> Any:
    """The model that was asked for.

    Raises
    ------
    InputError
        If a setting is of another model.
    """
    import isocortex as ic

    if asked.alphas is not None and asked.model != "ridge":
        raise ic.InputError(f"--alphas are of ridge, not of {asked.model}.")
    components = asked.model in ("pcr", "pls")
    if (asked.n_components is not None) != components:
        must = "needs" if components else "does not take"
        raise ic.InputError(f"--model {asked.model} {must} --n-components.")
    if asked.model == "ridge":
        return ic.Ridge([10.0**k for k in range(-3, 6)] if asked.alphas is None else asked.alphas)
    if asked.n_components is not None:
        return {"pcr": ic.PCR, "pls": ic.PLS}[asked.model](asked.n_components)
    return {"ols": ic.OLS, "univariate": ic.Univariate}[asked.model]()


def folds_of(asked: Tested, stratified: bool = False) -> Any:
    """What the verbs take as ``folds=``."""
    if not asked.shuffle:
        return asked.folds
    from sklearn.model_selection import KFold, StratifiedKFold

    splitter = StratifiedKFold if stratified else KFold
    return splitter(asked.folds or 10, shuffle=True, random_state=asked.seed)


def permutation_of(asked: Tested) -> Any:
    """What the verbs take as ``permutations=``."""
    import isocortex as ic

    return ic.Permutation(asked.permutations, asked.seed) if asked.permutations else 0


def show_means(scores: "Scores") -> None:
    """Print the mean over folds and units of each layer and region, and how many have p < .05."""
    from isocortex.cli._show import show_table

    table = means(scores)
    show_table(list(table.columns), table.itertuples(index=False), data=table)


def means(scores: "Scores") -> "pd.DataFrame":
    """A row for each layer, region and kind of label: over units that are defined."""
    import pandas as pd

    over = scores.mean("fold") if "fold" in scores.dims else scores
    table = over.table()
    keys = [name for name in _WHO if name in table] or [over.dims[0]]
    score = table.groupby(keys, sort=False)["score"]
    columns = {scores.metric: score.mean(), "highest": score.max(), "n": score.count()}
    if "p_fdr" in table:
        significant = (table["p_fdr"] < 0.05).groupby([table[key] for key in keys], sort=False)
        columns["lowest p"] = table.groupby(keys, sort=False)["p"].min()
        columns["p_fdr < .05"] = significant.sum()
    return pd.DataFrame(columns).reset_index()


def leave(
    scores: "Scores", into: Path | None, figure: Path | None, chance: float | None = None
) -> None:
    """Write the scores or their tidy table, and draw them, where that was asked for."""
    import isocortex as ic
    from isocortex.cli import _scores

    points = "fold" if "fold" in scores.dims else "unit"
    drawn = partial(ic.plots.accuracy, points=points, chance=chance)
    _scores.leave(scores, into, figure, drawn)
