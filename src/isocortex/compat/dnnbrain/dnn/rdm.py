"""``RDM``: vectors of dissimilarities by key, as in a .rdm.h5 file."""

from typing import Any

import numpy as np

from isocortex.errors import InputError
from isocortex.formats.dnnbrain.rdm import LABELS, format_rdm_h5, n_items, parse_rdm_h5


class RDM:
    """Representational dissimilarities of regions (``"bRDM"``) or layers (``"dRDM"``).

    Attributes
    ----------
    rdm_type : str
        ``"bRDM"`` or ``"dRDM"``; set it before RDMs are set.
    """

    def __init__(self) -> None:
        self.rdm_type: str | None = None
        self._rdm_dict: dict[str, np.ndarray] = {}

    def load(self, fname: Any) -> None:
        """Read a .rdm.h5 file."""
        self.rdm_type, self._rdm_dict = parse_rdm_h5(fname)

    def save(self, fname: Any) -> None:
        """Write a .rdm.h5 file."""
        format_rdm_h5(self._kind(), self._rdm_dict, fname)

    @property
    def keys(self) -> list[str]:
        """Labels of regions, or names of layers."""
        return list(self._rdm_dict)

    @property
    def n_item(self) -> int:
        """The number of stimuli (of the first key)."""
        if not self._rdm_dict:
            raise InputError("This RDM is empty; load or set one first.")
        return n_items(next(iter(self._rdm_dict.values())).shape[-1])

    def get(self, key: str, triu: bool = False) -> np.ndarray:
        """The dissimilarities of a region or layer.

        Parameters
        ----------
        key : str
        triu : bool, default=False
            True: the vectors, (n_pairs,) of a bRDM, (n_iterations, n_pairs) of a dRDM. False:
            squares (n, n) or (n_iterations, n, n) whose **upper triangle** alone is filled;
            ``a + a.T`` is symmetric.
        """
        if key not in self._rdm_dict:
            raise InputError(f"There is no RDM {key!r}; there are {', '.join(self._rdm_dict)}.")
        vectors = self._rdm_dict[key]
        if triu:
            return vectors
        n = n_items(vectors.shape[-1])
        squares = np.zeros((*vectors.shape[:-1], n, n))
        squares[..., *np.triu_indices(n, 1)] = vectors
        return squares

    def set(self, key: str, rdm_arr: Any, triu: bool = False) -> None:
        """Set a region or layer, from vectors or from squares (of which the upper half counts)."""
        array = np.asarray(rdm_arr, dtype=np.float64)
        axes = {"bRDM": 1, "dRDM": 2}[self._kind()] + (not triu)
        square = triu or (array.ndim >= 2 and array.shape[-1] == array.shape[-2])
        if array.ndim != axes or not square:
            raise InputError(
                f"A {self.rdm_type} with triu={triu} needs {axes} axes"
                f"{'' if triu else ', the last two equal'}; {key!r} has shape {array.shape}."
            )
        if not triu:
            array = array[..., *np.triu_indices(array.shape[-1], 1)]
        n_items(array.shape[-1])
        self._rdm_dict[key] = array

    def _kind(self) -> str:
        if self.rdm_type not in LABELS:
            raise InputError(f"Set rdm_type to 'bRDM' or 'dRDM' first; it is {self.rdm_type!r}.")
        return self.rdm_type
