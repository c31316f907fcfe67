"""Accuracies in any form, as one array of regions x units for each layer and subject."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.choice import counted, listed
from isocortex.data.layer_names import distinct
from isocortex.data.scores import Scores
from isocortex.errors import InputError


@dataclass(frozen=True, eq=False)
class Pooled:
    """What is to be ordered (rows of the score's table) by what tells most of it (columns)."""

    rows: tuple[str, ...]
    """The layers; of encoding accuracies the regions."""
    columns: tuple[str, ...]
    """The regions; of encoding accuracies the layers."""
    parts: tuple[tuple[np.ndarray, ...], ...]
    """For each row, for each subject, shape (n_columns, n_units)."""
    axes: tuple[str, str] = ("layer", "region")
    n_stimuli: int | None = None
    """Where the accuracies say how many stimuli they rest on."""

    @property
    def n_subjects(self) -> int:
        """The number of subjects; 1 where units of all were pooled before."""
        return len(self.parts[0])


def pooled(accuracies: Any) -> Pooled:
    """Check and sort out what :func:`isocortex.hierarchy` was given.

    Raises
    ------
    InputError
        If the shapes do not fit each other, or a number is no correlation.
    """
    if isinstance(accuracies, Pooled):
        return accuracies
    if isinstance(accuracies, Scores):
        return _of_scores(accuracies)
    if isinstance(accuracies, Mapping):
        names, values = [str(name) for name in accuracies], list(accuracies.values())
    elif isinstance(accuracies, Sequence) or getattr(accuracies, "ndim", 0) > 0:
        values = list(accuracies)
        names = [str(i) for i in range(len(values))]
    else:
        raise InputError(
            "hierarchy needs, for each layer, an array of accuracies of shape (n_regions, "
            f"n_units): a list, a mapping or Scores, not {type(accuracies).__name__}."
        )
    if len(values) < 2:
        raise InputError(f"hierarchy needs at least 2 layers; it got {len(values)}.")
    parts = tuple(_subjects(value, name) for name, value in zip(names, values, strict=True))
    n_columns = _same_sides(names, parts)
    return Pooled(tuple(names), tuple(str(i) for i in range(n_columns)), parts)


def _same_sides(names: list[str], parts: tuple[tuple[np.ndarray, ...], ...]) -> int:
    """How many regions every layer has; all have the same subjects too."""
    n_columns = parts[0][0].shape[0]
    for name, row in zip(names, parts, strict=True):
        for part in row:
            if part.shape[0] != n_columns:
                raise InputError(
                    f"hierarchy: layer {name!r} has accuracies for "
                    f"{counted(part.shape[0], 'region')}, but "
                    f"layer {names[0]!r} for {n_columns}."
                )
        if len(row) != len(parts[0]):
            raise InputError(
                f"hierarchy: layer {name!r} has {counted(len(row), 'subject')}, but layer "
                f"{names[0]!r} "
                f"has {len(parts[0])}."
            )
    if n_columns < 2:
        raise InputError("hierarchy needs at least 2 regions; the first axis of each layer has 1.")
    return n_columns


def _subjects(value: Any, name: str) -> tuple[np.ndarray, ...]:
    if isinstance(value, Mapping):
        value = list(value.values())
    many = isinstance(value, list | tuple) and any(np.ndim(each) == 2 for each in value)
    many = many or np.ndim(value) == 3
    return tuple(_correlations(each, name) for each in (value if many else [value]))


def _correlations(value: Any, name: str) -> np.ndarray:
    try:
        array = np.asarray(as_numpy(value))
    except (ValueError, TypeError):
        array = np.empty(0, dtype=object)
    if array.ndim != 2 or array.dtype.kind not in "fiub":
        raise InputError(
            f"hierarchy: layer {name!r} needs an array of shape (n_regions, n_units), or one for "
            f"each subject; it got shape {array.shape} of {array.dtype}."
        )
    array = array if array.dtype.kind == "f" else array.astype(np.float64)
    with np.errstate(invalid="ignore"):
        bad = np.abs(array) > 1 + 1e-5
    if bad.any():
        raise InputError(
            f"hierarchy: layer {name!r} has {int(bad.sum())} accuracies outside -1 to 1, the first "
            f"is {array[bad][0]:.4g}. Accuracies must be correlations."
        )
    return array


def _of_scores(scores: Scores) -> Pooled:
    """Decoding scores have the layer with their units, encoding scores the region."""
    with_layer, with_region = (_dim(scores, key) for key in ("layer", "region"))
    if with_layer == with_region:
        raise InputError(
            f"hierarchy: layer and region are labels of one axis ({with_layer}) of these scores. "
            "Decode from each region (or encode from each layer), so that each has its own."
        )
    decoding = len(scores.tables[with_layer]) >= len(scores.tables[with_region])
    of_units, of_regions = (with_layer, with_region) if decoding else (with_region, with_layer)
    axes = ("layer", "region") if decoding else ("region", "layer")
    others = [dim for dim in scores.dims if dim not in (of_units, of_regions)]
    values = scores.mean(*others).values if others else scores.values
    if scores.axis(of_units) < scores.axis(of_regions):
        values = values.T
    units, regions = scores.tables[of_units], scores.tables[of_regions]
    columns = tuple(map(str, distinct(regions, axes[1])))
    in_regions, in_units = "subject" in regions, "subject" in units
    subjects = (
        list((regions if in_regions else units)["subject"].unique())
        if in_regions or in_units
        else [None]
    )
    rows, parts = tuple(map(str, distinct(units, axes[0]))), []
    for row in rows:
        mine = (units[axes[0]].astype(str) == row).to_numpy()
        parts.append(
            tuple(
                _part(values, (regions, units), axes[1], mine, subject, columns)
                for subject in subjects
            )
        )
    return Pooled(rows, columns, tuple(parts), axes, _n_tested(scores))


def _n_tested(scores: Scores) -> int | None:
    """How many stimuli were held out, over all folds."""
    for table in scores.tables.values():
        if "n_test" in table:
            return int(table["n_test"].to_numpy().sum())
    return None


def _part(values, tables, key, mine, subject, columns) -> np.ndarray:
    regions, units = tables
    chosen = np.ones(len(regions), dtype=bool)
    if subject is not None and "subject" in regions:
        chosen = (regions["subject"] == subject).to_numpy()
    if subject is not None and "subject" in units:
        mine = mine & (units["subject"] == subject).to_numpy()
    names = list(regions[key].astype(str)[chosen])
    if sorted(names) != sorted(columns):
        who = "" if subject is None else f" of subject {subject}"
        raise InputError(
            f"hierarchy: the scores{who} have {listed(names)} as {key}s, but each of "
            f"{listed(columns)} is needed once."
        )
    rows = np.nonzero(chosen)[0][[names.index(column) for column in columns]]
    return values[np.ix_(rows, np.nonzero(mine)[0])]


def _dim(scores: Scores, key: str) -> str:
    for dim, table in scores.tables.items():
        if key in table.columns:
            return dim
    raise InputError(f"hierarchy: these scores have no label {key!r}, which says what each is of.")
