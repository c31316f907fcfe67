"""The Gram matrix of a layer or region: all that most analyses need of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from isocortex.arrays import Array, array_of, as_numpy
from isocortex.choice import counted
from isocortex.data.cards import of_gram
from isocortex.data.door import given
from isocortex.data.frames import check_order
from isocortex.data.frozen import frozen, held, stays_frozen, with_own
from isocortex.data.names import Names, checked_names
from isocortex.data.needs import door
from isocortex.data.rows import chosen_rows
from isocortex.data.squares import square
from isocortex.data.unnamed import names_or_default
from isocortex.data.validation import finite_rows
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.numerics.arrays.products import Products
from isocortex.types import Rows


@door
@shown(of_gram)
@stays_frozen
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Gram:
    r"""Inner products of the rows of a response matrix, :math:`K = X X^\top`.

    What :func:`gram` makes of Responses holds the products of rows without what they have in
    common, and without their own levels where hardly anything else is in them, and both beside
    them: no digit is lost to a common offset, and none of a correlation to those of rows. One
    that is made from a matrix of raw products has the digits that these have: where all rows share
    a part that is 1e4 times what tells them apart, eight of sixteen are lost.

    Parameters
    ----------
    matrix : array, shape (n_stimuli, n_stimuli)
        :math:`K`, symmetric, not centred.
    row_sums : array, shape (n_stimuli,)
        :math:`s = X 1`, which correlation distances need.
    n_units : int
        How many columns ``X`` had.
    stimuli : sequence of str, length n_stimuli
        Default: the index of a DataFrame, or ``stimulus 0``, ``stimulus 1`` …
    labels : mapping, optional
        What is true of all of it, such as ``{"network": "alexnet", "layer": "fc6"}``.

    Attributes
    ----------
    products : Products
        What is kept.

    Raises
    ------
    InputError
        If the shapes do not fit, or the matrix is not symmetric and finite.

    See Also
    --------
    gram : Makes one of Responses without losing digits to a common offset.
    rdms, similarity, encode : Take one in place of Responses.

    Examples
    --------
    >>> import isocortex as ic
    >>> layer = ic.Responses([[1.0, 2.0, 3.0], [0.0, 1.0, 1.0]], ["cat", "dog"])
    >>> gram = ic.gram(layer)
    >>> gram.matrix
    array([[14.,  5.],
           [ 5.,  2.]])
    >>> gram.n_units, gram.row_sums
    (3, array([6., 2.]))
    """

    products: Products
    stimuli: Names
    labels: Mapping[str, Any]

    def __init__(
        self,
        matrix: Array,
        row_sums: Array,
        n_units: int,
        stimuli: Iterable[object] | None = None,
        labels: Mapping[str, Any] | None = None,
    ):
        found = square(matrix, "Gram", ("stimulus", "other"))
        check_order(found.names, row_sums, "Gram", "row_sums")
        check_order(found.names, stimuli, "Gram", "stimuli")
        matrix, row_sums = found.values, given(row_sums, "Gram row_sums", ("stimulus",)).values
        n = len(row_sums) if tuple(row_sums.shape) else 0
        if tuple(matrix.shape) != (n, n) or tuple(row_sums.shape) != (n,):
            raise InputError(
                f"Gram needs a square matrix and one row sum for each row, not shapes "
                f"{tuple(matrix.shape)} and {tuple(row_sums.shape)}."
            )
        products = Products.of_raw(as_numpy(matrix), as_numpy(row_sums), int(n_units))
        stimuli = names_or_default(stimuli, found.names, n)
        self._set(products, stimuli, with_own(found.labels, labels, "Gram"))

    @classmethod
    def from_products(
        cls,
        products: Products,
        stimuli: Iterable[object],
        labels: Mapping[str, Any] | None = None,
    ) -> "Gram":
        """From products whose common pattern was taken out.

        Raises
        ------
        InputError
            If they are not symmetric and finite, or not of these stimuli.
        """
        made = cls.__new__(cls)
        made._set(products, stimuli, labels)
        return made

    def _set(
        self, products: Products, stimuli: Iterable[object], labels: Mapping[str, Any] | None
    ) -> None:
        matrix, n = products.shifted, len(products.sums)
        names = checked_names(stimuli, n, "Gram")
        finite_rows(products.sums, names, "Gram")
        finite_rows(matrix, names, "Gram")
        scale = float(abs(matrix).max()) if n else 0.0
        if float(abs(matrix - matrix.T).max() if n else 0.0) > 1e-5 * scale:
            raise InputError("Gram needs a symmetric matrix; this one is not.")
        object.__setattr__(self, "products", _held(products))
        object.__setattr__(self, "stimuli", names)
        object.__setattr__(self, "labels", frozen(labels))

    @property
    def matrix(self) -> np.ndarray:
        """:math:`K`, not centred, shape (n_stimuli, n_stimuli), float64.

        Raises
        ------
        UndefinedError
            If the squares are beyond what floating-point numbers can hold.
        """
        return self.products.in_own_unit(self.products.raw(), "the inner products")

    @property
    def row_sums(self) -> np.ndarray:
        """The sum of each stimulus over units, :math:`X 1`, shape (n_stimuli,)."""
        known = self.products
        return known.row_means() * known.n_units * known.unit

    @property
    def n_units(self) -> int:
        """How many columns X had."""
        return self.products.n_units

    @property
    def n_stimuli(self) -> int:
        """The number of rows and columns."""
        return len(self.stimuli)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return array_of(self.matrix, dtype, copy)

    def take(self, rows: Rows) -> "Gram":
        """The stimuli at integer positions, in that order, or where a mask is true."""
        rows = chosen_rows(rows, self.n_stimuli, "Gram.take")
        names = [self.stimuli[i] for i in rows]
        return Gram.from_products(self.products.take(rows), names, self.labels)

    def __repr__(self) -> str:
        labels = "".join(f", {key}={value!r}" for key, value in self.labels.items())
        n_stimuli, n_units = counted(self.n_stimuli, "stimulus"), counted(self.n_units, "unit")
        return f"Gram({n_stimuli}, of {n_units}{labels})"


def _held(products: Products) -> Products:
    """The same, whose arrays nobody writes to."""
    arrays = {
        each.name: held(getattr(products, each.name))
        for each in fields(products)
        if isinstance(getattr(products, each.name), np.ndarray)
    }
    return replace(products, **arrays)
