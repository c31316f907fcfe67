"""What verbs and nouns take, as types: for readers, and for the checkers of users' own code.

What is passed in is checked when it arrives, whatever the types say, and is refused in a sentence.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

Values: TypeAlias = ArrayLike
"""Numbers in any form: arrays, tensors, lists, tables of pandas, DataArrays."""

Rows: TypeAlias = slice | ArrayLike
"""Positions, or a mask with one entry for each row."""

Colour: TypeAlias = str | int | Sequence[int]
"""A name, a grey from 0 to 255, or red, green and blue."""

Seed: TypeAlias = int | np.random.Generator
"""A whole number from 0, or a generator that goes on."""


class Regressor(Protocol):
    """A model of scikit-learn's kind: ``fit`` from X to y, ``predict`` y from X."""

    def fit(self, X: Any, y: Any, /) -> Any:
        """Learn from X, shape (n_stimuli, n_features), and y, shape (n_stimuli, n_targets)."""
        ...

    def predict(self, X: Any, /) -> Any:
        """Predict y for other stimuli, shape (n_stimuli, n_targets)."""
        ...


class HasPrepare(Protocol):
    """A model of our kind: ``prepare`` from a view of a fold to what has ``predict(y)``."""

    def prepare(self, view: Any, /) -> Any:
        """Do all that does not depend on the targets of a fold."""
        ...


Classifier: TypeAlias = Regressor
"""The same, where y are classes."""


class Splitter(Protocol):
    """A cross-validation splitter of scikit-learn's kind."""

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Any]:
        """Positions of training and of test rows, fold by fold."""
        ...


InnerFolds: TypeAlias = int | str | Splitter
"""How a penalty is chosen: a number of folds, a splitter, ``"loo"`` or ``"gcv"``."""


class NibabelImage(Protocol):
    """An image of nibabel: NIfTI, GIFTI, CIFTI, MGH."""

    @property
    def header(self) -> Any:
        """What is known of the image."""
        ...


ImageLike: TypeAlias = str | Path | NibabelImage
"""A file, or an image that is read already."""


class MneEpochs(Protocol):
    """Epochs of MNE-Python, as they are read or made there."""

    event_id: Any

    def get_data(self, *args: Any, **kwargs: Any) -> Any:
        """Numbers, shape (n_epochs, n_channels, n_times)."""
        ...


@runtime_checkable
class MneCovariance(Protocol):
    """A noise covariance of MNE-Python, over channels by name."""

    ch_names: Any
    data: Any


class Configuration(Protocol):
    """A configuration of transformers, from which a network is built."""

    model_type: str
