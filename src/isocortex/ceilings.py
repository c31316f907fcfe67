"""The verb ``noise_ceiling``, for RDMs of subjects and for repeated trials alike."""

from isocortex.data.rdms import RDMs
from isocortex.errors import InputError
from isocortex.numerics.comparison import Comparison
from isocortex.rsa.ceiling import Ceiling, rdm_ceiling


def noise_ceiling(data: RDMs, comparison: str | Comparison = "spearman") -> Ceiling:
    r"""How well the best possible model could do, given the noise in the data.

    Parameters
    ----------
    data : RDMs
        One for each subject (label ``subject``, where there are several of a subject), of one
        region and time.
    comparison : str or callable, default="spearman"
        As in :func:`isocortex.compare`.

    Returns
    -------
    low, up : float
        ``low``: each subject's RDM compared with the mean of the others'; ``up``: with the
        mean of all. RDMs are scaled before averaging such that the mean is the best single
        prediction (z-scores for Pearson, mid-ranks for rank methods, where it is the usual
        approximation). The true model's score lies between, up to sampling.

    Raises
    ------
    InputError
        If there are fewer than two subjects, or the RDMs are of several regions or times.

    References
    ----------
    .. [1] Nili et al. (2014), A toolbox for representational similarity analysis, PLoS
       Comput. Biol. 10:e1003553. https://doi.org/10.1371/journal.pcbi.1003553
    """
    if isinstance(data, RDMs):
        return rdm_ceiling(data, comparison)
    raise InputError(f"noise_ceiling needs RDMs or Trials, not {type(data).__name__}.")
