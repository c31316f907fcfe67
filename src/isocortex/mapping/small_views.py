"""Folds of few stimuli, whose axes are found for all of them at once.

A fold of twenty stimuli costs the calls around its factorization. What models ask a view for is
therefore found for all folds in one stack, inner ones too, when the first fold asks for it. The
numbers are those of each fold by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.feature_source import Sides, Source
from isocortex.mapping.view import View
from isocortex.numerics.linear import small_folds
from isocortex.numerics.linear.basis import Basis
from isocortex.numerics.linear.small_folds import SmallFolds

_VALUES = 2**19
"""Values of the matrices that are kept for all folds (4 MB)."""


def small_views(view: View, folds: Sequence[Fold]) -> list[View]:
    """The folds of a layer as a model sees them; none, where they are better seen one by one.

    That is where they are large, or do not come from one Gram matrix.
    """
    n = max(len(train) + len(test) for train, test in folds)
    through_gram = view.solver == "dual" and view.ddof is None and isinstance(view.source, Source)
    if not through_gram or n >= small_folds.SMALL or len(folds) * n * n > _VALUES:
        return []
    together = _Together(view, folds)
    settings = {each.name: getattr(view, each.name) for each in fields(view)}
    return [
        SmallView(**{**settings, "fold": fold}, together=together, place=place)
        for place, fold in enumerate(folds)
    ]


class _Together:
    """What is known of all folds of one layer."""

    def __init__(self, view: View, folds: Sequence[Fold]):
        self._view, self._folds = view, folds
        self._inner: tuple[Any, list[SmallFolds] | None] = None, None

    @cached_property
    def _stacks(self) -> list[small_folds.Centred]:
        source: Any = self._view.source
        return list(small_folds.centred([source.together(self._folds)]))

    @cached_property
    def sides(self) -> list[Sides]:
        """Of each fold, as ``Source.products`` gives them to one."""
        return small_folds.one_by_one(self._stacks)

    @cached_property
    def axes(self) -> list[Basis]:
        """Of the training stimuli of each fold, with its test stimuli."""
        stacks = [stack for some in self._stacks for stack in some.stacks()]
        return [axes for *_, axes in SmallFolds(stacks)]

    def inner(self, inner: Any) -> list[SmallFolds] | None:
        """Inner folds of each fold with their axes; None where all of them are too many."""
        if self._inner[0] is not inner:
            self._inner = inner, self._inner_axes(inner)
        return self._inner[1]

    def _inner_axes(self, inner: Any) -> list[SmallFolds] | None:
        folds = [self._view.on(*fold).inner_folds(inner) for fold in self._folds]
        pairs = list(zip(folds, self.sides, strict=True))
        if sum(len(some) * train.size for some, (train, *_) in pairs) > _VALUES:
            return None
        parts = [small_folds.Part(train, some, size) for some, (train, _, size) in pairs]
        return small_folds.from_grams(parts)


@dataclass(frozen=True, eq=False)
class SmallView(View):
    """One of the folds that are worked out together."""

    together: Any = None
    place: int = 0

    @cached_property
    def _seen(self) -> Sides:
        return self.together.sides[self.place]

    def _axes(self, n_axes: int | None = None) -> Basis:
        return self.together.axes[self.place] if n_axes is None else super()._axes(n_axes)

    def inner_bases(self, inner: Any) -> Sequence[small_folds.InnerFold]:
        """Training rows, test rows and principal axes of each inner fold."""
        found = self.together.inner(inner)
        return super().inner_bases(inner) if found is None else found[self.place]
