"""Scores of everything with everything, or in time, as the command line tells them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import isocortex as ic
from isocortex.cli._figures import draw_to_file
from isocortex.cli._show import show_table, show_written


def show_matrix(scores: ic.Scores) -> None:
    """Print scores with two axes: a row for each of the first, a column for each of the second."""
    rows, columns = (row_names(scores.tables[dim]) for dim in scores.dims)
    cells = [[name, *map(float, line)] for name, line in zip(rows, scores.values, strict=True)]
    show_table([scores.metric, *columns], cells, data=scores.table())


def leave(
    scores: ic.Scores, into: Path | None, figure: Path | None, plot: Callable[..., Any]
) -> None:
    """Write the scores or their tidy table, and draw them, where that was asked for."""
    if into is not None:
        ic.save(scores, into)
    if figure is not None:
        draw_to_file(figure, plot, scores)
    show_written(table=into, figure=figure)


def row_names(labels: pd.DataFrame) -> list[str]:
    """What tells rows apart: the labels that vary, or all of one row."""
    many = np.array(labels.nunique() > 1)
    shown = labels.loc[:, many] if many.any() else labels
    return [", ".join(map(str, row)) for row in shown.itertuples(index=False)]


def show_course(scores: ic.Scores) -> None:
    """Print scores of RDMs in time: a row for each region and time, a column for each model."""
    models, data = scores.tables["model"], scores.tables["data"]
    keys = [name for name in ("region", "time") if name in data]
    names = row_names(models)
    held = pd.concat([data[keys], pd.DataFrame(scores.values.T, columns=pd.Index(names))], axis=1)
    shown = pd.DataFrame(held.groupby(keys, sort=False, as_index=False).mean())
    show_table([*keys[:-1], "time (s)", *names], shown.itertuples(index=False), data=scores.table())
