"""Scores of everything with everything, as the command line tells them."""

from pathlib import Path

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


def leave_matrix(scores: ic.Scores, into: Path | None, figure: Path | None) -> None:
    """Write the scores or their tidy table, and draw them, where that was asked for."""
    if into is not None:
        ic.save(scores, into)
    if figure is not None:
        draw_to_file(figure, ic.plots.similarity, scores)
    show_written(table=into, figure=figure)


def row_names(labels: pd.DataFrame) -> list[str]:
    """What tells rows apart: the labels that vary, or all of one row."""
    many = np.array(labels.nunique() > 1)
    shown = labels.loc[:, many] if many.any() else labels
    return [", ".join(map(str, row)) for row in shown.itertuples(index=False)]
