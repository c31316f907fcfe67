"""Labels of stimuli, in the forms that users have them, as a table with a row for each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted, listed, there_are
from isocortex.data.frames import check_index, index_names, is_plain
from isocortex.data.names import Names, looked_up, positions
from isocortex.data.plain import plain_names
from isocortex.data.responses import Responses
from isocortex.data.trials import Trials
from isocortex.errors import InputError, MisalignedError
from isocortex.mapping.alignment import one_or_more
from isocortex.mapping.default_folds import folds_of_stimuli, folds_of_trials
from isocortex.mapping.folds import Folds, as_folds


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """The rows of a probe: stimuli, or single trials."""

    nouns: list[Any]
    labels: Any
    folds: Folds
    stimuli: tuple[str, ...] | None = None
    """The stimulus of each trial."""


def label_rows(features: Any, labels: Any, folds: Any, few: bool) -> LabelledRows:
    """Trials as rows of their own, in folds that keep runs (and labelled stimuli) together.

    Parameters
    ----------
    features, labels, folds : as in ``probe``
    few : bool
        Whether the model tells classes.
    """
    if not isinstance(features, Trials):
        nouns = one_or_more(features, "probe")
        asked = as_folds(folds, nouns[0].stimuli)
        given = features if isinstance(features, list | tuple) else []
        return LabelledRows(nouns, labels, folds_of_stimuli(asked, given, nouns[0].stimuli))
    if features.times is not None:
        raise InputError("probe: these trials have a time axis; choose one with trials.at(time).")
    asked = as_folds(folds, features.stimuli)
    # Trials of one stimulus are several rows, and names must be unique.
    names = [f"trial {i}" for i in range(features.n_trials)]
    responses = Responses(features.values, names, features.units, features.labels)
    met = _by_name(labels, features.stimuli)
    by_stimulus = isinstance(labels, Mapping | Responses) or met is not labels
    labels = met
    if isinstance(labels, Mapping):
        labels = looked_up(labels, features.stimuli, "probe: labels")
    elif isinstance(labels, Responses):
        known = positions(labels.stimuli, features.conditions, "probe: labels")
        row = dict(zip(features.conditions, known, strict=True))
        labels = _table_of(labels, [row[name] for name in features.stimuli])
    each = None
    if by_stimulus:
        table = labels if isinstance(labels, pd.DataFrame) else pd.DataFrame({"label": labels})
        _refuse_missing(table, features.stimuli)
        each = table.iloc[:, 0].tolist()
    if isinstance(labels, pd.Series | pd.DataFrame) and by_stimulus:
        labels = labels.reset_index(drop=True)
    assigned = folds_of_trials(asked, features, each, few)
    return LabelledRows([responses], labels, assigned, features.stimuli)


def label_table(labels: Any, names: Names) -> pd.DataFrame:
    """One row for each name, one column for each kind of label.

    Raises
    ------
    MisalignedError
        If a name has no label.
    InputError
        If the number of labels is not that of the stimuli, or one is missing.
    """
    if isinstance(labels, Responses):
        return _table_of(labels, positions(labels.stimuli, names, "probe: labels"))
    if isinstance(labels, Mapping):
        labels = looked_up(labels, names, "probe: labels")
    labels = _by_name(labels, names)
    check_index(names, labels, "probe", "labels")
    table = labels if isinstance(labels, pd.DataFrame) else pd.DataFrame({"label": list(labels)})
    if len(table) != len(names):
        raise InputError(
            f"probe: {there_are(len(names), 'stimulus')} but {counted(len(table), 'label')}."
        )
    _refuse_missing(table, names)
    return table.reset_index(drop=True)


def _refuse_missing(table: pd.DataFrame, names: Sequence[str]) -> None:
    gaps = table.isna() | (table == "")  # As empty cells of a table of text come.
    missing = np.array(gaps.to_numpy().any(axis=1), dtype=bool, ndmin=1)
    if missing.any():
        lacking = dict.fromkeys(name for name, gap in zip(names, missing, strict=True) if gap)
        raise InputError(
            f"probe: labels are missing for {counted(len(lacking), 'stimulus')}: {listed(lacking)}."
        )


def _by_name(labels: Any, names: Sequence[str]) -> Any:
    """A Series or DataFrame in the order of these names, where its index names one of them.

    An index that names something else, such as rows of another table, is left as it is.

    Raises
    ------
    MisalignedError
        If it does not name all of them, once each.
    """
    if not isinstance(labels, pd.Series | pd.DataFrame):
        return labels
    if is_plain(labels.index):
        _refuse_names(labels, names)
        return labels
    known = _names_of(labels.index, names)
    wanted, held = set(names), set(known)
    one_by_one = known == tuple(names) and len(held) < len(known)  # Of trials, as they come.
    if one_by_one or not wanted & held:
        return labels
    if not wanted <= held:
        raise MisalignedError(
            f"probe: the index of labels names {len(wanted & held)} of "
            f"{counted(len(wanted), 'stimulus')} and lacks "
            f"{listed(name for name in dict.fromkeys(names) if name not in held)}. Label all, or "
            "leave out the others; labels in the order of the rows need no index: "
            "labels.to_numpy()."
        )
    counts = Counter(known)
    twice = [name for name in dict.fromkeys(names) if counts[name] > 1]
    if twice:
        raise MisalignedError(
            f"probe: the index of labels has {counted(len(twice), 'stimulus')} more than once, "
            f"and not as the rows have them: {listed(twice)}. Give one label for each: "
            "labels[~labels.index.duplicated()]."
        )
    place = {name: row for row, name in enumerate(known)}
    return labels.iloc[[place[name] for name in names]]


def _refuse_names(labels: "pd.Series | pd.DataFrame", names: Sequence[str]) -> None:
    """A column that names the stimuli is no kind of label."""
    columns = labels.columns if isinstance(labels, pd.DataFrame) else ()
    for column in columns:
        if set(map(str, labels[column])) == set(names) and len(set(names)) > 1 < len(columns):
            raise InputError(
                f"probe: the column {column!r} of labels names the stimuli. Make it the index: "
                f"labels.set_index({column!r})."
            )


def _names_of(index: pd.Index, names: Sequence[str]) -> tuple[str, ...]:
    """An index as text, whole numbers without a point; of several levels that of the names."""
    wanted = set(names)
    for level in range(index.nlevels):
        own = index.get_level_values(level)
        whole = own.dtype.kind == "f" and own.notna().all() and (own == own.round()).all()
        known = plain_names(own.astype("int64") if whole else own, "probe: labels")
        if wanted & set(known):
            return known
    return plain_names(index_names(index), "probe: labels")


def _table_of(labels: Responses, rows: Any) -> pd.DataFrame:
    table = pd.DataFrame(labels.numpy()[rows])
    if len(labels.units.columns):
        table.columns = [" ".join(map(str, row)) for row in labels.units.itertuples(index=False)]
    return table


def classes_of(column: Any, name: Any) -> np.ndarray:
    """The classes of a column of labels: integers or text.

    Raises
    ------
    InputError
        If it holds numbers that are no classes, or one class only.
    """
    found = np.asarray(column)
    if found.dtype.kind == "f" and not np.array_equal(found, np.round(found)):
        raise InputError(
            f"probe: {name!r} holds numbers that are no classes, but the model is a classifier. "
            "Take a regressor, or cut the numbers into classes first."
        )
    unfit = [each for each in found.ravel().tolist() if np.ndim(each)] if found.dtype == "O" else []
    if unfit or found.ndim != 1:
        raise InputError(
            f"probe: a label is text or a number, but {name!r} holds {unfit[:1] or found.shape}. "
            "Several kinds of labels are columns of a DataFrame."
        )
    # Fixed-width text, so that classes sort and hash alike whatever held them.
    found = found.astype(str) if found.dtype.kind in "OUT" else found
    if len(np.unique(found)) < 2:
        raise InputError(f"probe: {name!r} has one class only, {found[0].item()!r}.")
    return found


def check_numeric(table: pd.DataFrame, model: Any) -> None:
    """A regressor needs numbers.

    Raises
    ------
    InputError
    """
    words = [str(c) for c in table.columns if table[c].dtype.kind not in "fiub"]
    if words:
        raise InputError(
            f"probe: {listed(words)} hold classes, but {type(model).__name__} predicts numbers. "
            "Take a classifier, such as make_pipeline(PCA(50), LogisticRegression())."
        )
