"""The door for models: ours as they are, scikit-learn's as ours where they are the same."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from isocortex.errors import InputError
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.models.base import Model, called
from isocortex.mapping.models.composed import AfterPCA, Foreign, OnComponents, Own, Scaled
from isocortex.mapping.models.linear import OLS, PLS, is_size
from isocortex.mapping.models.prepared import Predictor
from isocortex.mapping.models.ridge import Ridge, checked_alphas
from isocortex.mapping.view import View
from isocortex.numerics.linear import ridge


def prepared(model: Model, view: View) -> Any:
    """All that does not depend on the targets of a fold, with an ``outcome``."""
    ready: Any = model.prepare(view)
    if hasattr(ready, "outcome"):
        return ready
    # A user's own: how large its fit is can be known from what it predicts of the training set.
    train, _ = view.fold
    return Predictor(ready, lambda: model.prepare(view.on(train, train)))


def check_folds(model: Model, view: View, folds: Sequence[Fold], n_targets: int) -> None:
    """Refuse what does not fit a fold, before any work; the smallest training set first.

    Raises
    ------
    InputError
    """
    for train, test in sorted(folds, key=lambda fold: len(fold[0])):
        model.check(view.on(train, test), n_targets)


def translate(given: Any) -> Model:
    """The model that is fitted in place of what was given; asked once, where a verb begins.

    Raises
    ------
    InputError
        If it is no estimator and has no ``prepare``, or a parameter of it cannot be used.
    """
    estimator = hasattr(given, "fit") and hasattr(given, "predict")
    if isinstance(given, type) or not (estimator or hasattr(given, "prepare")):
        raise InputError(
            f"model={given!r} is not an estimator: it needs fit and predict. Take OLS(), PCR(100), "
            "Ridge(alphas), PLS(10), or any scikit-learn estimator, made (with its brackets)."
        )
    steps = _steps(given)
    model = (_single(given) if steps == [given] else _pipeline(steps)) or Foreign(given)
    model.validate()
    return model


def name_of(given: Any) -> str:
    """What the user wrote, in short: ``PCA(50) + Ridge``."""
    return " + ".join(called(step) for step in _steps(given))


def tells_classes(model: Any) -> bool:
    """Whether a model is a classifier, by its scikit-learn tags."""
    from sklearn.base import is_classifier

    try:
        return is_classifier(model)
    except (AttributeError, TypeError):
        return False


def _single(given: Any) -> Model | None:
    """A model that stands alone, or None where it is fitted as it is."""
    if hasattr(given, "prepare") and not tells_classes(given) and not _overridden(given):
        return given if isinstance(given, Model) else _own(given)
    make = _same().get(type(given))
    return make(given) if make else None


def _own(given: Any) -> Model:
    model = Own(given)
    if model.needs not in ("gram", "features"):
        raise InputError(
            f"{type(given).__name__}: needs={model.needs!r} must be 'gram' (inner products of the "
            "features suffice for its prepare) or 'features'."
        )
    return model


def _overridden(given: Any) -> bool:
    """Whether a subclass fits or predicts otherwise than the ``prepare`` that it inherits."""
    # Whoever overrides fit means it: prepare must not answer for a parent of that class.
    order = type(given).__mro__

    def place(name: str) -> int:
        return next((i for i, kind in enumerate(order) if name in vars(kind)), len(order))

    return min(place("fit"), place("predict")) < place("prepare")


def _pipeline(steps: list[Any]) -> Model | None:
    from sklearn.preprocessing import StandardScaler

    first, rest = steps[0], steps[1:]
    if type(first) is not StandardScaler or not (first.with_mean and first.with_std):
        return _single(first) if not rest else _after_pca(steps)
    if not rest:
        return None
    inner = _single(rest[0]) if len(rest) == 1 else _after_pca(rest)
    # Scaling twice is not the same as scaling once with another divisor.
    if inner is None or inner.needs != "gram" or inner.joint or inner.ddof is not None:
        return None
    return Scaled(inner)


def _after_pca(steps: list[Any]) -> Model | None:
    from sklearn.decomposition import PCA

    pca, rest = steps[0], steps[1:]
    size: Any = getattr(pca, "n_components", None)
    if type(pca) is not PCA or not rest or not is_size(size):
        return None
    inner = _single(rest[0]) if len(rest) == 1 and not pca.whiten else None
    if inner is not None and inner.follows_axes:
        return AfterPCA(size, inner)
    return OnComponents(size, _rest(rest), bool(pca.whiten))


def _steps(model: Any) -> list[Any]:
    # Whoever has a pipeline has imported it; it brings bars of progress, and a tenth of a second.
    known: Any = sys.modules.get("sklearn.pipeline")
    if known is None or type(model) is not known.Pipeline:
        return [model]
    there = [step for _, step in model.steps if step is not None and step != "passthrough"]
    return there or [model]


def _rest(steps: list[Any]) -> Any:
    from sklearn.pipeline import make_pipeline

    return steps[0] if len(steps) == 1 else make_pipeline(*steps)


class _RidgeByR2(Ridge):
    """Inner folds compared by r2, as GridSearchCV does."""

    _fold_losses = staticmethod(ridge.fold_unexplained)


def _linear_regression(model: Any) -> Model | None:
    return OLS() if model.fit_intercept and not model.positive else None


def _ridge(model: Any) -> Model | None:
    alpha = np.asarray(model.alpha)
    if not model.fit_intercept or model.positive or alpha.ndim > 1 or (alpha <= 0).any():
        return None
    return Ridge(alpha[None] if alpha.ndim else model.alpha)


def _ridge_cv(model: Any) -> Model | None:
    from sklearn.model_selection import KFold

    if not model.fit_intercept or model.scoring is not None:
        return None
    alphas = checked_alphas(model.alphas)
    if model.cv is None:
        return Ridge(alphas, per_target=bool(model.alpha_per_target), inner="loo")
    if not (isinstance(model.cv, int) or hasattr(model.cv, "split")):
        return None
    # As scikit-learn splits: an int there is no wish to keep groups whole.
    inner = KFold(model.cv) if isinstance(model.cv, int) else model.cv
    return _RidgeByR2(alphas, per_target=False, inner=inner)


@cache
def _same() -> Mapping[type, Callable[[Any], Model | None]]:
    """Of scikit-learn itself, since a subclass may do anything."""
    from sklearn import linear_model
    from sklearn.cross_decomposition import PLSRegression

    return {
        linear_model.LinearRegression: _linear_regression,
        linear_model.Ridge: _ridge,
        linear_model.RidgeCV: _ridge_cv,
        PLSRegression: lambda model: PLS(int(model.n_components), bool(model.scale)),
    }
