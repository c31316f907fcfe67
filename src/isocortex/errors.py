"""What can go wrong, as few kinds; each message is a sentence that says what to do."""

import contextlib
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path


class IsocortexError(Exception):
    """The parent of every error that the package raises on purpose."""


class InputError(IsocortexError, ValueError):
    """An argument cannot be used: wrong shape, wrong kind, NaN, an unknown name."""


class MisalignedError(InputError):
    """Two nouns do not have the stimuli that the verb needs in common."""


class UndefinedError(InputError):
    """A measure has no value for this input, such as the correlation of a constant.

    ``numerics/`` knows rows by position only and says which in ``rows``, and of which argument in
    ``side``; the verb that called it raises the error again with their names.
    """

    def __init__(self, message: str, rows: Sequence[int] = (), side: str = ""):
        super().__init__(message)
        self.rows = tuple(rows)
        self.side = side


class FormatError(IsocortexError, ValueError):
    """A file is not what it should be: truncated, foreign, unsafe, or of another version."""


class NotFoundError(IsocortexError, FileNotFoundError):
    """A file, folder or data set is not there, and could not be fetched."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class StorageError(IsocortexError, OSError):
    """A result cannot be written: the disk is full or the folder is read-only."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class MissingDependencyError(IsocortexError, ImportError):
    """An optional package is needed; the message gives the command that installs it."""


class IsocortexWarning(UserWarning):
    """What a reader of the result should know and no argument has asked for.

    One warning for one call, with counts. ``warnings.simplefilter("error", IsocortexWarning)``
    turns all of them into errors.
    """


class SmallFoldsWarning(IsocortexWarning):
    """Correlations or r2 of test sets so small that their mean over folds is biased."""


class LeakWarning(IsocortexWarning):
    """Test stimuli are not independent of the training stimuli: scores are too high."""


class PenaltyWarning(IsocortexWarning):
    """Many of the penalties chosen are the smallest or largest of those offered."""


def warn(message: str) -> None:
    """Say something as an :class:`IsocortexWarning` of the user's own line, however deep we are."""
    ours = (str(Path(__file__).parent), warnings.__file__, contextlib.__file__)
    level, frame = 1, sys._getframe()
    while frame is not None and frame.f_code.co_filename.startswith(ours):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, IsocortexWarning, stacklevel=level)
