"""Kinds of objects: what one brain makes of them, and two networks."""

from dataclasses import dataclass

from isocortex.choice import counted
from isocortex.data.responses import Responses
from isocortex.datasets import simulated
from isocortex.datasets.folders import is_absent, opened, told
from isocortex.store.npz import read_npz

SPACES = ("alexnet", "word2vec")


@dataclass(frozen=True)
class Objects81:
    """81 kinds of objects, as a brain, a network that sees and one that has only read have them.

    Attributes
    ----------
    brain : Responses, shape (81, 696)
        Voxels of one person, each the mean over ten images of a kind; units have the column
        ``region`` (EVC, OPA, PPA, LOC, PFS, OFA, FFA).
    features : tuple of Responses
        Principal components of AlexNet (20) and of word2vec (30), with the label layer.
    simulated : bool
        Whether nobody saw these, and they are a stand-in whose answer is known.

    See Also
    --------
    objects81 : Returns it.
    Images92, Digits : Other data sets.

    Examples
    --------
    >>> import isocortex as ic
    >>> data = ic.datasets.objects81()
    >>> [each.labels["layer"] for each in data.features]
    ['alexnet', 'word2vec']
    """

    brain: Responses
    features: tuple[Responses, ...]
    simulated: bool = False

    def __repr__(self) -> str:
        text = f"{self.brain.n_stimuli} kinds of objects, {counted(self.brain.n_units, 'voxel')}"
        return told(self, text)


def objects81(*, or_simulated: bool = False) -> Objects81:
    """fMRI of 81 kinds of objects in seven regions of one person, and two feature spaces.

    Parameters
    ----------
    or_simulated : bool, default=False
        Whether a small simulated stand-in is returned where the data are not on this machine and
        cannot be fetched; its ``print`` and ``.simulated`` say so.
        Data that are there are always returned, or told to be damaged.
        In it EVC follows AlexNet, PFS word2vec, and LOC both.

    Returns
    -------
    Objects81
        ``.brain`` and ``.features``, which carry the same names of objects.

    Raises
    ------
    NotFoundError, FormatError
        As :func:`fetch`.

    See Also
    --------
    Objects81 : What it returns.
    isocortex.encode, isocortex.partition : What predicts which region.
    images92, digits69 : Other data sets.

    References
    ----------
    .. [1] Bonner & Epstein (2021), Object representations in the human brain reflect the
       co-occurrence statistics of vision and language, Nat. Commun. 12:4081.
       https://doi.org/10.1038/s41467-021-24368-2

    Examples
    --------
    >>> import isocortex as ic
    >>> data = ic.datasets.objects81()
    >>> data
    Objects81(81 kinds of objects, 696 voxels, recorded)
    >>> data.brain.stimuli[:2], sorted(set(data.brain.units["region"]))[:3]
    (('airplane', 'armchair'), ['EVC', 'FFA', 'LOC'])
    """
    from scipy.io import loadmat

    if or_simulated and is_absent("objects81"):
        return Objects81(*simulated.kinds(SPACES), simulated=True)
    with opened("objects81") as folder:
        fields = read_npz(folder / "objects81.npz", "an archive of voxels")
        spaces = {space: loadmat(folder / f"{space}.mat")[space] for space in SPACES}
    names = fields["categories"]
    regions = fields["roi_names"][fields["roi_index"] - 1]
    brain = Responses(fields["betas"], names, {"region": regions}, {"subject": 1})
    features = (Responses(each, names, labels={"layer": name}) for name, each in spaces.items())
    return Objects81(brain, tuple(features))
