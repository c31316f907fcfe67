"""The verb ``similarity``: CKA and its kin, straight from Gram matrices."""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from isocortex.choice import choose, named
from isocortex.data.align import aligned
from isocortex.data.gram import Gram
from isocortex.data.layers_of import Layers, responses_of
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.data.tables import labels_of, with_other_names
from isocortex.errors import UndefinedError
from isocortex.numerics.arrays.gram import centre
from isocortex.numerics.arrays.products import entry_size
from isocortex.numerics.arrays.rank import least_variance
from isocortex.numerics.measures.similarity import SIMILARITIES, Similarity
from isocortex.progress import Job, Shown
from isocortex.rsa.compare import numbered_rows
from isocortex.store.grams import gram


@door
def similarity(
    first: Layers,
    second: Layers,
    measure: str | Similarity = "cka",
    *,
    progress: Shown = None,
) -> Scores:
    """How alike each representation of one side is to each of another.

    Parameters
    ----------
    first, second : Responses, Gram, Store, or a list of them
        Over the same stimuli, in any order.
    measure : str or callable, default="cka"
        ``"cka"``, ``"cka_unbiased"``, ``"procrustes"``, ``"cca"``, ``"rv"``, or a function of
        two lists of centred Gram matrices that returns (n_first, n_second).
    progress : bool or function, optional
        True draws a bar; a function is told each representation.

    Returns
    -------
    Scores, axes (first, second)
        A label that both sides have is called ``other_…`` for the second.

    Raises
    ------
    MisalignedError
        If the stimuli differ.
    UndefinedError
        If a representation does not vary, or CCA has as many units as stimuli.

    See Also
    --------
    compare : By RDMs instead.
    gram : What the measures rest on.
    encode : Predicts unit for unit.

    Examples
    --------
    >>> import isocortex as ic
    >>> v1 = ic.Responses([[1.0, 2.0], [0.5, 0.1], [3.0, 1.0]], ["a", "b", "c"])
    >>> round(float(ic.similarity(v1, v1, "cka").values[0, 0]), 6)
    1.0
    """
    function = choose(measure, SIMILARITIES, "measure")
    nouns = [responses_of(first, "similarity")]
    nouns.append(nouns[0] if second is first else responses_of(second, "similarity"))
    with Job(progress, "similarity", sum(map(len, nouns)) + 1) as job:
        centred = _centred_once(nouns, job)
        try:
            values = np.asarray(function(*centred))
        except UndefinedError as error:
            raise UndefinedError(f"similarity: {error}.", error.rows) from None
    tables = [numbered_rows(labels_of(side), "representation") for side in nouns]
    return Scores(
        values,
        {"first": tables[0], "second": with_other_names(tables[1], tables[0])},
        named(measure),
    )


def _centred_once(nouns: Sequence[Sequence[Responses | Gram]], job: Job) -> list[list[np.ndarray]]:
    """Centred Grams of both sides over the same stimuli; one for what stands on both."""
    known: dict[int, np.ndarray] = {}
    anchor = None
    for noun in chain(*nouns):
        if id(noun) not in known:
            kernel = gram(noun)
            anchor = anchor or kernel
            known[id(noun)] = _centred(aligned(anchor, kernel, who="similarity")[1])
        job.step()
    first = [known[id(noun)] for noun in nouns[0]]
    return [first, first if nouns[1] is nouns[0] else [known[id(noun)] for noun in nouns[1]]]


def _centred(kernel: Gram) -> np.ndarray:
    """Products of rows less their mean over stimuli, of a representation that has any left.

    Raises
    ------
    UndefinedError
        If what is left is what rounding makes of rows that are all the same.
    """
    matrix = kernel.products.shifted
    if kernel.products.is_raw and not np.array_equal(matrix, matrix.T):
        matrix = (matrix + matrix.T) / 2  # A user's may be symmetric to rounding of float32 only.
    centred = centre(matrix)
    left = float(centred.diagonal().max(initial=0.0))
    if left <= least_variance(0.0, kernel.n_stimuli, entry_size(kernel.products)):
        who = "".join(f" of {key} {value!r}" for key, value in kernel.labels.items())
        raise UndefinedError(
            f"similarity is undefined for a representation that does not vary over the stimuli: "
            f"that{who or ' given'} has the same row for all {kernel.n_stimuli} stimuli, to "
            "rounding. Leave it out."
        )
    return centred
