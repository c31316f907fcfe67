"""The verb ``fuse``: when (M/EEG) is the brain like where (fMRI)?"""

import numpy as np

from isocortex.data.align import aligned
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.errors import InputError, UndefinedError
from isocortex.numerics.arrays.constant import is_constant, is_rounding
from isocortex.numerics.arrays.ranks import midranks
from isocortex.numerics.measures.comparison import Comparison
from isocortex.rsa.compare import compare


@door
def fuse(
    rdms_over_time: RDMs,
    rdms_of_regions: RDMs,
    comparison: str | Comparison = "spearman",
    *,
    model: RDMs | None = None,
) -> Scores:
    r"""Likeness of every time of a recording and every region of another, by their RDMs.

    Parameters
    ----------
    rdms_over_time : RDMs
        With the label ``time``, and any others (subject).
    rdms_of_regions : RDMs
        With the label ``region``, and any others, over the same stimuli.
    comparison : str or callable, default="spearman"
        As in :func:`compare`.
    model : RDMs, optional
        A single RDM, such as that of a network layer. Then scores have the column
        ``commonality``: the squared (rank) correlation of time and region that is shared with
        the model, :math:`R^2_t(r) + R^2_t(m) - R^2_t(r, m) = r^2_{tr} - r^2_{t(r.m)}`, where the
        second correlation has the model taken out of the region (semipartial). It can be
        negative, and is all of :math:`r^2_{tr}` for a region whose RDM is the model.

    Returns
    -------
    Scores, axes (time, region)
        The first axis has the labels of the recording over time, the second those of the
        regions; a label of both is called ``other_…`` for the second.

    Raises
    ------
    MisalignedError
        If the stimuli differ.
    InputError
        If the label ``time`` is absent, or ``model`` is more than one RDM.
    UndefinedError
        If an RDM is constant; that of the model, too.

    See Also
    --------
    compare : Of any two stacks of RDMs.
    decoding_rdms : RDMs over time.
    clusters : When the fusion differs from chance.
    plots.timecourse : Draws it.

    References
    ----------
    .. [1] Cichy & Oliva (2020), A M/EEG-fMRI fusion primer, Neuron 107:772.
       https://doi.org/10.1016/j.neuron.2020.07.001
    .. [2] Hebart, Bankson, Harel, Baker & Cichy (2018), The representational dynamics of task
       and object processing in humans, eLife 7:e32816. https://doi.org/10.7554/eLife.32816

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = ["face", "hand", "car", "house", "tree"]
    >>> early, late = rng.random((2, 10))
    >>> regions = ic.RDMs([early, late], names, {"region": ["EVC", "IT"]})
    >>> meg = [early + 0.1 * rng.random(10), late + 0.1 * rng.random(10)]
    >>> meg = ic.RDMs(meg, names, {"time": [0.1, 0.2]})
    >>> ic.fuse(meg, regions, "pearson").values.argmax(axis=1)
    array([0, 1])
    """
    if "time" not in rdms_over_time.label_rows:
        raise InputError(
            "fuse: the first RDMs need the label 'time', as ic.decoding_rdms(trials) gives it."
        )
    scores = compare(rdms_over_time, rdms_of_regions, comparison)
    axes = dict(zip(("time", "region"), scores.tables.all_rows().values(), strict=True))
    scores = scores.replace(tables=axes)
    if model is None:
        return scores
    if model.n_rdms != 1:
        raise InputError(f"fuse: model must be a single RDM, not {model.n_rdms}; use select.")
    rdms_over_time = rdms_over_time.complete("fuse")
    regions = aligned(rdms_over_time, rdms_of_regions.complete("fuse"), who="fuse")[1].values
    third = aligned(rdms_over_time, model.complete("fuse"), who="fuse")[1].values
    if is_constant(third, 1).any():
        raise UndefinedError(
            "fuse: the model's RDM is constant, so that nothing can be shared with it.", [0]
        )
    times = rdms_over_time.values
    if comparison == "spearman":
        times, regions, third = midranks(times), midranks(regions), midranks(third)
    elif comparison != "pearson":
        raise InputError("fuse: a model needs comparison='spearman' or 'pearson'.")
    return scores.replace(columns={"commonality": _commonality(times, regions, third)})


def _commonality(times: np.ndarray, regions: np.ndarray, model: np.ndarray) -> np.ndarray:
    """Squared correlation less the squared semipartial one, shape (n_times, n_regions)."""
    x, y, m = (_standard(each) for each in (times, regions, model))
    rest = y - (y @ m.T) @ m
    # What the model leaves of a region can be rounding of the numbers that were compared.
    none = is_rounding(np.abs(rest).max(1), _size(regions) + _size(model))
    lengths = np.where(none, np.inf, np.linalg.norm(rest, axis=1))
    return (x @ y.T) ** 2 - (x @ rest.T / lengths) ** 2


def _standard(rows: np.ndarray) -> np.ndarray:
    """Mean zero and length one."""
    centred = rows - rows.mean(1, keepdims=True)
    return centred / np.linalg.norm(centred, axis=1, keepdims=True)


def _size(rows: np.ndarray) -> np.ndarray:
    """The largest number of each row, in units of its length after centring."""
    centred = rows - rows.mean(1, keepdims=True)
    return np.abs(rows).max(1) / np.linalg.norm(centred, axis=1)
