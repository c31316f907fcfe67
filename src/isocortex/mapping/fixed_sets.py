"""``FixedSets``: one training set and one test set in place of folds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.choice import counted, listed
from isocortex.data.names import Names, positions
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.trials import Trials
from isocortex.display.shown import shown
from isocortex.errors import InputError

Recording = Responses | Trials


@door
@shown()
@dataclass(frozen=True, eq=False)
class FixedSets:
    """A training set and a test set that are fixed, in place of folds.

    Parameters
    ----------
    train, test : names of stimuli, Responses or Trials, optional
        Names choose stimuli of the recording; a recording is used instead of it for that set
        (in ``encode`` and ``decode``). The set that is not given has all stimuli that the other
        leaves. Single trials train; repeats of test stimuli are averaged.

    Raises
    ------
    InputError
        If neither is given, or one is a string.

    See Also
    --------
    encode, decode, probe, identification : Take it as ``folds=``.
    Folds : A splitter with groups.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(60)]
    >>> conv5 = ic.Responses(rng.normal(size=(60, 20)), names)
    >>> v4 = ic.Responses(conv5.numpy() @ rng.normal(size=(20, 3)), names)
    >>> scores = ic.encode(conv5, v4, ic.OLS(), folds=ic.FixedSets(test=names[40:]))
    >>> scores.tables["fold"]
       fold  n_train  n_test
    0     0       40      20
    """

    train: Any = None
    test: Any = None

    def __post_init__(self) -> None:
        if self.train is None and self.test is None:
            raise InputError(
                "FixedSets needs train= or test=: names of stimuli, or a recording of them."
            )
        for side in ("train", "test"):
            object.__setattr__(self, side, _checked(getattr(self, side)))

    def names(self, train: Names, test: Names) -> tuple[list[str], list[str]]:
        """The stimuli of both sets; those of a recording, or what the other set leaves.

        Parameters
        ----------
        train, test : the stimuli of which training and test set are chosen

        Raises
        ------
        InputError
            If a stimulus is in both, or too few are in one.
        """
        of_train, of_test = (
            list(part) if isinstance(part, tuple) else list(dict.fromkeys(stimuli))
            for part, stimuli in ((self.train, train), (self.test, test))
        )
        if train is test:
            # What is left unsaid is the rest of the same recording.
            if self.test is None:
                of_test = _without(of_test, of_train)
            elif self.train is None:
                of_train = _without(of_train, of_test)
        both = [name for name in of_train if name in set(of_test)]
        if both:
            raise InputError(
                f"FixedSets: {len(both)} stimuli are in both the training and the test set: "
                f"{listed(both)}."
            )
        if len(of_train) < 2 or not of_test:
            raise InputError(
                f"FixedSets: {counted(len(of_train), 'stimulus')} to train and {len(of_test)} to "
                "test do not "
                "suffice."
            )
        return of_train, of_test

    def rows(self, stimuli: Names) -> tuple[np.ndarray, np.ndarray]:
        """Rows of training and of test stimuli; a stimulus may have several.

        Raises
        ------
        InputError
            If a set is a recording, which has no rows among these.
        MisalignedError
            If a name is not among the stimuli.
        """
        if any(isinstance(part, Recording) for part in (self.train, self.test)):
            raise InputError(
                "FixedSets with a recording is for encode and decode; here give names of stimuli."
            )
        there = tuple(dict.fromkeys(stimuli))
        of_train, of_test = self.names(there, there)
        positions(there, [*of_train, *of_test], "FixedSets")
        train, test = (np.isin(np.asarray(stimuli), names) for names in (of_train, of_test))
        return np.nonzero(train)[0], np.nonzero(test)[0]


def _checked(part: Any) -> Recording | Names | None:
    if part is None or isinstance(part, Recording):
        return part
    single = isinstance(part, str) or getattr(part, "shape", None) == ()
    if single or not isinstance(part, Iterable):
        what = "the string " if isinstance(part, str) else ""
        raise InputError(
            f"FixedSets: train and test are lists of names, or recordings, not {what}{part!r}."
        )
    return tuple(str(name) for name in part)


def _without(names: list[str], taken: list[str]) -> list[str]:
    there = set(taken)
    return [name for name in names if name not in there]
