"""The command ``decoding``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from isocortex.cli._answer import answers

if TYPE_CHECKING:
    from isocortex.data.rdms import RDMs
    from isocortex.data.trials import Trials

Number = TypeVar("Number", int, float)
_MOST = 25
"""Times that are printed."""


@answers
def decoding(
    trials: list[Path],
    /,
    *,
    by: str | None = None,
    conditions: list[str] | None = None,
    classifier: Literal["lda", "svm"] = "lda",
    folds: str | None = None,
    shrinkage: str | None = None,
    balance: Literal["draw", "weights"] = "draw",
    seed: int = 0,
    into: Path | None = None,
    figure: Path | None = None,
) -> None:
    """Tell how well each two conditions can be decoded from M/EEG, at each moment.

    Example: epochs of MNE or EEGLAB, of which the names of events are the conditions.

        isocortex decoding sub-01-epo.fif --shrinkage auto --into meg.npz \\
          --figure course.png

    Several files are several subjects. The table has the mean accuracy over all pairs at each
    time; what is written are RDMs of accuracies, which `isocortex compare` and `infer` take.

    Parameters
    ----------
    trials
        Epochs (.fif, .set) or trials that `isocortex.save` has written, one file a subject.
    by
        The column of the metadata of epochs that holds the condition.
    conditions
        Only these conditions of epochs.
    classifier
        lda, or svm (linear, on standardized units).
    folds
        leave_one_pair_out, leave_one_run_out (the default where there are runs), or a number.
    shrinkage
        Of the covariance of lda: auto (Ledoit-Wolf), or a number from 0 to 1.
    balance
        Of unequal trials: draw as many of each, or weights for all.
    seed
        Of the draw.
    into
        The RDMs, one for each subject and time, .npz.
    figure
        A picture of the mean accuracy over time, such as course.png.
    """
    import isocortex as ic
    from isocortex.cli._endings import RDMS, check_endings
    from isocortex.cli._figures import draw_to_file
    from isocortex.cli._show import progress, show_written
    from isocortex.cli._subjects import with_subjects

    check_endings(into, RDMS, figure=figure)
    amount = _number_or(shrinkage, "--shrinkage", ("auto",), float)
    parts = _number_or(folds, "--folds", ("leave_one_pair_out", "leave_one_run_out"), int)
    options = {"by": by, "conditions": conditions}
    people = [_trials_at(path, **options) for path in trials]
    people = people if len(people) == 1 else with_subjects(people, trials)
    with progress() as listener:
        rdms = ic.decoding_rdms(
            people,
            classifier,
            folds=parts,
            shrinkage=amount,
            balance=balance,
            seed=seed,
            progress=listener,
        )
    _show(rdms)
    if into is not None:
        ic.write_rdms(rdms, into)
    if figure is not None:
        draw_to_file(figure, ic.plots.timecourse, rdms, chance=0.5)
    show_written(rdms=into, figure=figure)


def _trials_at(path: Path, **options: object) -> "Trials":
    import isocortex as ic

    asked = {key: each for key, each in options.items() if each is not None}
    found = ic.read(path, **asked)
    if not isinstance(found, ic.Trials):
        raise ic.InputError(
            f"decoding needs single trials, and {str(path)!r} holds {type(found).__name__}."
        )
    return found


def _number_or(
    text: str | None, option: str, words: tuple[str, ...], number: Callable[[str], Number]
) -> str | Number | None:
    """One of some words, or a number.

    Raises
    ------
    InputError
    """
    from isocortex.errors import InputError

    if text is None or text in words:
        return text
    try:
        return number(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is neither a number nor {', '.join(words)}.") from None


def _show(rdms: "RDMs") -> None:
    """Print the mean over pairs and subjects at each time, and when it is highest."""
    import numpy as np
    import pandas as pd

    from isocortex.cli._show import say, show_table

    means = rdms.values.mean(1)
    if "time" not in rdms.labels:
        show_table(["accuracy"], [[float(means.mean())]])
        return
    times, place = np.unique(rdms.labels["time"].to_numpy(float), return_inverse=True)
    course = np.bincount(place, means) / np.bincount(place)
    every = -(-len(times) // _MOST)
    title = f"{rdms.dissimilarity}, chance 0.5" + (f", every {every}th time" if every > 1 else "")
    data = pd.DataFrame({"time": times, "accuracy": course})
    shown = data.iloc[::every].itertuples(index=False)
    show_table(["time (s)", "accuracy"], shown, title, data=data)
    best = int(course.argmax())
    time, peak = float(times[best]), float(course[best])
    say(f"Highest at {time:.3f} s: {peak:.3f}.", time=time, accuracy=peak)
