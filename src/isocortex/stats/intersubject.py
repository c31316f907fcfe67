"""The verb ``intersubject``: how much of a series people share, and what a model can reach."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from isocortex.choice import counted, listed
from isocortex.data.label_rows import LabelRows
from isocortex.data.names import check_same, positions
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.data.series import runs_of_rows
from isocortex.data.tables import labels_of, unit_rows, with_other_names
from isocortex.errors import InputError, warn
from isocortex.mapping.permutation import Permutation, as_permutation
from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.chance.multiple import fdr, max_p
from isocortex.numerics.chance.permutation import permutation_p
from isocortex.numerics.series.intersubject import Alike, alike, shifted
from isocortex.seeds import generator


@door
def intersubject(
    recordings: Mapping[str, Responses] | Iterable[Responses],
    *,
    permutations: int | Permutation = 0,
) -> Scores:
    r"""Correlate each subject's series with the mean of the others, unit by unit.

    .. math:: r_s = \mathrm{corr}\left(x_s, \frac{1}{S - 1} \sum_{i \ne s} x_i\right)

    of z-scored series. Whatever people share counts: what was heard or seen, and also breathing
    or motion that goes with it. Slow drifts must be removed before, or they are shared as well.

    Parameters
    ----------
    recordings : list or mapping of Responses, each of shape (n_times, n_units)
        One for each subject, of the same rows, which meet by name, and the same units. Subjects
        are called by the label ``subject``, or the key.
    permutations : int or Permutation, default=0
        How often every subject's series is shifted by a random number of rows in each run (the
        column ``run`` of its table), each by its own, for the columns ``p``, ``p_fdr`` and
        ``p_max`` of the mean over subjects.

    Returns
    -------
    Scores, axes (subject, unit)
        Leave-one-out correlations. Columns: ``included`` is r with the mean of all, an upper
        bound; of each unit ``pairwise``, the mean r over pairs; ``fisher``, the leave-one-out
        mean by way of Fisher's z; ``reliability`` of the mean of all S subjects,
        :math:`\alpha = S \bar r / (1 + (S - 1) \bar r)` (Spearman-Brown); ``ceiling_group``,
        :math:`\sqrt \alpha`, which the r of a model of the group's mean can reach; and
        ``ceiling_single``, :math:`\sqrt{\bar r}`, for a model of one subject. Ceilings are NaN
        where :math:`\bar r` is below 0.

    Raises
    ------
    InputError
        If there are fewer than two subjects, one is constant throughout (it is named), or units
        differ.
    MisalignedError
        If the rows differ.

    Warns
    -----
    IsocortexWarning
        If some units are constant in some subject; they have no score in anyone.

    See Also
    --------
    noise_ceiling : Of repeated trials, or of RDMs of subjects.
    normalize : Scores as a share of what noise allows.
    encode : Models whose scores these ceilings bound.
    interval : The mean over subjects with a confidence interval.

    References
    ----------
    Hasson et al. (2004), Intersubject synchronization of cortical activity during natural
    vision, Science 303:1634, https://doi.org/10.1126/science.1089506

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> film, times = rng.normal(size=(200, 1)), [f"volume {i}" for i in range(200)]
    >>> people = [
    ...     ic.Responses(film + rng.normal(size=(200, 1)), times, labels={"subject": name})
    ...     for name in ("ann", "ben", "cat", "dan")
    ... ]
    >>> scores = ic.intersubject(people)
    >>> scores.mean("subject").table()[["score", "pairwise", "ceiling_single"]].round(1)
       score  pairwise  ceiling_single
    0    0.6       0.5             0.7
    """
    nouns = _subjects(recordings)
    names = nouns[0].stimuli
    values = np.stack([_in_order(noun, names) for noun in nouns])
    constant = np.array([is_constant(each) for each in values])  # (n_subjects, n_units)
    labels = _labels(nouns)
    _check_constant(constant, labels.texts("subject"))
    z = values - values.mean(1, keepdims=True)
    size = np.sqrt(np.einsum("stu,stu->su", z, z))
    z /= np.where(constant, 1.0, size)[:, None]
    z[:, :, constant.any(0)] = np.nan
    found = alike(z)
    columns = _columns(found, len(nouns))
    asked, notes = as_permutation(permutations), {"n_subjects": len(nouns)}
    if asked.n:
        columns |= _p(z, found, asked, nouns[0])
        notes |= {"null": "circular", "n_permutations": int(asked.n), "seed": asked.seed}
    units = with_other_names(unit_rows(_without_subject(nouns[0])), labels)
    tables = {"subject": labels, "unit": units}
    return Scores(found.left_out, tables, "pearson", columns, notes)


def _subjects(recordings: Mapping[str, Responses] | Iterable[Responses]) -> list[Responses]:
    if isinstance(recordings, Responses):
        recordings = [recordings]
    keys = list(recordings) if isinstance(recordings, Mapping) else None
    nouns = list(recordings.values() if isinstance(recordings, Mapping) else recordings)
    wrong = [type(each).__name__ for each in nouns if not isinstance(each, Responses)]
    if wrong or len(nouns) < 2:
        raise InputError(
            "intersubject needs Responses of two or more subjects, each with the same rows; got "
            f"{wrong[0] if wrong else len(nouns)}."
        )
    if keys is not None:
        nouns = [
            each.replace(labels={**each.labels, "subject": key})
            for key, each in zip(keys, nouns, strict=True)
        ]
    for other in nouns[1:]:
        check_same(nouns[0].stimuli, other.stimuli, "intersubject")
        if other.n_units != nouns[0].n_units or not _same_units(other, nouns[0]):
            raise InputError(
                f"intersubject: {_called(other)} has other units than {_called(nouns[0])} "
                f"({other.n_units} and {nouns[0].n_units}), so that they cannot be correlated one "
                "by one. Take those in common, in one order, with units_where()."
            )
    return nouns


def _same_units(first: Responses, second: Responses) -> bool:
    told = first.has_unit_table or second.has_unit_table
    return not told or first.units.equals(second.units)


def _called(noun: Responses) -> str:
    return f"subject {str(noun.labels['subject'])!r}" if "subject" in noun.labels else "a recording"


def _in_order(noun: Responses, names: Sequence[str]) -> np.ndarray:
    values = noun.numpy().astype(np.float64, copy=False)
    if noun.stimuli == names:
        return values
    return values[positions(noun.stimuli, names, "intersubject")]


def _labels(nouns: Sequence[Responses]) -> LabelRows:
    rows = labels_of(nouns)
    numbers = LabelRows.of_columns({"subject": range(len(nouns))}, len(nouns))
    return rows.only(["subject"]) if "subject" in rows else numbers


def _without_subject(noun: Responses) -> Responses:
    return noun.replace(labels={k: v for k, v in noun.labels.items() if k != "subject"})


def _check_constant(constant: np.ndarray, names: Sequence[str]) -> None:
    everywhere = [name for name, each in zip(names, constant, strict=True) if each.all()]
    if everywhere:
        raise InputError(
            f"intersubject: the series of subject {listed(everywhere)} is constant in all "
            f"{counted(constant.shape[1], 'unit')}; it says nothing. Leave it out."
        )
    units = constant.any(0)
    if units.any():
        who = [name for name, each in zip(names, constant, strict=True) if each.any()]
        warn(
            f"intersubject: {int(units.sum())} of {constant.shape[1]} units are constant in "
            f"subject {listed(who)}, and have no score in anyone."
        )


def _columns(found: Alike, n: int) -> dict[str, np.ndarray]:
    pairwise = found.pairwise
    with np.errstate(invalid="ignore", divide="ignore"):
        below = 1 + (n - 1) * pairwise
        alpha = n * pairwise / np.where(below > 0, below, np.nan)
        fisher = np.tanh(np.arctanh(found.left_out).mean(0))
        ceilings = np.sqrt(np.where(pairwise >= 0, [alpha, pairwise], np.nan))
    each = {
        "pairwise": pairwise,
        "fisher": fisher,
        "reliability": alpha,
        "ceiling_group": ceilings[0],
        "ceiling_single": ceilings[1],
    }
    return {"included": found.included, **{name: column[None] for name, column in each.items()}}


def _p(z: np.ndarray, found: Alike, asked: Permutation, noun: Responses) -> dict[str, np.ndarray]:
    """p-values of the mean over subjects, by shifts that each subject has for itself."""
    if asked.null not in ("auto", "circular"):
        raise InputError(
            f"intersubject shifts series; null={asked.null!r} would not keep what neighbours in "
            'time share. Take Permutation(n, null="circular").'
        )
    runs = runs_of_rows(noun.table, noun.stimuli, who="intersubject")
    rows = [runs.rows(code) for code in range(len(runs.names))]
    rng = generator(asked.seed)
    null = np.array([alike(shifted(z, rows, rng)).left_out.mean(0) for _ in range(int(asked.n))])
    observed = found.left_out.mean(0)
    p = permutation_p(observed, null)
    largest = np.where(np.isnan(null), -np.inf, null).max(1)
    each = {"p": p, "p_fdr": fdr(p), "p_max": max_p(observed, largest)}
    return {
        name: np.where(np.isnan(observed), np.nan, column)[None] for name, column in each.items()
    }
