"""The verb ``gram``: a layer's Gram is computed once and kept with its activations."""

from typing import Any

import numpy as np

from isocortex.data.gram import Gram
from isocortex.data.layers_of import responses_of
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.memory import FEWER, refuse_square, within_memory
from isocortex.numerics.arrays import gram as algebra
from isocortex.numerics.arrays.products import Products
from isocortex.numerics.arrays.unmultiplied import gram_in_panels
from isocortex.progress import Job, Shown

_COPIES = 2
"""Matrices that are in memory at the same time, at most."""


@door
@within_memory("gram", FEWER)
def gram(responses: Responses | Gram, *, progress: Shown = None) -> Gram:
    r"""Inner products :math:`K = X X^\top` of all pairs of stimuli, and row sums.

    What all stimuli have in common is taken out before anything is multiplied, and kept, so
    that no digit is lost to a common offset.

    Parameters
    ----------
    responses : Responses, shape (n_stimuli, n_units)
        Of a layer or a region. A Gram is returned as it is. A layer of a Store is read once,
        in blocks; its Gram is kept in the store and served from there later.
    progress : bool or function, optional
        True draws a bar; a function is told when it is done.

    Returns
    -------
    Gram
        ``.matrix`` (n_stimuli, n_stimuli) in float64, ``.row_sums``, ``.n_units``.

    Raises
    ------
    StorageError
        If the matrix does not fit in memory.

    See Also
    --------
    Gram : What it returns.
    rdms, similarity, encode : Take it in place of Responses.
    extract : With ``keep="grams"`` only Gram matrices are stored.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> conv = ic.Responses(np.random.default_rng(0).normal(size=(20, 3000)))
    >>> gram = ic.gram(conv)
    >>> gram.matrix.shape, gram.n_units
    ((20, 20), 3000)
    >>> bool(np.allclose(ic.rdms(gram).values, ic.rdms(conv).values))
    True
    """
    if isinstance(responses, Gram):
        return responses
    products = _multiplied(responses, progress)
    return Gram.from_products(products, responses.stimuli, responses.labels)


def products_of(noun: Responses | Gram, in_turn: bool = False) -> Products:
    """What a Gram is made of, for verbs that need no noun.

    Parameters
    ----------
    noun : Responses or Gram
    in_turn : bool, default=False
        Whether rows and all that follow them are asked for in turn, and never the whole matrix.

    Raises
    ------
    InputError
        If the numbers are so large that their products are not finite.
    """
    if isinstance(noun, Gram):
        return noun.products
    if in_turn and isinstance(noun.values, np.ndarray):
        products = gram_in_panels(noun.values)
        if not isinstance(products.kept, np.ndarray):
            return products
    else:
        products = _multiplied(noun, None)
    if not (np.isfinite(products.sums).all() and np.isfinite(products.shifted).all()):
        return Gram.from_products(products, noun.stimuli, noun.labels).products
    return products


def _multiplied(responses: Responses, progress: Shown) -> Products:
    refuse_square("gram", responses.n_stimuli, _COPIES)
    values = responses.values
    kept = values.kept_gram() if hasattr(values, "kept_gram") else None
    if kept is not None:
        matrix, vectors = kept
        return Products.of_vectors(matrix, vectors, responses.n_units)
    with Job(progress, "gram", 1):
        products = algebra.gram(values)
        if hasattr(values, "keep_gram"):
            values.keep_gram(products.kept, products.vectors)
    return products


def grams(source: Any, who: str = "gram") -> list[Gram]:
    """The Gram of one layer or region, or of each in a list or a Store."""
    return [gram(noun) for noun in responses_of(source, who)]
