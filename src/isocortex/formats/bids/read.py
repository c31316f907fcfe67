"""The verb ``read_bids``: a study in BIDS, preprocessed by fMRIPrep, as trials."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isocortex.choice import listed
from isocortex.data.needs import door
from isocortex.data.trials import Trials
from isocortex.errors import NotFoundError
from isocortex.formats.bids.betas import Betas
from isocortex.formats.bids.confounds import Choice
from isocortex.formats.bids.names import all_series, asked_of, by_subject, chosen, subjects_of
from isocortex.formats.bids.notes import Notes
from isocortex.formats.bids.runs import Labels, subject_trials
from isocortex.formats.bids.ways import labelling
from isocortex.progress import Job, Shown
from isocortex.types import ImageLike, Values

LAG = 5.0
"""In s: what is taken, and said, where no way to label volumes was named."""


@door
def read_bids(  # noqa: PLR0913
    root: str | Path,
    *,
    task: str | None = None,
    space: str | None = None,
    subjects: str | int | Sequence[str | int] | None = None,
    betas: "str | Betas | None" = None,
    lag: "float | str | None" = None,
    confounds: Choice = None,
    mask: ImageLike | Values | Mapping[str, Any] | None = None,
    condition: str = "trial_type",
    rest: str | None = None,
    entities: Mapping[str, str | Sequence[str]] | None = None,
    derivatives: str | Path = "derivatives/fmriprep",
    nan: str = "error",
    progress: Shown = None,
) -> Trials | list[Trials]:
    """Read a study in BIDS that fMRIPrep has preprocessed: volumes by condition, or betas.

    Of each run the preprocessed time series (``_desc-preproc_bold.nii.gz``, ``.func.gii`` or
    ``.dtseries.nii``), its events and its confounds are found by their names. Nothing is chosen
    in silence: where two spaces, sessions or resolutions fit, it asks; what it does without being
    asked (a lag, confounds that nobody named, gaps in their first volume, volumes left out) is
    told in one warning.

    Parameters
    ----------
    root : path
        The raw study, in which ``sub-01`` … and ``derivatives/`` lie.
    task, space : str, optional
        Such as ``"objects"`` and ``"MNI152NLin2009cAsym"``; needed where there are several.
        The space of files that name none is ``"func"``.
    subjects : str or sequence of str, optional
        With or without ``sub-``. Default all.
    betas : {"lsa", "lss"} or Betas, optional
        One row for each event: its beta, by nilearn's design matrix and least squares.
    lag : float or "hrf", optional
        One row for each volume: it is of the event with
        :math:`onset \\le t - lag < onset + duration`, in s, where volume k was measured at
        :math:`t = k TR + StartTime`; or of the condition whose response, predicted by SPM's
        haemodynamic response function, is largest and above half of its maximum. Default, if
        neither ``betas`` nor ``lag`` is given, 5 s, with a warning.
    confounds : sequence of str, mapping, or {"simple", "scrubbing", "compcor"}, optional
        Columns of fMRIPrep's table; or keywords of nilearn's ``load_confounds``, such as
        ``{"strategy": ("motion", "wm_csf"), "motion": "basic"}``; or one of nilearn's strategies.
        They are regressed out of each run, of which the mean stays, or enter the design matrix.
        ``[]`` for none.
    mask : path, image or array, optional
        As of :func:`read_volumes`, for all subjects; of both hemispheres a mapping. Default:
        where the brain masks of all runs of a subject agree.
    condition : str, default="trial_type"
        The column of the events that says what was shown, such as ``"stim_file"``.
    rest : str, optional
        Keeps volumes that no event covers, under this name; default they are left out.
    entities : mapping, optional
        Other parts of the names: ``{"ses": "1", "res": "2"}``; a list takes several. Without
        ``"hemi"``, the two files of a run on a surface (``hemi-L``, ``hemi-R``) are one
        recording, whose units have ``hemisphere`` and ``vertex``.
    derivatives : path, default="derivatives/fmriprep"
        Where the preprocessed files are, from ``root`` or absolute.
    nan : {"error", "drop"}, default="error"
        As of :func:`read_volumes`.
    progress : bool or function, optional
        True draws a bar; a function is told each run.

    Returns
    -------
    Trials, or list of Trials
        Of one subject; a list, in the order of ``subjects``, where a list was given or all of
        several were read. Runs are numbered as in the names (``ses-1_run-2`` of several
        sessions); the label ``subject`` is that of BIDS, without ``sub-``.

    Raises
    ------
    NotFoundError
        If a folder, or the events or confounds of a run, are not there.
    InputError
        If something fits twice or not at all, a column is not there, events overlap, or a trial
        cannot be told from the others.
    FormatError
        If a table, description or image is damaged, or they have different lengths.

    Warns
    -----
    IsocortexWarning
        With all that was not asked for.

    See Also
    --------
    Betas : How betas are estimated.
    read_bold : Time series and events that are not laid out in BIDS.
    read_volumes : Images with labels of your own.
    clean : Takes trends out; keep volumes of rest by ``rest=`` for it.
    decoding_rdms, rdms, decode : What comes next.

    Notes
    -----
    Betas equal those of nilearn's ``FirstLevelModel(noise_model="ols", drift_model="cosine")``
    with one regressor for each trial, and its loop over trials for ``"lss"``.

    References
    ----------
    .. [1] Esteban et al. (2019), fMRIPrep: a robust preprocessing pipeline for functional MRI,
       Nature Methods 16:111. https://doi.org/10.1038/s41592-018-0235-4
    .. [2] Gorgolewski et al. (2016), The brain imaging data structure, Scientific Data 3:160044.
       https://doi.org/10.1038/sdata.2016.44

    Examples
    --------
    >>> import isocortex as ic
    >>> trials = ic.read_bids(
    ...     "study", task="objects", space="MNI152NLin2009cAsym", betas="lss",
    ...     confounds={"strategy": ("motion",), "motion": "basic"},
    ... )  # doctest: +SKIP
    >>> ic.rdms(trials, "crossnobis")  # doctest: +SKIP
    """
    root = folder_at(Path(root), "root")
    how = LAG if betas is None and lag is None else labelling(betas, lag, "read_bids")
    labels = Labels(how, condition, rest, confounds)
    named = subjects if subjects is None or not isinstance(subjects, str | int) else [subjects]
    folder = folder_at(root / derivatives, "derivatives")
    names = subjects_of(folder, named)
    asked = asked_of(task, space, entities)
    files = by_subject(chosen(all_series(folder, names), asked), names)
    found, notes = [], Notes()
    if betas is None and lag is None:
        notes.add(f"volumes are labelled by onset with a lag of {LAG:g} s (lag=, or betas=)")
    with Job(progress, "read_bids", sum(len(files[name]) for name in names)):
        for name in names:
            own = {"subject": name}
            found.append(subject_trials(root, files[name], mask, nan, labels, own, notes))
    notes.tell("read_bids")
    one = isinstance(subjects, str | int) or (subjects is None and len(found) == 1)
    return found[0] if one else found


def folder_at(path: Path, what: str) -> Path:
    """The folder, if it is there.

    Raises
    ------
    NotFoundError
        With the folders that are there instead.
    """
    if path.is_dir():
        return path
    near = path.parent
    there = [each.name for each in sorted(near.glob("*")) if each.is_dir()] if near.is_dir() else []
    hint = f" In {str(near)!r} there are the folders {listed(there, 12)}." if there else ""
    raise NotFoundError(f"read_bids: {what}: there is no folder {str(path)!r}.{hint}")
