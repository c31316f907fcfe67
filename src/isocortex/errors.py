"""What can go wrong, as few kinds; each message is a sentence that says what to do."""

import contextlib
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path


class IsocortexError(Exception):
    """The parent of every error that the package raises on purpose.

    See Also
    --------
    InputError, FormatError, NotFoundError, StorageError : Its kinds.
    IsocortexWarning : What is said without stopping.

    Examples
    --------
    >>> import isocortex as ic
    >>> try:
    ...     ic.rdms(ic.Responses([[1.0, 2.0], [0.5, 0.1]]), "corelation")
    ... except ic.IsocortexError as problem:
    ...     print(type(problem).__name__)
    InputError
    """


class InputError(IsocortexError, ValueError):
    """An argument cannot be used: wrong shape, wrong kind, NaN, an unknown name.

    See Also
    --------
    MisalignedError, UndefinedError : Its kinds.
    FormatError : Of a file instead of an argument.

    Examples
    --------
    >>> import isocortex as ic
    >>> try:
    ...     ic.Responses([[1.0, float("nan")]])
    ... except ic.InputError as problem:
    ...     print(type(problem).__name__)
    InputError
    """


class MisalignedError(InputError):
    """Two nouns do not have the stimuli that the verb needs in common.

    See Also
    --------
    InputError : Its parent, of all arguments that cannot be used.
    align : Keeps the stimuli in common with ``join="inner"``.

    Examples
    --------
    >>> import isocortex as ic
    >>> layer = ic.Responses([[1.0], [2.0]], ["cat", "dog"])
    >>> voxels = ic.Responses([[1.0], [2.0]], ["cat", "car"])
    >>> try:
    ...     ic.align(layer, voxels)
    ... except ic.MisalignedError as problem:
    ...     print(type(problem).__name__)
    MisalignedError
    """


class UndefinedError(InputError):
    """A measure has no value for this input, such as the correlation of a constant.

    ``numerics/`` knows rows by position only and says which in ``rows``, and of which argument in
    ``side``; the verb that called it raises the error again with their names.

    Parameters
    ----------
    message : str
        The sentence that a user reads.
    rows : sequence of int, optional
        Positions of the rows that have no value.
    side : str, optional
        The argument that they are of.

    See Also
    --------
    InputError : Its parent, of all arguments that cannot be used.
    rdms, compare : Raise it, with the names of the stimuli or RDMs.

    Examples
    --------
    >>> import isocortex as ic
    >>> silent = ic.Responses([[1.0, 1.0], [0.0, 2.0], [3.0, 1.0]], ["cat", "dog", "car"])
    >>> try:
    ...     ic.rdms(silent, "correlation")
    ... except ic.UndefinedError as problem:
    ...     print("cat" in str(problem))
    True
    """

    def __init__(self, message: str, rows: Sequence[int] = (), side: str = ""):
        super().__init__(message)
        self.rows = tuple(rows)
        self.side = side


class FormatError(IsocortexError, ValueError):
    """A file is not what it should be: truncated, foreign, unsafe, or of another version.

    See Also
    --------
    NotFoundError : There is no such file.
    InputError : Of an argument instead of a file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "rdms.npz")
    ...     _ = path.write_bytes(b"truncated")
    ...     try:
    ...         ic.read_rdms(path)
    ...     except ic.FormatError as problem:
    ...         print(type(problem).__name__)
    FormatError
    """


class NotFoundError(IsocortexError, FileNotFoundError):
    """A file, folder or data set is not there, and could not be fetched.

    See Also
    --------
    FormatError : The file is there, but is not what it should be.
    datasets.fetch : Raises it where a data set cannot be had.

    Examples
    --------
    >>> import isocortex as ic
    >>> try:
    ...     ic.read_rdms("no such folder/rdms.npz")
    ... except ic.NotFoundError as problem:
    ...     print(isinstance(problem, FileNotFoundError))
    True
    """

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class StorageError(IsocortexError, OSError):
    """A result cannot be written: the disk is full or the folder is read-only.

    See Also
    --------
    extract, write_rdms : Raise it; what was there before stays whole.
    NotFoundError, FormatError : Of reading.

    Examples
    --------
    >>> import isocortex as ic
    >>> issubclass(ic.StorageError, OSError), issubclass(ic.StorageError, ic.IsocortexError)
    (True, True)
    """

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class MissingDependencyError(IsocortexError, ImportError):
    """An optional package is needed; the message gives the command that installs it.

    See Also
    --------
    saliency, read_epochs, embed : Need optional packages.
    IsocortexError : The parent of all errors.

    Examples
    --------
    >>> import isocortex as ic
    >>> issubclass(ic.MissingDependencyError, ImportError)
    True
    """


class IsocortexWarning(UserWarning):
    """What a reader of the result should know and no argument has asked for.

    One warning for one call, with counts. ``warnings.simplefilter("error", IsocortexWarning)``
    turns all of them into errors.

    See Also
    --------
    IsocortexError : What stops the work.
    encode : Warns of small folds, leaks and penalties at the edge of their grid.

    Examples
    --------
    >>> import warnings
    >>> import isocortex as ic
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", ic.IsocortexWarning)
    ...     rdms = ic.rdms(ic.Responses([[1.0, 2.0], [0.5, 0.1], [2.0, 0.0]]), "euclidean")
    >>> rdms.n_rdms
    1
    """


class SmallFoldsWarning(IsocortexWarning):
    """Correlations or r2 of test sets so small that their mean over folds is biased.

    See Also
    --------
    isocortex.IsocortexWarning : Its parent.
    isocortex.encode, isocortex.decode : Warn of it; ``pooled=True`` is the way out.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(24)]
    >>> conv5 = ic.Responses(rng.normal(size=(24, 5)), names)
    >>> voxels = ic.Responses(rng.normal(size=(24, 2)), names)
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     scores = ic.encode(conv5, voxels, ic.OLS(), folds=4)
    >>> {each.category.__name__ for each in told}
    {'SmallFoldsWarning'}
    """


class LeakWarning(IsocortexWarning):
    """Test stimuli are not independent of the training stimuli: scores are too high.

    See Also
    --------
    isocortex.IsocortexWarning : Its parent.
    isocortex.encode, isocortex.probe : Warn of it.
    isocortex.Folds : Keeps runs or categories whole.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(40)]
    >>> twice = np.tile(rng.normal(size=(20, 5)), (2, 1))  # each image has a copy
    >>> conv5 = ic.Responses(twice, names)
    >>> voxels = ic.Responses(rng.normal(size=(40, 2)), names)
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     scores = ic.encode(conv5, voxels, ic.OLS(), folds=4)
    >>> {each.category.__name__ for each in told}
    {'LeakWarning'}
    """


class PenaltyWarning(IsocortexWarning):
    """Many of the penalties chosen are the smallest or largest of those offered.

    Targets that no penalty predicts better than their mean, as most voxels of a brain, take the
    largest of any range and are not counted.

    See Also
    --------
    isocortex.IsocortexWarning : Its parent.
    isocortex.Ridge, isocortex.BandedRidge : Choose penalties.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(40)]
    >>> conv5 = ic.Responses(rng.normal(size=(40, 5)), names)
    >>> voxels = ic.Responses(rng.normal(size=(40, 2)), names)
    >>> model = ic.Ridge([1e-3, 1e-2, 1e-1])  # too small for voxels of noise
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     scores = ic.encode(conv5, voxels, model, folds=4)
    >>> {each.category.__name__ for each in told}
    {'PenaltyWarning'}
    """


class UnnamedWarning(IsocortexWarning):
    """Rows of two nouns that were given no names meet by place, which nobody has asked for.

    See Also
    --------
    isocortex.IsocortexWarning : Its parent.
    isocortex.align : Brings rows into one order by their names.
    isocortex.Responses : Takes the names of the stimuli.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> conv5, voxels = (ic.Responses(rng.normal(size=(40, 5))) for _ in range(2))
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     scores = ic.similarity(conv5, voxels)
    >>> {each.category.__name__ for each in told}
    {'UnnamedWarning'}
    """


def warn(message: str, kind: type[Warning] = IsocortexWarning) -> None:
    """Warn of something at the user's own line, however deep we are."""
    ours = (str(Path(__file__).parent), warnings.__file__, contextlib.__file__)
    level, frame = 1, sys._getframe()
    while frame is not None and frame.f_code.co_filename.startswith(ours):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, kind, stacklevel=level)
