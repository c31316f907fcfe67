"""Why subjects do not have one score at each point: one comes twice, or lacks times or series."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isocortex.choice import counted, listed


@dataclass(frozen=True, eq=False)
class Scored:
    """What each score is of."""

    series: np.ndarray
    """The number of its series, shape (n_scores,)."""
    who: np.ndarray
    """The number of its subject."""
    when: Sequence[np.ndarray]
    """Its times in seconds."""
    subjects: np.ndarray
    """The names of subjects."""

    @property
    def moments(self) -> np.ndarray:
        """Shape (n_scores, n_axes of time)."""
        return np.column_stack(self.when) if self.when else np.zeros((len(self.who), 1))


def what_is_wrong(scored: Scored, over: str, keys: Sequence[str]) -> str:
    """A sentence on who differs from the others, and in what.

    Parameters
    ----------
    scored : Scored
    over : str
        The random factor.
    keys : sequence of str
        The labels that tell series apart.
    """
    begun = f"clusters: every {over} needs one score at each point"
    told = _twice(scored, keys) or _other_times(scored, over) or _lacking(scored, over, keys)
    return f"{begun}; {told}"


def _twice(scored: Scored, keys: Sequence[str]) -> str:
    rows = np.column_stack([scored.series, scored.who, scored.moments])
    _, first, counts = np.unique(rows, axis=0, return_index=True, return_counts=True)
    again = np.unique(scored.who[first[counts > 1]])
    if not len(again):
        return ""
    names = scored.subjects[again].tolist()
    same = f" (the labels {listed(keys)} tell series apart)" if keys else ""
    times = {2: "twice"}.get(int(counts.max()), f"{counts.max()} times")
    come = "comes" if len(names) == 1 else "come"
    return (
        f"{listed(names)} {come} {times} at the same point{same}. Is one given more than once, or "
        "under another's name? Leave out what is too much, or average first: scores.mean(...)."
    )


def _other_times(scored: Scored, over: str) -> str:
    moments = [
        frozenset(map(tuple, np.unique(scored.moments[scored.who == i], axis=0).tolist()))
        for i in range(len(scored.subjects))
    ]
    usual, n_usual = Counter(moments).most_common(1)[0]
    odd = [i for i, each in enumerate(moments) if each != usual]
    if not odd:
        return ""
    names = scored.subjects[odd].tolist()
    theirs = moments[odd[0]]
    return (
        f"times differ: {str(names[0])!r} has {_span(theirs)}{_first_of(theirs, usual)}, where "
        f"{n_usual} of {len(moments)} {over}s have {_span(usual)}. Such are {listed(names)}. Bring "
        "all to one sampling rate and window before scoring, or keep the times that all have."
    )


def _span(moments: frozenset[tuple[float, ...]]) -> str:
    firsts = sorted({each[-1] for each in moments})
    return f"{counted(len(firsts), 'time')} from {firsts[0]:g} to {firsts[-1]:g} s"


def _first_of(theirs: frozenset[tuple[float, ...]], usual: frozenset[tuple[float, ...]]) -> str:
    lacking, more = sorted(usual - theirs), sorted(theirs - usual)
    said = [
        f"{word} {listed([f'{each[-1]:g}' for each in some])} s"
        for word, some in (("lacks", lacking), ("alone has", more))
        if some
    ]
    return f" (it {' and '.join(said)})"


def _lacking(scored: Scored, over: str, keys: Sequence[str]) -> str:
    n = len(scored.subjects)
    counts = np.bincount(scored.series * n + scored.who, minlength=(scored.series.max() + 1) * n)
    by_series = counts.reshape(-1, n)
    wrong = (by_series != by_series.max()).any(0)
    told = f", of those that the labels {listed(keys)} tell apart" if keys else ""
    lack = "lacks" if wrong.sum() == 1 else "lack"
    return (
        f"{listed(scored.subjects[wrong].tolist())} {lack} points that other {over}s have{told}. "
        "Select what all have, or average first: scores.select(...), scores.mean(...)."
    )
