"""What flexible models score on brains that they have nothing in common with.

Five unrelated model RDMs, 24 stimuli, eight people, Pearson's correlation: fitted and scored on
the same data, on other people who saw the same stimuli, and on other stimuli and people.

Usage: python benchmarks/simulate_flexible.py [n_sets]
"""

import sys

import numpy as np

import isocortex as ic

N_STIMULI, N_PEOPLE = 24, 8
NAMES = [f"image {i}" for i in range(N_STIMULI)]
KINDS = {
    "weighted, any sign": lambda rdms: ic.Weighted(rdms, nonnegative=False),
    "weighted, nonnegative": ic.Weighted,
    "selected": ic.Selected,
    "interpolated": ic.Interpolated,
}


def of_points(rng, n):
    """Squared distances of n sets of random points."""
    x = rng.normal(size=(n, N_STIMULI, 5))
    i, j = np.triu_indices(N_STIMULI, 1)
    return ((x[:, i] - x[:, j]) ** 2).sum(2)


def scores(kind, rdms, brain):
    """On the same data, on other people, and on other stimuli and people."""
    fitted = ic.fit_rdms(kind(rdms), brain, "pearson")
    x, y = (rows - rows.mean(1, keepdims=True) for rows in (rdms.values, brain.values))
    unit = y / np.linalg.norm(y, axis=1, keepdims=True)
    over_people = []
    for half in (0, 1):
        train, test = unit[half::2], unit[1 - half :: 2]
        theta = kind(rdms).fit((x @ x.T)[None], (x @ train.T).sum(1)[None])[0]
        guess = theta @ x
        over_people.append((test @ guess).mean() / max(np.linalg.norm(guess), 1e-300))
    return fitted.same_data.values.mean(), np.mean(over_people), fitted.score


def main():
    """Print the table."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    rng = np.random.default_rng(0)
    found = {name: [] for name in KINDS}
    for _ in range(n):
        rdms = ic.RDMs(of_points(rng, 5), NAMES, {"part": range(5)})
        people = of_points(rng, 1) + 4 * rng.normal(size=(N_PEOPLE, rdms.values.shape[1]))
        brain = ic.RDMs(people, NAMES, {"subject": range(N_PEOPLE)})
        for name, kind in KINDS.items():
            found[name].append(scores(kind, rdms, brain))
    print("| model | same data | other people | other stimuli and people |\n|---|---|---|---|")
    for name, rows in found.items():
        mean, error = np.mean(rows, 0), np.std(rows, 0) / np.sqrt(n)
        cells = " | ".join(f"{m:.3f} ± {e:.3f}" for m, e in zip(mean, error, strict=True))
        print(f"| {name} | {cells} |")


if __name__ == "__main__":
    main()
