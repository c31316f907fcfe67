"""The verb ``noise_ceiling``, for RDMs of subjects and for repeated trials alike."""

from typing import overload

from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.mapping.reliability import reliability
from isocortex.numerics.measures.comparison import Comparison
from isocortex.rsa.ceiling import Ceiling, CeilingCourse, ceilings


@overload
def noise_ceiling(
    data: RDMs, method: str | Comparison | None = None, *, seed: int = 0
) -> Ceiling | CeilingCourse: ...
@overload
def noise_ceiling(data: Trials, method: str | None = None, *, seed: int = 0) -> Scores: ...
@door
def noise_ceiling(
    data: RDMs | Trials, method: str | Comparison | None = None, *, seed: int = 0
) -> Ceiling | CeilingCourse | Scores:
    r"""How well the best possible model could do, given the noise in the data.

    Parameters
    ----------
    data : RDMs or Trials
        RDMs, one for each subject (label ``subject``, where there are several of a subject),
        of one region, at one time or at several; or single trials in which every stimulus comes
        at least twice.
    method : str or callable, optional
        For RDMs a comparison, as in :func:`isocortex.compare`; default ``"spearman"``. For
        Trials ``"split_half"`` (the default) or ``"ncsnr"``.
    seed : int, default=0
        Of the random halves of trials; RDMs need none.

    Returns
    -------
    low, high : float, or arrays of shape (n_times,)
        Of RDMs; at each of their times, in order, where they are of several, as
        ``plots.timecourse(ceiling=)`` takes it. ``low``: each subject's RDM compared with the
        mean of the others'; ``high``: with the mean of all [1]_. RDMs are scaled before
        averaging such that the mean is the best single prediction (for rank methods by the
        usual approximation, mid-ranks). The true model's score is expected between them. Where
        RDMs have gaps, a mean goes over those that have a pair, and a comparison over the pairs
        that both have.
    Scores, axis (unit)
        Of Trials: the reliability of each unit's average over all its repeats (unbiased for
        even, odd and unequal numbers of them, and so at times below 0), with its square root in
        the column ``ceiling``, the highest correlation to be expected of an encoding model [2]_,
        0 where the reliability is not above 0; :func:`isocortex.normalize` takes it.

    Raises
    ------
    InputError
        If there are fewer than two subjects, the RDMs are of several regions or layers, or a
        stimulus was shown only once.

    See Also
    --------
    normalize : Scores of units as a share of their ceiling.
    compare : The scores that the ceiling of RDMs belongs to.
    plots.layers, plots.timecourse : Draw it as a band.

    References
    ----------
    .. [1] Nili et al. (2014), A toolbox for representational similarity analysis, PLoS
       Comput. Biol. 10:e1003553. https://doi.org/10.1371/journal.pcbi.1003553
    .. [2] Allen et al. (2022), A massive 7T fMRI dataset to bridge cognitive neuroscience and
       artificial intelligence, Nat. Neurosci. 25:116. https://doi.org/10.1038/s41593-021-00962-x

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> truth, noise = rng.random(15), 0.2 * rng.random((8, 15))
    >>> brain = ic.RDMs.from_arrays(truth + noise, labels={"subject": range(1, 9)})
    >>> low, high = ic.noise_ceiling(brain)
    >>> 0 < low < high <= 1
    True
    >>> later = [brain.replace(labels=brain.labels.assign(time=t)) for t in (0.0, 0.1)]
    >>> in_time = ic.RDMs.concat(later)
    >>> ic.noise_ceiling(in_time).low.shape
    (2,)
    >>> signal = rng.normal(size=(30, 5))
    >>> voxels = np.concatenate([signal + rng.normal(size=(30, 5)) for _ in range(4)])
    >>> trials = ic.Trials(voxels, [f"image {i}" for i in range(30)] * 4)
    >>> ic.noise_ceiling(trials).columns["ceiling"].shape
    (5,)
    """
    if isinstance(data, RDMs):
        return ceilings(data, method or "spearman")
    if isinstance(data, Trials):
        if callable(method):
            raise InputError(
                "noise_ceiling of Trials knows the methods 'split_half' and 'ncsnr', no function."
            )
        return reliability(data, method or "split_half", seed=seed)
    raise InputError(f"noise_ceiling needs RDMs or Trials, not {type(data).__name__}.")
