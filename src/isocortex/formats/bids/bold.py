"""The verb ``read_bold``: time series and tables of events of your own, as trials."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import there_are
from isocortex.data.needs import called, door
from isocortex.data.series import repetition_time
from isocortex.data.text_table import read_text_table, typed
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.formats.bids.betas import Betas
from isocortex.formats.bids.confounds import Confounds, confounds_in
from isocortex.formats.bids.events import events_in
from isocortex.formats.bids.notes import Notes
from isocortex.formats.bids.runs import Labels, rows_of_run
from isocortex.formats.bids.timing import IN_HEADER, header_time
from isocortex.formats.bids.ways import labelling
from isocortex.formats.files import open_image, several
from isocortex.formats.volumes import same_units
from isocortex.types import ImageLike, Values

WHO = "read_bold"
Table = str | Path | pd.DataFrame
PerRun = Table | Values


@door
def read_bold(  # noqa: PLR0913
    image: ImageLike | Sequence[ImageLike],
    events: Table | Sequence[Table],
    mask: ImageLike | Values | None = None,
    *,
    tr: float | None = None,
    betas: "str | Betas | None" = None,
    lag: "float | str | None" = None,
    condition: str = "trial_type",
    rest: str | None = None,
    confounds: PerRun | Sequence[PerRun] | None = None,
    labels: Mapping[str, Any] | None = None,
    nan: str = "error",
) -> Trials:
    """Read time series with tables of their events: betas of single trials, or labelled volumes.

    For files that are not laid out as a study in BIDS, which :func:`read_bids` reads by itself.

    Parameters
    ----------
    image : path, nibabel image, or a list of these
        A time series: volumes, or those of a mesh (``.func.gii``) or of grayordinates
        (``.dtseries.nii``). A list is one for each run.
    events : path, DataFrame, or a list of these
        The events of each run, with ``onset`` and ``duration`` in s from its first volume, and
        a column that says what was shown (tab- or comma-separated, as BIDS's ``_events.tsv``).
    mask : path, nibabel image or array, optional
        As in :func:`read_nifti`; default all voxels.
    tr : float, optional
        The repetition time in s: volume k was measured at k tr. Default that of the image's
        header. One that differs from it is told in a warning.
    betas : {"lsa", "lss"} or Betas, default="lss" where no ``lag`` is given
        One row for each event: its beta, by nilearn's design matrix and least squares.
    lag : float or "hrf", optional
        One row for each volume instead, labelled by the event with
        :math:`onset \\le t - lag < onset + duration`, or by the largest predicted response.
    condition : str, default="trial_type"
        The column of the events that says what was shown, such as ``"stim_file"``.
    rest : str, optional
        With ``lag``, keeps volumes that no event covers, under this name.
    confounds : path, DataFrame, array of shape (n_volumes, n_confounds), or a list, optional
        What is regressed out of each run, all columns; choose those of a larger table first.
    labels : mapping, optional
        What is true of all of it, such as ``{"subject": "03", "region": "V1"}``.
    nan : {"error", "drop"}, default="error"
        As of :func:`read_volumes`.

    Returns
    -------
    Trials
        One row for each event (or volume), in order of runs and onsets; runs are 1, 2 …

    Raises
    ------
    InputError
        If numbers of runs differ, no repetition time is known, a column is not there, or a
        trial cannot be told from the others.
    NotFoundError, FormatError
        If a file is not there or damaged, or lengths differ.

    Warns
    -----
    IsocortexWarning
        With what was done that nobody asked for.

    See Also
    --------
    Betas : How betas are estimated.
    read_bids : A study in BIDS with the derivatives of fMRIPrep, all people at once.
    read_volumes : Images whose volumes have labels already.
    average : One pattern for each stimulus, for :func:`encode`.

    Notes
    -----
    Betas equal those of nilearn's ``FirstLevelModel(noise_model="ols", drift_model="cosine")``.

    Examples
    --------
    >>> import nibabel
    >>> import numpy as np
    >>> import pandas as pd
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> bold = nibabel.Nifti1Image(rng.normal(size=(3, 3, 2, 60)), np.eye(4))
    >>> events = pd.DataFrame(
    ...     {"onset": [4, 24, 44, 64], "duration": 2, "trial_type": ["cat", "car"] * 2}
    ... )
    >>> trials = ic.read_bold(bold, events, tr=2.0, labels={"subject": "03"})
    >>> trials
    Trials(4 trials of 2 stimuli x 18 units, subject='03')
    """
    images, tables, outside = _by_run(image, events, confounds)
    how = Betas() if betas is None and lag is None else labelling(betas, lag, WHO)
    asked = Labels(how, condition, rest, None)
    opened = [open_image(each, WHO) for each in images]
    notes = Notes()
    times = [_repetition(each, tr, notes) for each in opened]
    series, units = same_units(opened, mask, nan, WHO)
    rows, shown, runs = [], [], []
    for run, values in enumerate(series):
        own = events_in(*_table(tables[run], f"events[{run}]", condition), WHO)
        removed = _confounds(outside[run], len(values), f"confounds[{run}]", notes)
        when = times[run] * np.arange(len(values))
        found, names = rows_of_run(asked, (own, removed), when, values, notes)
        rows.append(found)
        shown += names
        runs += [run + 1] * len(names)
    notes.tell(WHO)
    if not shown:
        raise InputError(f"{WHO}: no volume is covered by an event; look at onsets, tr and lag.")
    return Trials(
        np.concatenate(rows), shown, None, runs if len(series) > 1 else None, units, labels
    )


def _by_run(image: Any, events: Any, confounds: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Images, events and confounds, one of each for a run."""
    given = several(image)
    images = [image] if given is None else given
    if not images:
        raise InputError(f"{WHO} needs at least one image; the list is empty.")
    found = []
    for what, each in (("table(s) of events", events), ("confounds", confounds)):
        # Paths may be a column of a table; two axes of an array are volumes and confounds.
        listed_runs = (several(each) if getattr(each, "ndim", 1) == 1 else None) or [each]
        if each is None:
            listed_runs = [None] * len(images)
        if len(listed_runs) != len(images):
            raise InputError(
                f"{WHO}: {there_are(len(images), 'run')} (images), but {len(listed_runs)} {what}. "
                "Give one for each run, in the same order."
            )
        found.append(list(listed_runs))
    return images, *found


def _table(table: Any, place: str, condition: str) -> tuple[pd.DataFrame, str, str]:
    """A table of events, the column of conditions, and what errors call it."""
    if not isinstance(condition, Hashable):
        raise InputError(f"{WHO}: condition is the name of one column, not {condition!r}.")
    if isinstance(table, pd.DataFrame):
        return table, condition, place
    if not isinstance(table, str | Path):
        raise InputError(f"{WHO}: {place} must be a path or a DataFrame, not {called(table)}.")
    return typed(read_text_table(Path(table)), as_text=(condition,)), condition, str(table)


def _repetition(image: Any, tr: Any, notes: Notes) -> float:
    header = header_time(image)
    if tr is None:
        if header is None:
            raise InputError(
                f"{WHO}: the image does not tell its repetition time; say it in seconds: tr=2.0."
            )
        return repetition_time(header, WHO, IN_HEADER, "Say it in seconds: tr=2.0")
    tr = repetition_time(tr, WHO)
    if header is not None and abs(header - tr) > 1e-3 * tr:
        notes.add(f"the repetition time is {tr:g} s as asked, though the header says {header:g} s")
    return tr


def _confounds(given: Any, n_volumes: int, place: str, notes: Notes) -> Confounds:
    if given is None:
        return Confounds(np.empty((n_volumes, 0)))
    if isinstance(given, str | Path):
        table, place = typed(read_text_table(Path(given))), str(given)
    elif isinstance(given, pd.DataFrame):
        table = given
    else:
        values = np.asarray(given)
        if values.ndim != 2 or values.dtype.kind not in "fiub":
            raise InputError(
                f"{WHO}: {place} must be a table, or numbers of shape (volumes, confounds), not "
                f"{values.dtype} of shape {values.shape}."
            )
        table = pd.DataFrame(values, columns=[f"confound {i}" for i in range(values.shape[1])])
    names = [str(name) for name in table.columns]
    return confounds_in(table.set_axis(names, axis=1), names, n_volumes, place, notes, WHO)
