"""A stack of representational dissimilarity matrices over the same stimuli."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import array_of, as_numpy, n_of_pairs, pairs_of
from isocortex.choice import also, counted, listed
from isocortex.data.cards import of_rdms
from isocortex.data.door import numeric
from isocortex.data.frames import check_order
from isocortex.data.frozen import held, held_tables, stays_frozen
from isocortex.data.label_rows import LabelRows
from isocortex.data.names import Names, checked_names, positions
from isocortex.data.needs import door
from isocortex.data.pair_table import pairs_in_table
from isocortex.data.plain import letters_or_names
from isocortex.data.rdm_means import groups_of_mean, mean_with_gaps, rows_in
from isocortex.data.rows import chosen_rows
from isocortex.data.squares import condensed, square
from isocortex.data.tables import row_names, rows_where
from isocortex.data.unnamed import is_by_position, names_or_default
from isocortex.data.validation import label_rows_of
from isocortex.display.shown import shown
from isocortex.errors import InputError, UndefinedError
from isocortex.types import Rows, Values


@door
@shown(of_rdms)
@held_tables("labels")
@stays_frozen
@dataclass(frozen=True, eq=False, repr=False, init=False)
class RDMs:
    """Dissimilarities between all pairs of stimuli, one row for each layer, subject or time.

    Parameters
    ----------
    values : array, shape (n_rdms, n_pairs)
        In the order of :func:`scipy.spatial.distance.squareform`: (0, 1), (0, 2) …
    stimuli : sequence of str, length n_stimuli
        With ``n_pairs = n_stimuli (n_stimuli - 1) / 2``.
    labels : DataFrame or mapping, optional
        One row for each RDM; a single value is repeated.
    dissimilarity : str, default=""
        What the numbers are.
    gaps : bool, default=False
        Whether NaN may stand for pairs that were not measured, such as those of stimuli that a
        subject did not see. ``mean`` goes over the RDMs that have a pair; verbs that need all
        pairs refuse gaps.

    Raises
    ------
    InputError
        If the shapes do not fit or a dissimilarity is not finite.

    See Also
    --------
    rdms : Makes them of layers, regions or trials.
    compare : Every RDM of one stack with every RDM of another.
    read_rdms, write_rdms : Keep them in a file.
    plots.rdm : Draws them.

    Examples
    --------
    >>> import isocortex as ic
    >>> names = ["face", "hand", "car"]
    >>> brain = ic.RDMs([[0.1, 0.8, 0.9], [0.2, 0.7, 0.9]], names, {"subject": [1, 2]})
    >>> brain.square()[0]
    array([[0. , 0.1, 0.8],
           [0.1, 0. , 0.9],
           [0.8, 0.9, 0. ]])
    >>> brain.select(subject=2).table()
       subject stimulus other  dissimilarity
    0        2     face  hand            0.2
    1        2     face   car            0.7
    2        2     hand   car            0.9
    """

    values: np.ndarray
    stimuli: Names
    labels: pd.DataFrame
    dissimilarity: str
    gaps: bool

    def __init__(
        self,
        values: Values,
        stimuli: Iterable[object],
        labels: pd.DataFrame | Mapping[str, Any] | None = None,
        dissimilarity: str = "",
        gaps: bool = False,
    ):
        values = np.asarray(as_numpy(numeric(values, "RDMs", gaps)), dtype=np.float64)
        stimuli = letters_or_names(stimuli, "RDMs")
        names = checked_names(stimuli, len(stimuli), "RDMs")
        n_pairs = len(names) * (len(names) - 1) // 2
        if values.ndim != 2 or values.shape[1] != n_pairs:
            raise InputError(
                f"RDMs needs values of shape (n_rdms, {n_pairs}) for "
                f"{counted(len(names), 'stimulus')}, "
                f"not {values.shape}. From square matrices, use RDMs.from_arrays."
            )
        missing = np.isnan(values)
        finite = np.isfinite(values) | missing if gaps else np.isfinite(values)
        if not finite.all():
            bad = np.nonzero(~finite.all(1))[0]
            raise InputError(
                f"RDMs: {len(bad)} of {len(values)} RDMs hold NaN or infinite dissimilarities, "
                f"the first at row {bad[0]}. Drop the stimuli or the RDMs that cause them; where "
                "NaN are pairs that were not measured, say so: gaps=True."
            )
        object.__setattr__(self, "values", held(values))
        object.__setattr__(self, "stimuli", names)
        object.__setattr__(self, "labels", label_rows_of(labels, len(values), "RDMs labels"))
        object.__setattr__(self, "dissimilarity", dissimilarity)
        object.__setattr__(self, "gaps", bool(missing.any()))

    @classmethod
    def from_arrays(
        cls,
        array: Values,
        stimuli: Iterable[object] | None = None,
        labels: pd.DataFrame | Mapping[str, Any] | None = None,
        dissimilarity: str = "",
        gaps: bool = False,
    ) -> "RDMs":
        """RDMs from square or condensed arrays.

        Parameters
        ----------
        array : array, shape (n, n), (n_rdms, n, n), (n_pairs,) or (n_rdms, n_pairs)
            Square matrices must be symmetric with a zero diagonal, or triangles with NaN on the
            other side: a pair that one side knows is known. A DataFrame whose index and
            columns name the stimuli, a list of them, or a DataArray may have the stimuli in any
            order; all are brought into that of the first index. Where ``gaps=True``, entries of
            a masked array that are masked are gaps.
        stimuli : sequence of str, optional
            Default: the names that ``array`` brings, or else ``stimulus 0``, ``stimulus 1`` …,
            which meet those of others by place and say so; ``"by position"`` if that is meant.
        labels : DataFrame or mapping, optional
            Such as ``{"subject": [1, 2, 3], "region": "IT"}``.
        dissimilarity : str, default=""
        gaps : bool, default=False
            Whether NaN may stand for pairs that were not measured.

        Raises
        ------
        InputError
            If a matrix is not symmetric or its diagonal not zero, shapes do not fit, or the
            numbers are complex.
        MisalignedError
            If rows and columns, or several DataFrames, name different stimuli.
        """
        who = "RDMs.from_arrays"
        found = square(array, who, ("rdm", "stimulus", "other"), gaps)
        check_order(found.names, stimuli, who, "stimuli")
        array = np.asarray(as_numpy(found.values), dtype=np.float64)
        n_names = None
        if stimuli is not None and not is_by_position(stimuli):
            stimuli = letters_or_names(stimuli, who)
            n_names = len(stimuli)
        pairs = condensed(array, n_names)
        n = n_of_pairs(pairs.shape[1])
        stimuli = names_or_default(stimuli, found.names, n)
        labels = found.table(0) if labels is None else labels
        kind = dissimilarity or str(found.labels.get("dissimilarity", ""))
        return cls(pairs, stimuli, labels, kind, gaps)

    @classmethod
    def from_table(
        cls,
        table: pd.DataFrame,
        value: str = "dissimilarity",
        stimuli: tuple[str, str] = ("stimulus", "other"),
        dissimilarity: str = "",
        gaps: bool = False,
    ) -> "RDMs":
        """RDMs from a long table, one row for each pair: ratings, or what :meth:`table` gives.

        Parameters
        ----------
        table : DataFrame
        value : str, default="dissimilarity"
            The column of numbers.
        stimuli : (str, str), default=("stimulus", "other")
            The columns that name the two of each pair, in either order.
        dissimilarity : str, default=""
        gaps : bool, default=False
            Whether some may lack pairs, which are gaps then.

        Returns
        -------
        RDMs
            One for each combination of the other columns, which are its labels.

        Raises
        ------
        InputError
            If a column is not there, or a pair comes twice or is missing, unless ``gaps``.

        Examples
        --------
        >>> import pandas as pd
        >>> import isocortex as ic
        >>> ratings = pd.DataFrame(
        ...     {"subject": 1, "a": ["cat", "cat", "dog"], "b": ["dog", "car", "car"],
        ...      "rating": [0.2, 0.9, 0.8]}
        ... )
        >>> ic.RDMs.from_table(ratings, "rating", ("a", "b"))
        RDMs(1 over 3 stimuli, labels: subject)
        """
        values, names, labels = pairs_in_table(table, value, stimuli, gaps)
        return cls(values, names, labels, dissimilarity, gaps)

    @classmethod
    def concat(cls, stacks: "Iterable[RDMs]", join: str = "same") -> "RDMs":
        """One stack of several, aligned by name to the first.

        Parameters
        ----------
        stacks : iterable of RDMs
            Times (label ``time``) that differ by rounding become equal.
        join : {"same", "inner", "outer"}, default="same"
            ``"same"``: all must have the same stimuli. ``"inner"``: those in common to all are
            kept. ``"outer"``: all are kept, and pairs that a stack does not have are gaps (NaN).

        Raises
        ------
        InputError
            If there are none.
        MisalignedError
            If the stimuli differ (``"same"``) or fewer than two are in common (``"inner"``).
        """
        from isocortex.data.joins import joined

        return joined(list(stacks), join)

    @classmethod
    def from_rsatoolbox(cls, rdms: Any, stimuli: str | None = None) -> "RDMs":
        """RDMs of rsatoolbox as RDMs; its descriptors become labels.

        Parameters
        ----------
        rdms : rsatoolbox.rdm.RDMs
            Pairs that are NaN become gaps.
        stimuli : str, optional
            The pattern descriptor that names the stimuli; default one that is called so
            (``stimulus``, ``conds``, ``stim``, ``image`` …), or the only one.

        Raises
        ------
        InputError
            If it is another object, or it is not known what names the stimuli.

        Warns
        -----
        IsocortexWarning
            With descriptors that have no place here, such as further ones of stimuli.
        """
        from isocortex.data.rsatoolbox import of_rdms

        found = of_rdms(rdms, stimuli, "RDMs.from_rsatoolbox")
        names = names_or_default(found.pop("stimuli"), None, int(rdms.n_cond))
        return cls(stimuli=names, **found)

    @property
    def n_rdms(self) -> int:
        """How many RDMs there are."""
        return len(self.values)

    @property
    def n_stimuli(self) -> int:
        """How many stimuli each of them has."""
        return len(self.stimuli)

    @property
    def label_rows(self) -> LabelRows:
        """What ``labels`` is made of, for whoever needs no table."""
        held_rows = self.__dict__["labels"]
        # What was pickled by the release before holds the table itself.
        return held_rows if isinstance(held_rows, LabelRows) else LabelRows.of_frame(held_rows)

    def __len__(self) -> int:
        return self.n_rdms

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return array_of(self.values, dtype, copy)

    def square(self) -> np.ndarray:
        """Symmetric matrices, shape (n_rdms, n_stimuli, n_stimuli), zero on the diagonal."""
        n = self.n_stimuli
        squares = np.zeros((self.n_rdms, n, n))
        rows, columns = pairs_of(n)
        squares[:, rows, columns] = self.values
        squares[:, columns, rows] = self.values
        return squares

    def take(self, stimuli: Rows) -> "RDMs":
        """The stimuli at integer positions, in that order, or where a mask is true."""
        order = chosen_rows(stimuli, self.n_stimuli, "RDMs.take")
        names = [self.stimuli[i] for i in order]
        if len(order) == self.n_stimuli and (order == np.arange(self.n_stimuli)).all():
            return self
        rows, columns = pairs_of(len(order))
        values = self.square()[:, order[rows], order[columns]]
        return RDMs(values, names, self.label_rows, self.dissimilarity, self.gaps)

    def reorder(self, stimuli: Sequence[str]) -> "RDMs":
        """These stimuli in this order, by name."""
        return self.take(positions(self.stimuli, stimuli, "RDMs"))

    def select(self, **labels: Any) -> "RDMs":
        """The RDMs whose labels are these, such as ``select(region="IT")``."""
        known = self.label_rows
        keep = rows_where(known, labels, "RDMs")
        part = known.where(keep)
        return RDMs(self.values[keep], self.stimuli, part, self.dissimilarity, self.gaps)

    def complete(self, who: str) -> "RDMs":
        """These RDMs, if they have no gaps.

        Raises
        ------
        UndefinedError
            With the RDMs and the stimuli concerned, in the name of the verb ``who``.
        """
        if not self.gaps:
            return self
        missing = np.isnan(self.square())
        rows = np.nonzero(missing.any((1, 2)))[0]
        lacking = np.nonzero(missing.sum(2).max(0) > 1)[0]
        raise UndefinedError(
            f"{who}: {len(rows)} of {self.n_rdms} RDMs lack pairs "
            f"({row_names(self.labels, rows.tolist())}), of the stimuli "
            f"{listed(self.stimuli[i] for i in lacking)}. Keep the stimuli that all "
            "have (RDMs.concat(stacks, join='inner')), or take the mean over RDMs: rdms.mean().",
            rows.tolist(),
        )

    def mean(self, over: str | None = None) -> "RDMs":
        """The average over all RDMs, or over a label such as ``"subject"``.

        With gaps, each pair is averaged over the RDMs that have it; what none has stays a gap.

        Parameters
        ----------
        over : str, optional
            One RDM for each combination of the other labels, such as each time of a mean
            subject. Default one RDM of all, with the labels that they share.

        Raises
        ------
        InputError
            If there is no such label.
        """
        groups, labels = groups_of_mean(self.label_rows, self.n_rdms, over)
        values = np.stack([mean_with_gaps(self.values[rows_in(group)]) for group in groups])
        return RDMs(values, self.stimuli, labels, self.dissimilarity, self.gaps)

    def replace(self, **changes: Any) -> "RDMs":
        """The same with other fields: ``rdms.replace(stimuli=names)``."""
        own = {name: getattr(self, name) for name in ("values", "stimuli", "dissimilarity", "gaps")}
        return RDMs(**{"labels": self.label_rows, **own, **changes})

    def to_xarray(self) -> Any:
        """As an ``xarray.DataArray`` (rdm, stimulus, other)."""
        from isocortex.data.xarrays import data_array

        names = pd.DataFrame({"stimulus": self.stimuli})
        tables = {
            "rdm": self.labels,
            "stimulus": names,
            "other": names.rename(columns={"stimulus": "other"}),
        }
        return data_array(self.square(), tables, {"dissimilarity": self.dissimilarity})

    def to_rsatoolbox(self) -> Any:
        """As ``rsatoolbox.rdm.RDMs``; labels are its descriptors of RDMs, names ``stimulus``."""
        from isocortex.data.rsatoolbox import to_rdms

        return to_rdms(self)

    def table(self) -> pd.DataFrame:
        """Long form: one row for each RDM and pair of stimuli."""
        rows, columns = pairs_of(self.n_stimuli)
        names = np.array(self.stimuli, dtype=object)
        long = self.labels.loc[self.labels.index.repeat(len(rows))].reset_index(drop=True)
        return long.assign(
            stimulus=np.tile(names[rows], self.n_rdms),
            other=np.tile(names[columns], self.n_rdms),
            dissimilarity=self.values.ravel(),
        )

    def __repr__(self) -> str:
        known = also("", [self.dissimilarity]) + also("labels: ", self.label_rows)
        return f"RDMs({self.n_rdms} over {counted(self.n_stimuli, 'stimulus')}{known})"
