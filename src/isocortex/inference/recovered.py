"""Which model was found when which was true, by which comparison."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from isocortex.choice import counted
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.display.shown import shown
from isocortex.inference.cards import of_recovery


@door
@shown(of_recovery)
@dataclass(frozen=True, eq=False, repr=False)
class Recovery:
    """What :func:`recovery` returns: which model is found when which is true.

    Attributes
    ----------
    confusion : Scores
        How often each model scores highest when each is true: axes (comparison, noise, people,
        true, model).
    n : int
        Simulated data sets for each cell.

    See Also
    --------
    recovery : Makes it.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> names = [f"image {i}" for i in range(12)]
    >>> models = ic.RDMs(np.random.default_rng(0).random((2, 66)), names, {"layer": ["a", "b"]})
    >>> found = ic.recovery(models, comparison=["pearson"], noise=[0.0], people=[5], n=10)
    >>> found.table()
      comparison  noise  people true_layer layer  rate   n
    0    pearson    0.0       5          a     a   1.0  10
    1    pearson    0.0       5          a     b   0.0  10
    2    pearson    0.0       5          b     a   0.0  10
    3    pearson    0.0       5          b     b   1.0  10
    """

    confusion: Scores
    n: int

    def table(self) -> pd.DataFrame:
        """One row for each comparison, noise, number of people, true model and chosen model.

        Returns
        -------
        DataFrame
            ``comparison``, ``noise`` (its standard deviation over that of the model), ``people``,
            the labels of the true model with ``true_`` before them, those of the chosen one,
            ``rate`` and ``n``.
        """
        return self.confusion.table().rename(columns={"score": "rate"}).assign(n=self.n)

    def accuracy(self) -> pd.DataFrame:
        """How often the true model is found, over all models.

        Returns
        -------
        DataFrame
            ``comparison``, ``noise``, ``people``, ``rate``, ``error`` (binomial standard error),
            ``chance`` (1 over the number of models) and ``n``, of all simulated data sets.
        """
        m = self.confusion.values.shape[-1]
        kept = self.confusion.replace(
            # The diagonal over true and chosen model.
            values=np.einsum("cnptt->cnp", self.confusion.values) / m,
            tables={d: self.confusion.tables[d] for d in ("comparison", "noise", "people")},
        )
        table = kept.table().rename(columns={"score": "rate"})
        n = m * self.n
        # Binomial standard error.
        error = np.sqrt(table.rate * (1 - table.rate) / n)
        return table.assign(error=error, chance=1 / m, n=n)

    def __repr__(self) -> str:
        table = self.accuracy()
        best = table.iloc[int(table.rate.argmax())]
        shape = self.confusion.values.shape
        return (
            f"Recovery(of {counted(shape[-1], 'model')} by {counted(shape[0], 'comparison')}, "
            f"{counted(self.n, 'data set')} each: "
            f"at best {best.rate:.0%} right, by {best.comparison}; chance {1 / shape[-1]:.0%})"
        )
