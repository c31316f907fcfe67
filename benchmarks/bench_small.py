"""Calls of twenty stimuli, such as users make in loops, against the numbers alone from the peers.

python benchmarks/bench_small.py [rdms | compare | select | identification | encode ...]

Processor time of this process, in which both take turns; medians. The peers give arrays without
names, checks or labels, so that what stands between is what our nouns cost.
"""

import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

import isocortex as ic

RUNS = 200
NAMES = [f"image {i}" for i in range(20)]
RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(20, 50))
VOXELS = FEATURES[:, :10] + RNG.normal(size=(20, 10))
GUESSED = VOXELS + RNG.normal(size=VOXELS.shape)
LAYER = ic.Responses(FEATURES, NAMES, labels={"layer": "conv1"})
IT = ic.Responses(VOXELS, NAMES, labels={"region": "IT", "subject": 1})
DECODED = ic.Responses(GUESSED, NAMES, labels={"region": "IT"})
STACK = ic.RDMs(RNG.random((20, 190)), NAMES, {"subject": range(20)})
MODEL, DATA = ic.rdms(LAYER), ic.rdms(IT)
SUBJECTS = np.arange(20)


def identified() -> float:
    """Pairwise identification in plain NumPy."""
    r = np.corrcoef(GUESSED, VOXELS)[:20, 20:]
    return float((r.diagonal()[:, None] > r).sum() / (20 * 19))


def ridge_loop() -> list[float]:
    """Ten folds of scikit-learn's ridge, and the correlation of each voxel."""
    found = []
    for train, test in KFold(10).split(FEATURES):
        guess = Ridge(1.0).fit(FEATURES[train], VOXELS[train]).predict(FEATURES[test])
        found.append(
            [np.corrcoef(*pair)[0, 1] for pair in zip(guess.T, VOXELS[test].T, strict=True)]
        )
    return found


def nested_loop() -> list[float]:
    """The same with a penalty for all voxels, of three, chosen in five inner folds."""
    from sklearn.linear_model import RidgeCV

    found = []
    for train, test in KFold(10).split(FEATURES):
        model = RidgeCV([1.0, 10.0, 100.0], cv=5).fit(FEATURES[train], VOXELS[train])
        guess = model.predict(FEATURES[test])
        found.append(
            [np.corrcoef(*pair)[0, 1] for pair in zip(guess.T, VOXELS[test].T, strict=True)]
        )
    return found


PARTS: dict[str, tuple[Callable[[], object], Callable[[], object], str, float]] = {
    "Responses": (
        lambda: ic.Responses(FEATURES, NAMES, labels={"layer": "conv1"}),
        FEATURES.copy,
        "a copy",
        0.3,
    ),
    "rdms": (lambda: ic.rdms(LAYER), lambda: pdist(FEATURES, "correlation"), "scipy's pdist", 0.3),
    "compare": (
        lambda: ic.compare(MODEL, DATA),
        lambda: spearmanr(MODEL.values[0], DATA.values[0]),
        "scipy's spearmanr",
        0.3,
    ),
    "select": (
        lambda: STACK.select(subject=[3, 5]),
        lambda: STACK.values[np.isin(SUBJECTS, [3, 5])],
        "NumPy",
        0.3,
    ),
    "identification": (lambda: ic.identification(DECODED, IT), identified, "NumPy", 0.3),
    "encode": (
        lambda: ic.encode(LAYER, IT, ic.Ridge([1.0])),
        ridge_loop,
        "scikit-learn's Ridge",
        4.0,
    ),
    "encode, 3 penalties": (
        lambda: ic.encode(LAYER, IT, ic.Ridge([1.0, 10.0, 100.0])),
        nested_loop,
        "scikit-learn's RidgeCV",
        4.0,
    ),
}


def milliseconds(job: Callable[[], object]) -> float:
    """Processor time of one call."""
    start = time.process_time_ns()
    job()
    return (time.process_time_ns() - start) / 1e6


def main(parts: list[str]) -> None:
    """A line for each part, as the rows of the README."""
    warnings.simplefilter("ignore")
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{os.cpu_count()} cores, load {load}; 20 stimuli, median of {RUNS} calls in turn")
    for name in parts or PARTS:
        ours, peer, called, wanted = PARTS[name]
        ours(), peer()
        times = [(milliseconds(ours), milliseconds(peer)) for _ in range(RUNS)]
        mine, theirs = (statistics.median(each) for each in zip(*times, strict=True))
        print(
            f"| {name} | {mine:.3f} ms | {called} {theirs:.3f} ms | {mine / theirs:.2g} "
            f"| {wanted} ms |"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
