"""Feature spaces that stand side by side in one matrix, by their numbers of columns."""

from typing import Any

from isocortex.choice import is_whole
from isocortex.errors import InputError


def widths_of_bands(bands: Any, n_columns: int, who: str) -> list[int]:
    """How many columns each band has; one band of all where none are named.

    Raises
    ------
    InputError
        If these are no numbers of columns, or do not add up to those that there are.
    """
    if bands is None:
        return [n_columns]
    widths = list(bands)
    if not all(is_whole(width) and width > 0 for width in widths):
        raise InputError(
            f"{who}: bands={widths!r} must be numbers of columns above 0, one for each band. "
            "Labels of columns, as the groups of himalaya, are counted first, where columns of a "
            "group stand side by side: bands=numpy.bincount(groups)."
        )
    if sum(widths) != n_columns:
        raise InputError(
            f"{who}: bands={widths} add up to {sum(widths)} columns, but X has {n_columns}."
        )
    return [int(width) for width in widths]
