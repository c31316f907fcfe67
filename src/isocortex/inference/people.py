"""The people whose RDMs are explained, and how many things a sample is drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isocortex.choice import counted, listed
from isocortex.data.rdms import RDMs
from isocortex.errors import InputError, UndefinedError, warn
from isocortex.rsa.ceiling import check_one_kind, person_of

FACTORS = ("subject", "stimulus")
FEWEST = 5
FEW_STIMULI = 10
_EACH_SEES = 5
_WAYS_OUT = {
    "subject": "Generalize to other stimuli only, over='stimulus': it holds for these subjects.",
    "stimulus": "Generalize to other subjects only, over='subject': it holds for these stimuli.",
}


@dataclass(frozen=True)
class People:
    """Whose RDM each row is."""

    group: np.ndarray
    """The person of each RDM, shape (n_rdms,)."""
    sizes: np.ndarray
    """How many RDMs each person has, shape (n_people,)."""

    @property
    def n(self) -> int:
        """How many people there are."""
        return len(self.sizes)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums over the RDMs of each person, along the last axis."""
        # One RDM for each: only their order, no product.
        if self.n == len(self.group):
            return values[..., np.argsort(self.group)]
        return values @ np.eye(self.n)[self.group]

    def means(self, values: np.ndarray) -> np.ndarray:
        """Means over the RDMs of each person, along the last axis."""
        return self.sums(values) / self.sizes


def people_of(brain: RDMs) -> People:
    """By the label ``subject``; RDMs without it are one person each.

    Raises
    ------
    InputError
        If the RDMs are of several regions or times.
    UndefinedError
        If somebody has too few stimuli.
    """
    check_one_kind(brain, "infer")
    group = person_of(brain)
    if brain.gaps:
        _refuse_few_stimuli(brain)
    return People(group, np.bincount(group))


def _refuse_few_stimuli(brain: RDMs) -> None:
    # The diagonal of zeros is one that everybody has.
    seen = (~np.isnan(brain.square())).sum(2) > 1
    few = np.flatnonzero(seen.sum(1) < _EACH_SEES)
    if len(few):
        who = (
            brain.labels["subject"].iloc[few].tolist()
            if "subject" in brain.labels
            else few.tolist()
        )
        raise UndefinedError(
            f"infer: {len(few)} of {brain.n_rdms} RDMs have pairs of fewer than {_EACH_SEES} "
            f"stimuli (subject {listed(who)}: {seen[few[0]].sum()}), which is too little to say "
            "how alike a model is. Leave them out: brain.select(subject=[...]).",
            few.tolist(),
        )


def factors(over: object) -> tuple[str, ...]:
    """What is drawn anew in each sample, in the order of ``FACTORS``.

    Raises
    ------
    InputError
        If it is neither subjects nor stimuli.
    """
    given = [over] if isinstance(over, str) else list(over) if isinstance(over, Sequence) else []
    unknown = [each for each in given if each not in FACTORS]
    if unknown or not given:
        raise InputError(
            f"infer: over={over!r} is not known; it is 'subject', 'stimulus', or both: "
            "over=('subject', 'stimulus')."
        )
    return tuple(each for each in FACTORS if each in given)


def check_numbers(over: tuple[str, ...], n_people: int, n_stimuli: int) -> None:
    """There must be enough of what is drawn anew.

    Raises
    ------
    InputError
        With the number there is, below 5.
    """
    for factor, n, several in (
        ("subject", n_people, "subjects"),
        ("stimulus", n_stimuli, "stimuli"),
    ):
        if factor in over and n < FEWEST:
            raise InputError(
                f"infer over {factor!r} draws samples of {several} and needs at least {FEWEST} of "
                f"them, but there {'is' if n == 1 else 'are'} {n}. {_WAYS_OUT[factor]}"
            )


def check_permutation(over: tuple[str, ...], n_stimuli: int) -> None:
    """Stimuli are exchanged, so there must be some, and nothing is said of other people.

    Raises
    ------
    InputError
    """
    if "stimulus" not in over:
        raise InputError(
            "infer: method='permutation' exchanges stimuli, and says nothing of other subjects as "
            "over='subject' would. Leave over out, or infer with method='bootstrap'."
        )
    if n_stimuli < FEWEST:
        raise InputError(
            f"infer: method='permutation' needs at least {FEWEST} stimuli to exchange, not "
            f"{n_stimuli}: p could not be small."
        )


def names_of_people(brain: RDMs, people: People) -> np.ndarray:
    """The label ``subject`` of each person, or its number."""
    first = np.unique(people.group, return_index=True)[1]
    labels = brain.label_rows
    known = "subject" in labels
    return (
        np.array(labels.entries("subject"), dtype=object)[first] if known else np.arange(people.n)
    )


def tell_few_stimuli(over: tuple[str, ...], n_stimuli: int) -> None:
    """Warn where samples of stimuli have only a few distinct ones."""
    if "stimulus" in over and n_stimuli < FEW_STIMULI:
        warn(
            f"infer: with {counted(n_stimuli, 'stimulus')} (fewer than {FEW_STIMULI}) many samples "
            "have only a "
            "few distinct stimuli: variances are coarse, and the test says 'no' too often."
        )
