"""Which estimators are known: ours, and scikit-learn's that are the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from isocortex.errors import InputError


@dataclass(frozen=True, eq=False)
class Recipe:
    """A known model, in the terms in which it is fitted."""

    kind: str
    """``"least squares"``, ``"ridge"``, ``"pls"`` or ``"tail"`` (an estimator after a PCA)."""
    name: str
    """What the user wrote, in short."""
    n_components: int | None = None
    share: float | None = None
    """Of variance that the components must hold, instead of their number."""
    ddof: int | None = None
    """Where features are z-scored on the training stimuli: 0, or 1 for PLS; None: not scaled."""
    alphas: np.ndarray = field(default_factory=lambda: np.ones(1))
    fixed: np.ndarray | None = None
    """A fixed penalty for each target, shape (n_targets,), in place of ``alphas``."""
    per_target: bool = True
    inner: Any = 5
    """``"loo"``, ``"gcv"``, or the inner folds."""
    by_r2: bool = False
    """Whether inner folds compare by r2 (as GridSearchCV does) or by squared error."""
    whiten: bool = False
    tail: Any = None

    @property
    def n_penalties(self) -> int:
        """How many penalties a ridge has, to choose from or one for each target."""
        return len(self.alphas if self.fixed is None else self.fixed)


def recognise(model: Any) -> Recipe | None:
    """The recipe of a known model, or None.

    Raises
    ------
    InputError
        If it is no estimator, or a parameter of it cannot be used.
    """
    if not (hasattr(model, "fit") and hasattr(model, "predict")) or isinstance(model, type):
        raise InputError(
            f"model={model!r} is not an estimator: it needs fit and predict. Take OLS(), PCR(100), "
            "Ridge(alphas), PLS(10), or any scikit-learn estimator, made (with its brackets)."
        )
    steps = _steps(model)
    name = " + ".join(_called(step) for step in steps)
    if len(steps) == 1:
        return _alone(model, name)
    first = steps[0]
    if _is(first, "StandardScaler") and first.with_mean and first.with_std:
        return _scaled(steps[1:], name)
    return _after_pca(steps, name)


def checked_alphas(alphas: Any) -> np.ndarray:
    """The penalties as an array, shape (n_alphas,).

    Raises
    ------
    InputError
        If there are none, or one is not a number above 0.
    """
    try:
        found = np.atleast_1d(np.asarray(alphas, dtype=np.float64))
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.ndim != 1 or not len(found) or not (np.isfinite(found) & (found > 0)).all():
        raise InputError(
            f"Ridge needs one or more penalties above 0, not alphas={alphas!r}. For no penalty, "
            "take OLS(); for a fixed one for each target, an array of shape (1, n_targets)."
        )
    return found


def _scaled(steps: list[Any], name: str) -> Recipe | None:
    inner = _alone(steps[0], name) if len(steps) == 1 else _after_pca(steps, name)
    # Scaling twice is not the same as scaling once with another divisor.
    return replace(inner, ddof=0) if inner is not None and inner.ddof is None else None


def _after_pca(steps: list[Any], name: str) -> Recipe | None:
    pca, rest = steps[0], steps[1:]
    if not _is(pca, "PCA") or not rest:
        return None
    size = _components(pca.n_components)
    if size is None:
        return None
    recipe = _alone(rest[0], name) if len(rest) == 1 and not pca.whiten else None
    fits = recipe is not None and (
        recipe.kind == "least squares"
        or (recipe.kind == "ridge" and (recipe.n_penalties == 1 or recipe.inner in ("loo", "gcv")))
    )
    if recipe is not None and fits and recipe.n_components is None and recipe.share is None:
        return replace(recipe, **size)
    return Recipe("tail", name, **size, whiten=bool(pca.whiten), tail=_pipeline(rest))


def _components(wanted: Any) -> dict[str, Any] | None:
    if isinstance(wanted, int | np.integer) and wanted > 0:
        return {"n_components": int(wanted)}
    if isinstance(wanted, float) and 0 < wanted < 1:
        return {"share": float(wanted)}
    return None


def _alone(model: Any, name: str) -> Recipe | None:
    make = RECIPES.get(_full_name(model))
    return make(model, name) if make else None


def _ols(model: Any, name: str) -> Recipe:  # noqa: ARG001
    return Recipe("least squares", name)


def _pcr(model: Any, name: str) -> Recipe:
    size = _components(model.n_components)
    if size is None:
        raise InputError(
            f"PCR(n_components={model.n_components!r}): give a number of components above 0, or "
            "a share of variance between 0 and 1."
        )
    return Recipe("least squares", name, **size)


def _own_ridge(model: Any, name: str) -> Recipe:
    inner = model.inner
    known = isinstance(inner, int | np.integer) or inner in ("loo", "gcv")
    if isinstance(inner, str) and not known:
        raise InputError(
            f"Ridge(inner={inner!r}) is not known; take 'loo', 'gcv', a number of folds or a "
            "scikit-learn splitter."
        )
    if _is_one_row(model.alphas):
        return Recipe("ridge", name, fixed=checked_alphas(model.alphas[0]))
    alphas = checked_alphas(model.alphas)
    return Recipe("ridge", name, alphas=alphas, per_target=model.per_target, inner=inner)


def _is_one_row(alphas: Any) -> bool:
    try:
        return np.ndim(alphas) == 2 and len(alphas) == 1
    except ValueError:  # Rows of unequal length.
        return False


def _own_pls(model: Any, name: str) -> Recipe:
    size = _components(model.n_components)
    if size is None or "share" in size:
        raise InputError(f"PLS(n_components={model.n_components!r}) needs a number above 0.")
    return Recipe("pls", name, **size, ddof=1 if model.scale else None)


def _linear_regression(model: Any, name: str) -> Recipe | None:
    return Recipe("least squares", name) if model.fit_intercept and not model.positive else None


def _sklearn_ridge(model: Any, name: str) -> Recipe | None:
    alpha = np.asarray(model.alpha)
    if not model.fit_intercept or model.positive or alpha.ndim > 1 or (alpha <= 0).any():
        return None
    if alpha.ndim:
        return Recipe("ridge", name, fixed=checked_alphas(alpha))
    return Recipe("ridge", name, alphas=checked_alphas(model.alpha))


def _ridge_cv(model: Any, name: str) -> Recipe | None:
    from sklearn.model_selection import KFold

    if not model.fit_intercept or model.scoring is not None:
        return None
    alphas = checked_alphas(model.alphas)
    if model.cv is None:
        per_target = bool(model.alpha_per_target)
        return Recipe("ridge", name, alphas=alphas, per_target=per_target, inner="loo")
    if not (isinstance(model.cv, int) or hasattr(model.cv, "split")):
        return None
    # As scikit-learn splits: an int there is no wish to keep groups whole.
    inner = KFold(model.cv) if isinstance(model.cv, int) else model.cv
    return Recipe("ridge", name, alphas=alphas, per_target=False, inner=inner, by_r2=True)


def _pls_regression(model: Any, name: str) -> Recipe:
    ddof = 1 if model.scale else None
    return Recipe("pls", name, n_components=int(model.n_components), ddof=ddof)


def _steps(model: Any) -> list[Any]:
    if not _is(model, "Pipeline"):
        return [model]
    return [step for _, step in model.steps if step is not None and step != "passthrough"]


def _pipeline(steps: list[Any]) -> Any:
    from sklearn.pipeline import make_pipeline

    return steps[0] if len(steps) == 1 else make_pipeline(*steps)


def _called(step: Any) -> str:
    name = type(step).__name__
    size = getattr(step, "n_components", None)
    return name if size is None else f"{name}({size})"


def _is(model: Any, name: str) -> bool:
    """Whether it is that class of scikit-learn itself, which a subclass may not follow."""
    return type(model).__name__ == name and type(model).__module__.startswith("sklearn.")


def _full_name(model: Any) -> str:
    return f"{type(model).__module__.split('.')[0]}.{type(model).__name__}"


RECIPES: Mapping[str, Callable[[Any, str], Recipe | None]] = {
    "isocortex.OLS": _ols,
    "isocortex.PCR": _pcr,
    "isocortex.Ridge": _own_ridge,
    "isocortex.PLS": _own_pls,
    "sklearn.LinearRegression": _linear_regression,
    "sklearn.Ridge": _sklearn_ridge,
    "sklearn.RidgeCV": _ridge_cv,
    "sklearn.PLSRegression": _pls_regression,
}
