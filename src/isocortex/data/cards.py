"""What a notebook shows of the nouns in this room; none of it reads a file or a lazy array."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from isocortex.choice import counted
from isocortex.data.slices import of_units
from isocortex.display.card import (
    COLUMNS,
    Card,
    Picture,
    Rows,
    facts_of,
    named_rows,
    table_rows,
)
from isocortex.display.pictures import image, matrix, picked

if TYPE_CHECKING:
    from isocortex.data.estimate import Estimate
    from isocortex.data.gram import Gram
    from isocortex.data.noise import Noise
    from isocortex.data.rdms import RDMs
    from isocortex.data.responses import Responses
    from isocortex.data.stimuli import Stimuli
    from isocortex.data.trials import Trials

MOST_RDMS = 200
"""Of which a picture is the mean."""
_THUMBNAILS, _SIDE = 5, 32


def of_responses(noun: "Responses") -> Card:
    """Sizes, labels, the first stimuli and units; of voxels a slice."""
    held = type(noun.values) is np.ndarray  # A memmap is one too, but on disk.
    where = "in memory" if held else type(noun.values).__name__
    facts = {**facts_of(noun.labels), "values": f"{noun.values.dtype}, {where}"}
    rows = [named_rows("stimulus", noun.stimuli, noun.n_stimuli, noun.table)]
    picture = None
    # A table that a function makes is not made for this.
    if noun.unit_rows is not None:
        units = noun.unit_rows.frame()
        rows.append(table_rows("unit", units))
        if held and noun.n_stimuli:
            picture = of_units(noun.values[0], units, "response", f"to {noun.stimuli[0]}")
    what = f"{counted(noun.n_stimuli, 'stimulus')} x {counted(noun.n_units, 'unit')}"
    return Card("Responses", what, facts, tuple(rows), picture)


def of_trials(noun: "Trials") -> Card:
    """Sizes, conditions with their numbers of trials, runs, times, and the first units."""
    facts = facts_of(noun.labels)
    if noun.times is not None:
        facts["times"] = f"{noun.times[0]:.4g} to {noun.times[-1]:.4g} s"
    if noun.runs is not None:
        facts["runs"] = ", ".join(map(str, pd.unique(noun.runs)[:COLUMNS]))
    counts = pd.Series(noun.stimuli).value_counts(sort=False)
    conditions = pd.DataFrame({"stimulus": counts.index, "trials": counts.to_numpy()})
    rows = (table_rows("stimulus", conditions), table_rows("unit", noun.units))
    picture = None
    if type(noun.values) is np.ndarray and noun.times is None and noun.n_trials:
        picture = of_units(noun.values[0], noun.units, "response", f"to {noun.stimuli[0]}")
    return Card("Trials", sizes_of_trials(noun), facts, rows, picture)


def sizes_of_trials(noun: "Trials") -> str:
    """``"8 trials of 2 stimuli x 3 units x 4 times"``."""
    n_stimuli = len(set(noun.stimuli))
    sizes = f"{counted(noun.n_trials, 'trial')} of {counted(n_stimuli, 'stimulus')} x "
    times = "" if noun.times is None else f" x {counted(noun.n_times, 'time')}"
    return f"{sizes}{counted(noun.n_units, 'unit')}{times}"


def of_stimuli(noun: "Stimuli") -> Card:
    """How many of what, the first of them, and of arrays in memory small pictures."""
    facts = {"modality": noun.modality}
    rows = (named_rows("stimulus", noun.names, len(noun), noun.table),)
    what = counted(len(noun), noun.modality if noun.modality in ("image", "video") else "stimulus")
    return Card("Stimuli", what, facts, rows, _thumbnails(noun))


def _thumbnails(noun: "Stimuli") -> Picture | None:
    """The first pictures side by side, where they are arrays of 8 bits: no file is opened."""
    first = list(noun.sources[:_THUMBNAILS])
    small = [each for each in first if isinstance(each, np.ndarray) and each.dtype == np.uint8]
    if noun.modality != "image" or not first or len(small) < len(first):
        return None
    tiles = [_tile(each) for each in small if each.ndim in (2, 3)]
    if len(tiles) < len(first):
        return None
    names = ", ".join(noun.names[: len(first)])
    return image(np.concatenate(tiles, axis=1), f"The first stimuli: {names}.")


def _tile(pixels: np.ndarray) -> np.ndarray:
    grey = pixels.reshape(*pixels.shape[:2], -1)
    rows, columns = (np.linspace(0, n - 1, _SIDE).round().astype(int) for n in grey.shape[:2])
    # One channel is grey; of two, the second is how opaque it is.
    small = grey[np.ix_(rows, columns)][..., : 3 if grey.shape[2] > 2 else 1]
    return np.array(np.broadcast_to(small, (_SIDE, _SIDE, 3)))


def of_gram(noun: "Gram") -> Card:
    """Sizes and labels, and the products of some stimuli about what all have in common."""
    some = picked(noun.n_stimuli)
    what = f"{counted(noun.n_stimuli, 'stimulus')}, of {counted(noun.n_units, 'unit')}"
    picture = matrix(
        noun.products.shifted[np.ix_(some, some)],
        "inner product",
        f"Inner products of {counted(len(some), 'stimulus')}.",
        both=True,
        caption=_some(len(some), noun.n_stimuli, "about what all stimuli share"),
    )
    rows = (named_rows("stimulus", noun.stimuli, noun.n_stimuli),)
    return Card("Gram", what, facts_of(noun.labels), rows, picture if len(some) else None)


def of_rdms(noun: "RDMs") -> Card:
    """How many over which stimuli, their labels, and their mean."""
    facts = {"dissimilarity": noun.dissimilarity or "not said"}
    if noun.gaps:
        facts["gaps"] = f"{int(np.isnan(noun.values).sum())} pairs were not measured"
    what = f"{counted(noun.n_rdms, 'matrix')} over {counted(noun.n_stimuli, 'stimulus')}"
    names = named_rows("stimulus", noun.stimuli, noun.n_stimuli)
    rows = (table_rows("matrix", noun.labels), names) if noun.labels.shape[1] else (names,)
    return Card("RDMs", what, facts, rows, _mean_matrix(noun))


def _mean_matrix(noun: "RDMs") -> Picture | None:
    """The mean of the RDMs over some of the stimuli, as a square."""
    n = noun.n_stimuli
    if not noun.n_rdms or n < 2:
        return None
    some, kept = picked(n), picked(noun.n_rdms, MOST_RDMS)
    first, second = np.triu_indices(len(some), 1)
    i, j = some[first], some[second]
    # Place of the pair (i, j) in the upper triangle, row by row.
    found = noun.values[np.ix_(kept, i * n - i * (i + 1) // 2 + j - i - 1)]
    there = ~np.isnan(found)
    counts = there.sum(0)
    mean = np.where(counts > 0, np.where(there, found, 0).sum(0) / np.maximum(counts, 1), np.nan)
    square = np.zeros((len(some), len(some)))
    square[first, second] = square[second, first] = mean
    how = "" if noun.n_rdms == 1 else f"mean of {len(kept)}"
    alt = f"Dissimilarities of {len(some)} stimuli{', ' if how else ''}{how}."
    label = noun.dissimilarity or "dissimilarity"
    return matrix(square, label, alt, caption=_some(len(some), n, how))


def of_estimate(noun: "Estimate") -> Card:
    """The value with its interval and p, and what they rest on."""
    facts = {
        "value": noun.value,
        "interval": f"{noun.low:.4g} to {noun.high:.4g}",
        "p": noun.p,
        "n": noun.n,
        "method": noun.method,
        **facts_of(noun.notes),
    }
    top = () if noun.top is None else (table_rows("layer", noun.top.reset_index()),)
    return Card("Estimate", f"{noun.value:.4g}", facts, top)


def of_noise(noun: "Noise") -> Card:
    """Sizes, method, and the first covariance as correlations."""
    n_times, n_runs = noun.covariance.shape[:2]
    facts: dict[str, Any] = {"method": noun.method or "given", "times": n_times, "runs": n_runs}
    if noun.dof is not None:
        facts["degrees of freedom"] = np.asarray(noun.dof).tolist()
    if noun.shrinkage is not None:
        facts["shrinkage"] = np.ravel(noun.shrinkage)[:COLUMNS].tolist()
    some = picked(noun.n_units)
    part = noun.covariance[0, 0][np.ix_(some, some)]
    sd = np.sqrt(np.diag(part))
    picture = matrix(
        part / np.outer(sd, sd),
        "correlation",
        f"Noise correlations of {counted(len(some), 'unit')}.",
        both=True,
        caption=_some(len(some), noun.n_units, "noise correlation", "units"),
    )
    rows: tuple[Rows, ...] = ()
    if noun.units is not None:
        rows = (table_rows("unit", pd.DataFrame(noun.units)),)
    return Card("Noise", counted(noun.n_units, "unit"), facts, rows, picture)


def _some(drawn: int, n: int, what: str, of: str = "stimuli") -> str:
    """What is drawn, if not all."""
    part = "" if drawn == n else f"{drawn} of {n} {of}"
    return ", ".join(each for each in (what, part) if each)
