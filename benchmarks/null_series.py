"""How often unrelated series reach p <= .05, by circular shifts, in eight designs.

Features are autoregressive series, each with delays of 1 to 4 rows; targets are series of the same
kind that have nothing to do with them. Ridge has a fixed penalty, folds are five contiguous blocks
(or the runs), p is of the mean r over folds.

    python benchmarks/null_series.py [sets of each design, 300 by default]
"""

import sys
import warnings
from dataclasses import dataclass

import numpy as np
from scipy.signal import detrend, lfilter

import isocortex as ic

TARGETS = 5
"""Targets of each draw of features; each is a set."""


@dataclass(frozen=True)
class Design:
    """One kind of series, and how it is cross-validated."""

    name: str
    n: int
    features: int
    phi: float = 0.9
    runs: int = 1
    gap: int = 0
    detrended: bool = False


DESIGNS = (
    Design("n 362, 1 feature", 362, 1),
    Design("n 362, 20 features", 362, 20),
    Design("the same, targets detrended", 362, 20, detrended=True),
    Design("the same, purged by 10", 362, 20, gap=10),
    Design("phi .97, 20 features", 362, 20, 0.97),
    Design("n 1000, 20 features", 1000, 20),
    Design("n 1200, 6 runs as folds", 1200, 20, runs=6),
    Design("n 100, 5 features", 100, 5),
)


def series(rng: np.random.Generator, design: Design, n_columns: int) -> np.ndarray:
    """Stationary autoregressive series, each run by itself, shape (n, n_columns)."""
    parts = []
    for _ in range(design.runs):
        noise = rng.normal(size=(design.n // design.runs + 400, n_columns))
        parts.append(lfilter([1.0], [1.0, -design.phi], noise, axis=0)[400:])
    return np.concatenate(parts) * np.sqrt(1 - design.phi**2)


def draw(rng: np.random.Generator, design: Design) -> tuple[np.ndarray, np.ndarray]:
    """p and mean r of unrelated targets."""
    runs = np.repeat(np.arange(design.runs), design.n // design.runs).tolist()
    base = ic.Responses(series(rng, design, design.features), table={"run": runs})
    y = series(rng, design, TARGETS)
    late = ic.delayed(base, [1, 2, 3, 4])
    recording = ic.Responses(detrend(y, axis=0) if design.detrended else y, base.stimuli)
    folds = ic.Folds.by_run(base, None if design.runs > 1 else 5, gap=design.gap)
    # Of one run all shifts that there are, of several as many as draws.
    shifts = ic.Permutation(999, seed=int(rng.integers(2**31)), null="circular")
    if design.runs == 1:
        shifts = ic.Permutation(design.n, null="circular")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = ic.encode(late, recording, ic.Ridge(100.0), folds=folds, permutations=shifts)
    means = scores.mean("fold")
    return means.columns["p"].ravel(), means.values.ravel()


def main() -> None:
    """Print the table."""
    n_sets = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print("| design | p <= .05 | mean r (sd) |\n|---|---|---|")
    for place, design in enumerate(DESIGNS):
        rng = np.random.default_rng(place)
        found = [draw(rng, design) for _ in range(-(-n_sets // TARGETS))]
        p, r = (np.concatenate(each) for each in zip(*found, strict=True))
        share = (p <= 0.05).mean()
        print(f"| {design.name} | {share:.3f} | {r.mean():.3f} ({r.std():.2f}) |", flush=True)


if __name__ == "__main__":
    main()
