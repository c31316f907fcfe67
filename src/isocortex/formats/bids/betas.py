"""Betas of single trials, with the design matrix of nilearn."""

from dataclasses import dataclass

import numpy as np

from isocortex.choice import counted, is_number, one_of
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.formats.bids.confounds import Confounds
from isocortex.formats.bids.events import Events
from isocortex.numerics.linear.single_trials import all_at_once, one_against_others

METHODS = ("lsa", "lss")
OTHERS = ("all", "condition")
_EARLIEST = -24.0
"""Onset in s before which nilearn takes no event."""


@shown()
@dataclass(frozen=True)
class Betas:
    """How single trials are estimated from a time series: one beta for each event.

    The design matrix is that of nilearn's ``make_first_level_design_matrix``, the fit ordinary
    least squares (``noise_model="ols"`` of its ``FirstLevelModel``, of which AR(1) is the
    default).

    Parameters
    ----------
    method : {"lsa", "lss"}, default="lss"
        Least squares of all trials at once, or a fit for each trial beside the others [1]_, in
        closed form.
    others : {"all", "condition"}, default="all"
        The other trials of ``"lss"``: one regressor of all of them, or one for each condition.
    hrf : str, default="spm"
        The haemodynamic response, ``"spm"`` or ``"glover"``.
    high_pass : float, default=0.01
        The cutoff of the cosine drifts, in Hz; 0 for a constant alone.

    Raises
    ------
    InputError
        If a choice is not known, or the cutoff is negative.

    See Also
    --------
    read_bids, read_bold : Take it as ``betas=``.

    References
    ----------
    .. [1] Mumford et al. (2012), Deconvolving BOLD activation in event-related designs for
       multivoxel pattern classification analyses, NeuroImage 59:2636.
       https://doi.org/10.1016/j.neuroimage.2011.08.076

    Examples
    --------
    >>> import isocortex as ic
    >>> ic.Betas("lss", others="condition")
    Betas(method='lss', others='condition', hrf='spm', high_pass=0.01)
    """

    method: str = "lss"
    others: str = "all"
    hrf: str = "spm"
    high_pass: float = 0.01

    def __post_init__(self) -> None:
        one_of(self.method, METHODS, "betas")
        one_of(self.others, OTHERS, "others")
        one_of(self.hrf, ("spm", "glover"), "hrf")
        if not is_number(self.high_pass) or not 0 <= self.high_pass < np.inf:
            raise InputError(f"Betas: high_pass is a frequency in Hz, not {self.high_pass!r}.")


def estimated(
    betas: Betas, events: Events, confounds: Confounds, times: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """The beta of each event in each unit, shape (n_events, n_units).

    Parameters
    ----------
    betas : Betas
    events : Events
    confounds : Confounds
    times : array, shape (n_volumes,)
        In s.
    values : array, shape (n_volumes, n_units)

    Raises
    ------
    InputError
        If a trial cannot be told from others, such as one that ends after the last volume.
    """
    _refuse_outside(events, times)
    trials, nuisance = _design(betas, events, confounds, times)
    values = np.array(values, dtype=np.float64)
    if confounds.kept is not None:
        trials, nuisance, values = (each[confounds.kept] for each in (trials, nuisance, values))
    values -= values.mean(0)  # The constant is in the nuisance: this costs no digit of the rest.
    try:
        if betas.method == "lsa":
            return all_at_once(trials, nuisance, values)
        if betas.others == "all":
            return one_against_others(trials, nuisance, values)
        return _by_condition(events.table["trial_type"].to_numpy(), trials, nuisance, values)
    except np.linalg.LinAlgError as error:
        place = int(error.args[0])
        row = events.table.iloc[place]
        raise InputError(
            f"{events.who}: the trial {row['trial_type']!r} at {row['onset']:g} s cannot be told "
            f"from the others, the drifts and the confounds by {betas.method!r}: its response lies "
            f"outside of the {len(times)} volumes, coincides with others, or is scrubbed wholly. "
            "Leave the event out of the table, or label volumes by lag= instead."
        ) from error


def _refuse_outside(events: Events, times: np.ndarray) -> None:
    """nilearn puts onsets after the last volume at the last volume."""
    onsets = events.table["onset"].to_numpy()
    outside = np.nonzero((onsets > times[-1]) | (onsets <= _EARLIEST))[0]
    if len(outside):
        row = events.table.iloc[int(outside[0])]
        raise InputError(
            f"{events.who}: the trial {row['trial_type']!r} at {row['onset']:g} s lies outside of "
            f"the {counted(len(times), 'volume')}, of which the last is at {times[-1]:g} s, so "
            "that it has no beta. Are onsets in seconds from the first volume?"
        )


def _design(
    betas: Betas, events: Events, confounds: Confounds, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Regressors of trials and of all else, column by column.

    The whole matrix is not asked of nilearn, which changes one that has not full rank.
    """
    from nilearn.glm.first_level import compute_regressor, make_first_level_design_matrix

    boxes = events.table[["onset", "duration"]].to_numpy()
    trials = [
        compute_regressor([[onset], [duration], [1.0]], betas.hrf, times)[0]
        for onset, duration in boxes
    ]
    drifts = make_first_level_design_matrix(
        times, drift_model="cosine" if betas.high_pass else None, high_pass=betas.high_pass
    )
    return np.hstack(trials), np.hstack([drifts.to_numpy(), confounds.values])


def _by_condition(
    shown: np.ndarray, trials: np.ndarray, nuisance: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Each trial beside the others of its condition, and beside each other condition."""
    out = np.empty((len(shown), values.shape[1]))
    for name in dict.fromkeys(shown):
        own = np.nonzero(shown == name)[0]
        sums = [trials[:, shown == each].sum(1) for each in dict.fromkeys(shown) if each != name]
        beside = np.column_stack([nuisance, *sums])
        try:
            out[own] = one_against_others(trials[:, own], beside, values)
        except np.linalg.LinAlgError as error:
            raise np.linalg.LinAlgError(int(own[error.args[0]])) from error
    return out
