"""Two-class linear discriminants of all pairs of conditions, for any assignment to folds.

The plain solver behind :mod:`isocortex.numerics.pairs.leave_pair_out`: one discriminant for each
pair, time and fold, in batches. Without shrinkage it keeps the subspace that scikit-learn's ``svd``
solver keeps; with shrinkage it is the ``lsqr`` solver. Both classes count equally.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from isocortex.arrays import pairs_of
from isocortex.numerics.arrays.centre import without_common
from isocortex.numerics.arrays.constant import is_constant, is_rounding
from isocortex.numerics.arrays.parallel import in_blocks, rows_for
from isocortex.numerics.arrays.small_solves import inverse, inverse_root
from isocortex.numerics.pairs.lda_pairs_regular import MARGIN, SMALLEST, TIE
from isocortex.numerics.pairs.leave_pair_out import leave_pair_out
from isocortex.numerics.pairs.shrinkage import standardized_ledoit_wolf, towards_identity

Shrinkage = float | str | None


@dataclass(frozen=True)
class Folds:
    """Which trials train and which test, as padded tables of positions (-1 where none)."""

    train: np.ndarray
    """Shape (n_conditions, n_folds, most trained on)."""
    test: np.ndarray
    """Shape (n_conditions, n_folds, most tested on)."""

    @classmethod
    def from_codes(cls, condition: np.ndarray, fold: np.ndarray) -> "Folds":
        """From the condition and the fold, 0, 1 …, of each trial."""
        n_conditions, n_folds = condition.max() + 1, fold.max() + 1
        train, test = [], []
        for c in range(n_conditions):
            mine = np.nonzero(condition == c)[0]
            train += [mine[fold[mine] != f] for f in range(n_folds)]
            test += [mine[fold[mine] == f] for f in range(n_folds)]
        return cls(_padded(train, n_conditions), _padded(test, n_conditions))


def _padded(lists: list[np.ndarray], n_conditions: int) -> np.ndarray:
    width = max(len(each) for each in lists)
    table = np.full((len(lists), width), -1, dtype=np.intp)
    for row, each in zip(table, lists, strict=True):
        row[: len(each)] = each
    return table.reshape(n_conditions, -1, width)


def lda_accuracy(
    values: np.ndarray, condition: np.ndarray, fold: np.ndarray, shrinkage: Shrinkage = None
) -> np.ndarray:
    """Accuracy of the linear discriminant of each pair of conditions at each time.

    Parameters
    ----------
    values : array, shape (n_times, n_trials, n_units)
        float64.
    condition : integer array, shape (n_trials,)
        From 0 to n_conditions - 1.
    fold : integer array, shape (n_trials,)
        In which fold a trial is tested.
    shrinkage : None, "auto" or float
        None is scikit-learn's ``svd`` solver; otherwise its ``lsqr`` solver.

    Returns
    -------
    accuracy : array, shape (n_times, n_pairs)
        The mean of the two conditions' shares of trials that were classified correctly, 0 to 1.
    """
    values = _comparable(values)
    folds = Folds.from_codes(condition, fold)
    n_conditions = folds.train.shape[0]
    n_pairs = n_conditions * (n_conditions - 1) // 2
    accuracy = np.zeros((len(values), n_pairs))
    todo = np.ones((len(values), n_pairs), dtype=bool)
    # One trial of each condition in each fold has a closed form; what it is unsure of goes on
    # below.
    pairs_out = folds.test.shape[2] == 1 and folds.test.shape[1] > 2 and (folds.test >= 0).all()
    if pairs_out and not isinstance(shrinkage, str):
        accuracy, todo = leave_pair_out(values[:, folds.test[:, :, 0]], shrinkage)
    times = np.nonzero(todo.any(1))[0]

    def work(block: slice) -> None:
        for t in times[block]:
            chosen = np.nonzero(todo[t])[0]
            for some, fitted in fit_pairs(values[t], folds, chosen, shrinkage):
                accuracy[t, some] = fitted.accuracy(values[t])

    # Steps are pairs at a time, which the closed form has counted already.
    in_blocks(work, len(times), 1, steps=n_pairs if todo.all() else 0)
    return accuracy


def _comparable(values: np.ndarray) -> np.ndarray:
    """Values that give the same decisions, without what would cost them digits.

    Less the mean over trials, in a unit near 1 where squares would be beyond what numbers can
    hold, and without the units that vary at no time.
    """
    varies = ~is_constant(values, 1)
    values = without_common(values)
    constant = ~varies.any(0)
    constant &= varies.any()  # Where all are, one is as good as another.
    if constant.any():
        values = np.ascontiguousarray(values[:, :, ~constant])
    largest = float(np.abs(values).max(initial=0.0))
    if 1e-100 < largest < 1e100 or largest == 0:
        return values
    # By a power of two, which costs no digit: squares neither overflow nor vanish.
    return np.ldexp(values, -int(np.frexp(largest)[1]))


@dataclass(frozen=True)
class Fitted:
    """The discriminants of some pairs in every fold."""

    folds: Folds
    pairs: np.ndarray
    """Conditions, shape (n_pairs, 2)."""
    weights: np.ndarray
    """Shape (n_pairs, n_folds, n_units)."""
    middle: np.ndarray
    """Where the decision is zero, shape (n_pairs, n_folds, n_units)."""
    decide_by_sklearn: Callable[[int, int, np.ndarray], np.ndarray]
    """Decides near ties as scikit-learn's own rounding does."""

    def accuracy(self, x: np.ndarray) -> np.ndarray:
        """Mean of the two conditions' shares of right decisions, shape (n_pairs,)."""
        shares = []
        for side in (0, 1):
            positions = self.folds.test[
                self.pairs[:, side]
            ]  # (n_pairs, n_folds, n_tested), padded with -1
            trials = x[positions]  # (n_pairs, n_folds, n_tested, n_units)
            value = np.einsum("nftp,nfp->nft", trials, self.weights)
            zero = np.einsum("nfp,nfp->nf", self.middle, self.weights)[..., None]
            sizes = np.einsum("nftp,nfp->nft", np.abs(trials), np.abs(self.weights))
            said = value > zero
            # As scikit-learn's rounding has it, so that accuracies agree to the last trial.
            for n, f, k in np.argwhere(np.abs(value - zero) <= TIE * sizes):
                if positions[n, f, k] >= 0:
                    said[n, f, k] = self.decide_by_sklearn(n, f, x[positions[n, f, k]])
            real = positions >= 0
            right = (said == bool(side)) & real
            shares.append(right.sum((1, 2)) / real.sum((1, 2)))
        return (shares[0] + shares[1]) / 2


def fit_pairs(
    x: np.ndarray, folds: Folds, chosen: np.ndarray, shrinkage: Shrinkage
) -> Iterator[tuple[np.ndarray, Fitted]]:
    """Discriminants of the chosen pairs at one time, in blocks of pairs.

    Parameters
    ----------
    x : array, shape (n_trials, n_units)
    folds : Folds
    chosen : integer array
        Positions in the upper triangle.
    shrinkage : None, "auto" or float

    Yields
    ------
    some : integer array
        Of ``chosen``.
    fitted : Fitted
    """
    n_conditions, n_folds, most = folds.train.shape
    pairs = np.stack(pairs_of(n_conditions), 1)[chosen]
    used, places = np.unique(pairs, return_inverse=True)
    places = places.reshape(pairs.shape)
    train = folds.train[used]
    real = (train >= 0)[..., None]
    counts = real.sum((2, 3))
    rows = np.where(real, x[train], 0.0)  # (n_used, n_folds, n_trained, n_units)
    means = rows.sum(2) / counts[..., None]
    rows = np.where(real, rows - means[:, :, None], 0.0)
    sizes = np.abs(x).max(0)
    covariances = None if shrinkage is None else _shrunk(rows, counts, shrinkage, sizes)
    p = x.shape[1]
    width = 2 * most * p if shrinkage is None else p * p
    size = max(1, rows_for(8 * n_folds * (width + p * min(p, 2 * most)), 2**24))
    for start in range(0, len(chosen), size):
        part = slice(start, start + size)
        a, b = places[part].T
        delta, middle = means[b] - means[a], (means[a] + means[b]) / 2
        if covariances is None:
            both = np.concatenate([rows[a], rows[b]], 2)
            weights = _in_subspace(both, delta, counts[a] + counts[b], sizes)
        else:
            weights = _solved((covariances[a] + covariances[b]) / 2, delta)
        decide_by_sklearn = _sklearn_decisions(x, folds, pairs[part], shrinkage)
        yield chosen[part], Fitted(folds, pairs[part], weights, middle, decide_by_sklearn)


def _shrunk(
    rows: np.ndarray, counts: np.ndarray, shrinkage: float | str, sizes: np.ndarray
) -> np.ndarray:
    if shrinkage == "auto":
        return standardized_ledoit_wolf(rows, counts, sizes)
    plain = np.matmul(np.swapaxes(rows, -1, -2), rows) / counts[..., None, None]
    return towards_identity(plain, float(shrinkage))


def _solved(matrices: np.ndarray, delta: np.ndarray) -> np.ndarray:
    root = inverse_root(matrices)
    weights = np.matmul(np.swapaxes(root, -1, -2), np.matmul(root, delta[..., None]))[..., 0]
    for item in np.argwhere(np.isnan(weights).any(-1)):
        place = tuple(item)
        weights[place] = np.linalg.pinv(matrices[place], hermitian=True) @ delta[place]
    return weights


def _in_subspace(
    rows: np.ndarray, delta: np.ndarray, counts: np.ndarray, sizes: np.ndarray
) -> np.ndarray:
    """Weights in the subspace of the standardized training rows, shape (n, n_folds, n_units)."""
    counts = counts.astype(np.float64)[..., None]
    sd = np.sqrt((rows**2).sum(2) / counts)
    sd = np.where(is_rounding(sd, sizes), 1.0, sd)
    z = rows / (sd * np.sqrt(counts))[:, :, None]
    delta = delta / sd
    real = (rows.any(3)).sum(2).max()
    dual = real - 2 < rows.shape[3]
    weights, smallest = (_dual if dual else _primal)(z, delta)
    for n, f in np.argwhere(~(smallest > MARGIN * SMALLEST)):
        weights[n, f] = _by_svd(z[n, f], delta[n, f])
    return weights / sd


def _primal(z: np.ndarray, delta: np.ndarray):
    inv = inverse(np.matmul(np.swapaxes(z, -1, -2), z))
    with np.errstate(all="ignore"):
        return np.matmul(inv, delta[..., None])[..., 0], 1 / np.einsum("...pp->...", inv)


def _dual(z: np.ndarray, delta: np.ndarray):
    gram = np.matmul(z, np.swapaxes(z, -1, -2))
    half = z.shape[-2] // 2
    # Centred rows sum to zero within a class and padding is zero: fill these directions.
    fill, n_filled = np.zeros_like(gram), np.zeros(gram.shape[:-2])
    for part in (slice(0, half), slice(half, None)):
        real = np.any(z[..., part, :] != 0, axis=-1)
        n_real = np.maximum(real.sum(-1), 1)[..., None, None]
        fill[..., part, part] = real[..., :, None] * real[..., None, :] / n_real
        fill[..., part, part] += ~real[..., None] * np.eye(real.shape[-1])
        n_filled += (~real).sum(-1) + 1
    inv = inverse(gram + fill)
    with np.errstate(all="ignore"):
        onto = np.matmul(inv, np.matmul(inv, np.matmul(z, delta[..., None])))
        weights = np.matmul(np.swapaxes(z, -1, -2), onto)[..., 0]
        smallest = 1 / (np.einsum("...nn->...", inv) - n_filled)
    return weights, np.where(smallest > 0, smallest, 0.0)


def _by_svd(z: np.ndarray, delta: np.ndarray) -> np.ndarray:
    _, s, axes = np.linalg.svd(z, full_matrices=False)
    keep = s > np.sqrt(SMALLEST)
    return (axes[keep].T / s[keep] ** 2) @ (axes[keep] @ delta)


def _sklearn_decisions(x: np.ndarray, folds: Folds, pairs: np.ndarray, shrinkage: Shrinkage):
    def decide_by_sklearn(n: int, f: int, trial: np.ndarray) -> np.ndarray:
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        solver = "svd" if shrinkage is None else "lsqr"
        model = LinearDiscriminantAnalysis(solver=solver, shrinkage=shrinkage, priors=[0.5, 0.5])
        train = [each[each >= 0] for each in folds.train[pairs[n], f]]
        sides = np.repeat([0, 1], [len(each) for each in train])
        return model.fit(x[np.concatenate(train)], sides).predict(trial[None])[0] == 1

    return decide_by_sklearn
