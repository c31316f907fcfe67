r"""Weights of several model RDMs that together are most like the data, from Gram matrices alone.

All of it maximizes one function, the mean comparison with the training RDMs,

.. math:: f(\theta) = \frac{\theta^\top b}{\sqrt{\theta^\top A \theta}}

with :math:`A_{kl} = \langle x_k, x_l \rangle` and :math:`b_k = \sum_s u_s \langle x_k, d_s \rangle
/ \|d_s\|`, every product in the metric of the comparison. Problems are stacked along the first
axis, one for each sample or fold.
"""

import numpy as np

ENOUGH = 1e-11
"""A gradient this small against the largest product is none."""
STEPS_FOR_EACH_MODEL = 30
COLLINEAR = 1e-10
"""Models of which a combination of unit length is shorter than the root of this are dependent."""


def weighted(
    products: np.ndarray, with_data: np.ndarray, nonnegative: bool = True, alpha: float = 0.0
) -> np.ndarray:
    r"""Weights of all models, :math:`\theta \propto (A + \alpha I)^{-1} b` in models of unit norm.

    Nonnegative weights are those of nonnegative least squares, whose direction maximizes f
    wherever f can be above 0; where no model has a positive product they are all 0.

    Parameters
    ----------
    products : array, shape (n_problems, n_models, n_models)
        A.
    with_data : array, shape (n_problems, n_models)
        b.
    nonnegative : bool, default=True
    alpha : float, default=0
        Of models that all have the norm 1, whatever their scale.

    Returns
    -------
    array, shape (n_problems, n_models)
        Of length 1, for the models as they are, or 0.
    """
    norms = _norms(products)
    unit = products / (norms[:, :, None] * norms[:, None, :])
    targets = with_data / norms
    if alpha:
        unit = unit + alpha * np.eye(unit.shape[1])
    solve = nonnegative_least_squares if nonnegative else least_squares
    return _of_length_one(solve(unit, targets) / norms)


def selected(products: np.ndarray, with_data: np.ndarray) -> np.ndarray:
    """1 for the model that is most like the data (the first of equals), 0 for all others."""
    alike = with_data / _norms(products)
    return np.eye(alike.shape[1])[alike.argmax(1)]


def interpolated(products: np.ndarray, with_data: np.ndarray) -> np.ndarray:
    """Weights g and 1 - g of the two neighbours between which the best RDM lies.

    Models are in order; the maximum between two of them is where the projection of the data on
    both has positive weights, or else at an end.

    Returns
    -------
    array, shape (n_problems, n_models)
        Nonnegative, of sum 1, 0 but for two neighbours at most.
    """
    norms = _norms(products)
    alike = with_data / norms
    best = selected(products, with_data)
    most = alike.max(1)
    for k in range(products.shape[1] - 1):
        pair = slice(k, k + 2)
        a, b = products[:, pair, pair], with_data[:, pair]
        # The weights but for the determinant, which is positive where neighbours differ.
        first = a[:, 1, 1] * b[:, 0] - a[:, 0, 1] * b[:, 1]
        second = a[:, 0, 0] * b[:, 1] - a[:, 0, 1] * b[:, 0]
        differ = 1 - (a[:, 0, 1] / (norms[:, k] * norms[:, k + 1])) ** 2 > COLLINEAR
        inside = differ & (first > 0) & (second > 0)
        share = np.where(inside, first / np.where(inside, first + second, 1.0), 1.0)
        both = np.stack([share, 1 - share], axis=1)
        length = np.sqrt(np.einsum("ni,nij,nj->n", both, a, both))
        value = np.einsum("ni,ni->n", both, b) / np.where(length > 0, length, 1.0)
        better = inside & (value > most)
        best[better] = 0.0
        best[better, pair] = both[better]
        most = np.where(better, value, most)
    return best


def least_squares(products: np.ndarray, with_data: np.ndarray) -> np.ndarray:
    """The shortest solutions of A x = b, for a stack of Gram matrices of diagonal about 1."""
    values, vectors = np.linalg.eigh(products)
    # Axes shorter than that are dependence: 0 along them gives the shortest solution.
    kept = values > COLLINEAR * values[:, -1:]
    turned = np.einsum("nij,ni->nj", vectors, with_data)
    return np.einsum("nij,nj->ni", vectors, np.where(kept, turned / np.where(kept, values, 1), 0))


def nonnegative_least_squares(products: np.ndarray, with_data: np.ndarray) -> np.ndarray:
    r"""Minimize :math:`x^\top A x - 2 b^\top x` over :math:`x \ge 0`, for a stack of problems.

    The active-set method of Lawson and Hanson on Gram matrices [1]_, one step of all problems at
    a time; it ends also where models are copies or sums of others, since a model whose weight
    would come out at or below 0 is shut out until the solution has changed.

    Parameters
    ----------
    products : array, shape (n_problems, n_models, n_models)
        Of diagonal about 1; rows of models that are all 0 are left out.
    with_data : array, shape (n_problems, n_models)

    Returns
    -------
    array, shape (n_problems, n_models)

    References
    ----------
    .. [1] Bro & de Jong (1997), A fast non-negativity-constrained least squares algorithm, J.
       Chemometr. 11:393.
    """
    n, n_models = with_data.shape
    found = np.zeros((n, n_models))
    open_ = np.arange(n)
    state = _Active(products, with_data)
    for _ in range(STEPS_FOR_EACH_MODEL * max(n_models, 1)):
        ended = state.enter()
        found[open_[ended]] = state.x[ended]
        if ended.all():
            return found
        open_ = open_[~ended]
        state.keep(~ended)
        state.move()
    found[open_] = state.x
    return found


class _Active:
    """Where each problem stands: its solution, its positive models, and who may not enter."""

    def __init__(self, products: np.ndarray, with_data: np.ndarray):
        n, n_models = with_data.shape
        self.a, self.b = products, with_data
        self.x = np.zeros((n, n_models))
        self.positive = np.zeros((n, n_models), dtype=bool)
        self.absent = np.einsum("nii->ni", products) <= 0
        self.shut = self.absent.copy()
        self.entered = np.full(n, -1)
        self.settled = np.ones(n, dtype=bool)
        self.least = ENOUGH * np.abs(with_data).max(1, initial=0.0)

    def keep(self, rows: np.ndarray) -> None:
        if not rows.all():
            for name, value in list(vars(self).items()):
                setattr(self, name, value[rows])

    def enter(self) -> np.ndarray:
        """Let the model of the steepest gradient in; which problems have none, and are solved."""
        gradient = self.b - np.einsum("nij,nj->ni", self.a, self.x)
        gradient[self.positive | self.shut] = -np.inf
        best = gradient.argmax(1)
        rows = np.arange(len(best))
        ended = self.settled & (gradient[rows, best] <= self.least)
        enters = self.settled & ~ended
        self.positive[rows[enters], best[enters]] = True
        self.entered = np.where(enters, best, -1)
        return ended

    def move(self) -> None:
        """Solve for the positive models, and go as far towards it as none becomes negative."""
        target = self._solved()
        rows = np.arange(len(target))
        bad = self.positive & (target <= 0)
        # Let in by rounding, it would leave at once: it stays out until others have moved.
        refused = (self.entered >= 0) & bad[rows, self.entered]
        self.positive[rows[refused], self.entered[refused]] = False
        self.shut[rows[refused], self.entered[refused]] = True
        arrived = ~refused & ~bad.any(1)
        stopped = ~refused & ~arrived
        change = np.where(bad, self.x - target, 1.0)
        # As far as the first weight that would become negative.
        step = np.where(bad, self.x / np.where(change > 0, change, 1.0), np.inf)
        length = np.where(stopped, step.min(1), 1.0)[:, None]
        self.x = np.where(refused[:, None], self.x, self.x + length * (target - self.x))
        out = stopped[:, None] & bad & (step <= length)
        self.positive &= ~out
        self.x[~self.positive] = 0.0
        # Gradients have changed, and who was shut out may enter.
        moved = ~refused & (length[:, 0] > 0)
        self.shut[moved] = self.absent[moved]
        self.settled = refused | arrived

    def _solved(self) -> np.ndarray:
        both = self.positive[:, :, None] & self.positive[:, None, :]
        # Models that are out get a row of the identity, so that all problems are solved at once.
        matrix = np.where(both, self.a, 0.0)
        rows, models = np.nonzero(~self.positive)
        matrix[rows, models, models] = 1.0
        target = np.where(self.positive, self.b, 0.0)
        try:
            found = np.linalg.solve(matrix, target[:, :, None])[:, :, 0]
        except np.linalg.LinAlgError:
            return np.where(self.positive, least_squares(matrix, target), 0.0)
        # Nearly dependent models are solved again, by their eigenvectors.
        left = np.abs(np.einsum("nij,nj->ni", matrix, found) - target).max(1)
        wrong = ~(left <= 1e-9 * np.abs(target).max(1))
        if wrong.any():
            found[wrong] = least_squares(matrix[wrong], target[wrong])
        return np.where(self.positive, found, 0.0)


def _norms(products: np.ndarray) -> np.ndarray:
    """Norms of the models, shape (n_problems, n_models); 1 for one that is all 0."""
    squares = np.einsum("nii->ni", products)
    return np.sqrt(np.where(squares > 0, squares, 1.0))


def _of_length_one(weights: np.ndarray) -> np.ndarray:
    # Models of very different scale have weights whose squares may vanish.
    largest = np.abs(weights).max(1, keepdims=True, initial=0.0)
    weights = weights / np.where(largest > 0, largest, 1.0)
    length = np.sqrt((weights**2).sum(1, keepdims=True))
    return weights / np.where(length > 0, length, 1.0)
