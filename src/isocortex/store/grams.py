"""The verb ``gram``: a layer's Gram is computed once and kept with its activations."""

from typing import Any

from isocortex.data.collect import each
from isocortex.data.gram import Gram
from isocortex.data.responses import Responses
from isocortex.numerics import gram as algebra


def gram(responses: Responses | Gram) -> Gram:
    r"""Inner products :math:`K = X X^\top` of all pairs of stimuli, and row sums.

    Parameters
    ----------
    responses : Responses, shape (n_stimuli, n_units)
        Of a layer or a region. A Gram is returned as it is. A layer of a Store is read once,
        in blocks; its Gram is kept in the store and served from there later.

    Returns
    -------
    Gram
        ``.matrix`` (n_stimuli, n_stimuli) in float64, ``.row_sums``, ``.n_units``.
    """
    if isinstance(responses, Gram):
        return responses
    values = responses.values
    kept = values.kept_gram() if hasattr(values, "kept_gram") else None
    matrix, sums = algebra.gram(values) if kept is None else kept
    if kept is None and hasattr(values, "keep_gram"):
        values.keep_gram(matrix, sums)
    return Gram(matrix, sums, responses.n_units, responses.stimuli, responses.labels)


def grams(source: Any, who: str = "gram") -> list[Gram]:
    """The Gram of every layer or region in a noun, a list or a Store."""
    return [gram(noun) for noun in each(source, who)]
