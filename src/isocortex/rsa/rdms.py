"""The verb ``rdms``: from what layers or regions do to how they tell stimuli apart."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from isocortex.arrays import Array, above_diagonal, as_numpy
from isocortex.choice import choose, listed, named
from isocortex.data.gram import Gram
from isocortex.data.layers_of import Layers, responses_of
from isocortex.data.names import check_same
from isocortex.data.needs import door
from isocortex.data.noise import Noise
from isocortex.data.rdms import RDMs
from isocortex.data.responses import Responses
from isocortex.data.tables import labels_of
from isocortex.data.trials import Trials
from isocortex.errors import InputError, UndefinedError
from isocortex.memory import FEWER, refuse_square, within_memory
from isocortex.numerics.measures.dissimilarity import DISSIMILARITIES, FROM_GRAM, Dissimilarity
from isocortex.progress import Job, Shown
from isocortex.store.grams import products_of
from isocortex.types import MneCovariance, Values

_COPIES = 2
"""Matrices of stimuli x stimuli that are in memory at the same time, at most."""


@door
@within_memory("rdms", FEWER)
def rdms(
    source: Layers | Trials | Iterable[Trials],
    dissimilarity: str | Dissimilarity = "correlation",
    *,
    noise: Noise | Values | MneCovariance | str | None = None,
    progress: Shown = None,
) -> RDMs:
    """Dissimilarities between all pairs of stimuli, one RDM for each layer or region.

    Parameters
    ----------
    source : Responses, Gram, Store, Trials, or a list of them
        All over the same stimuli, in any order; the first one's order is kept. Correlation,
        cosine and Euclidean distances follow from the Gram matrix, which a Store keeps.
    dissimilarity : str or callable, default="correlation"
        ``"correlation"`` (``"pearson"``), ``"cosine"``, ``"euclidean"`` (``"l2"``),
        ``"squared_euclidean"``, ``"manhattan"`` (``"l1"``), or a function that maps an array
        (n_stimuli, n_units) to (n_stimuli, n_stimuli). For Trials also the cross-validated
        ones, such as ``"crossnobis"``.
    noise : Noise, array or covariance of MNE, optional
        For Trials: the noise covariance that distances are normalized by.
    progress : bool or function, optional
        True draws a bar; a function is told each layer, of Trials the times.

    Returns
    -------
    RDMs
        One row for each, with its labels (network, layer, region, subject …).

    Raises
    ------
    UndefinedError
        If a row is constant (correlation) or zero (cosine); the stimuli are named.
    MisalignedError
        If the stimuli differ.
    InputError
        If the dissimilarity is not known, or needs more than a Gram matrix.
    StorageError
        If matrices of stimuli x stimuli do not fit in memory.

    See Also
    --------
    compare : Compares the RDMs of two sides.
    decoding_rdms : Decoding accuracies as dissimilarities.
    gram : What three of the distances follow from.
    plots.rdm : Draws them.

    Examples
    --------
    >>> import isocortex as ic
    >>> v1 = ic.Responses([[1.0, 2.0, 4.0], [0.5, 0.1, 0.9], [3.0, 1.0, 1.0]], ["a", "b", "c"])
    >>> ic.rdms(v1, "euclidean").square().shape
    (1, 3, 3)
    """
    given: Any = list(source) if isinstance(source, Iterator) else source
    if isinstance(given, Trials) or _are_trials(given):
        from isocortex.rsa.crossvalidated import trial_rdms

        return trial_rdms(given, dissimilarity, noise=noise, progress=progress)
    if noise is not None:
        raise InputError(
            "rdms: noise= applies to Trials (mahalanobis, crossnobis …), but the source is "
            f"{type(given).__name__}."
        )
    function = choose(dissimilarity, DISSIMILARITIES, "dissimilarity")
    nouns = responses_of(given, "rdms")
    names = nouns[0].stimuli
    refuse_square("rdms", len(names), _COPIES)
    _refuse_empty(nouns)
    for noun in nouns[1:]:
        check_same(names, noun.stimuli, "rdms")
    name = named(dissimilarity)
    rows = []
    with Job(progress, "rdms", len(nouns)) as job:
        for noun in nouns:
            values = _condensed(noun, function, name)
            same = noun.stimuli == names
            rows.append(values if same else RDMs(values, noun.stimuli).reorder(names).values)
            job.step()
    values = np.concatenate(rows) if len(rows) > 1 else rows[0]
    return RDMs(values, names, labels_of(nouns), name)


def _refuse_empty(nouns: list[Any]) -> None:
    for noun in nouns:
        if not noun.n_stimuli or not noun.n_units:
            raise InputError(
                f"rdms: {noun!r} has nothing to compare: it needs stimuli and units. What selected "
                "them found none?"
            )


def _condensed(noun: Responses | Gram, function: Dissimilarity, name: str) -> np.ndarray:
    from_gram = FROM_GRAM.get(function)
    if from_gram is not None:
        values = noun.values if isinstance(noun, Responses) else None
        with _naming_stimuli(noun):
            return from_gram(products_of(noun, in_turn=True), values)[None]
    square = _square(noun, function, name)
    # Ours are symmetric with zeros on the diagonal; a user's function is checked.
    if function in DISSIMILARITIES.values():
        return above_diagonal(square)[None]
    return RDMs.from_arrays(square, noun.stimuli).values


def _are_trials(source: Any) -> bool:
    members = source.values() if isinstance(source, dict) else source
    return isinstance(source, list | tuple | dict) and any(isinstance(m, Trials) for m in members)


def _square(noun: Responses | Gram, function: Dissimilarity, name: str) -> Array:
    if isinstance(noun, Gram):
        raise InputError(
            f"rdms: {name!r} does not follow from a Gram matrix{_whose(noun)}; pass the Responses."
        )
    # Ours read a lazy layer by blocks; a user's function is given an array.
    own = function in DISSIMILARITIES.values()
    with _naming_stimuli(noun):
        return as_numpy(function(noun.values if own else noun.numpy()))


@contextmanager
def _naming_stimuli(noun: Responses | Gram) -> Iterator[None]:
    """Rows whose distances are undefined are told by name."""
    try:
        yield
    except UndefinedError as error:
        names = [noun.stimuli[row] for row in error.rows]
        raise UndefinedError(
            f"{error}{_whose(noun)}: {len(names)} of {noun.n_stimuli} stimuli, {listed(names)}. "
            "Drop these stimuli, or use 'squared_euclidean'.",
            error.rows,
        ) from None


def _whose(noun: Responses | Gram) -> str:
    return "".join(f" of {key} {value!r}" for key, value in noun.labels.items() if key == "layer")
