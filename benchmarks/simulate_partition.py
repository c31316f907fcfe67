"""How near partition comes to the truth, and how often its intervals hold it.

``python benchmarks/simulate_partition.py [sets]`` prints the table of docs/partition.md; 200 sets
of data for each row take some five minutes.

RDMs are of independent features, so that shares of variance are known. The brain is A + B + C and
a rest; set ``a`` is A + C, ``b`` is B + C, ``none`` has nothing to do with the brain. The rest is
noise, or the RDM of features that each person has for itself, or half of it one that all share.
"""

import sys

import numpy as np

import isocortex as ic

SIZES = ((8, 24), (10, 50))
STRENGTHS = (0.0, 0.3, 0.9)
RESTS = ("noise", "own", "shared")
CHANCES = ("adjusted", "relabelled", "none")
PARTS = ("a", "none", "a & b", "all")
N_SAMPLES = 300


def distances(rng, n, n_stimuli):
    """Squared distances in six dimensions, of mean 0 and variance 1."""
    x = rng.normal(size=(n, n_stimuli, 6))
    i, j = np.triu_indices(n_stimuli, 1)
    return (((x[:, i] - x[:, j]) ** 2).sum(2) - 12) / np.sqrt(48)


def data(n_people, n_stimuli, strength, rest, rng):
    """Sets of models and brains of which the models explain ``strength`` of the variance x 8/9."""
    a, b, both, none = distances(rng, 4, n_stimuli)
    names = range(n_stimuli)
    rows = {"a": a + both, "b": b + both, "none": none}
    own = distances(rng, n_people, n_stimuli)
    noise = rng.normal(size=own.shape)
    left = {
        "noise": noise,
        "own": own,
        "shared": (distances(rng, 1, n_stimuli) + noise) / np.sqrt(2),
    }[rest]
    brain = np.sqrt(strength / 3) * (a + b + both) + np.sqrt(1 - strength) * left
    sets = {name: ic.RDMs([row], names) for name, row in rows.items()}
    return sets, ic.RDMs(brain, names, {"subject": range(n_people)})


def truth(strength):
    """Of the parts, from the covariance of the models (2, 1; 1, 2) and with the brain (2, 2)."""
    both, one = 8 * strength / 9, 2 * strength / 3
    return np.array([both - one, 0.0, 2 * one - both, both])


def main():
    """Print the table."""
    n_sets = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(
        "| people x stimuli, explained, rest | chance | a | none | a & b | all |\n"
        + "|---" * 6
        + "|"
    )
    for n_people, n_stimuli in SIZES:
        for strength in STRENGTHS:
            for rest in RESTS:
                rng = np.random.default_rng([n_people, n_stimuli, int(10 * strength)])
                right = truth(strength)
                found = {chance: [] for chance in CHANCES}
                for seed in range(n_sets):
                    sets, brain = data(n_people, n_stimuli, strength, rest, rng)
                    for chance in CHANCES:
                        table = ic.partition(sets, brain, chance=chance, n=N_SAMPLES, seed=seed)
                        rows = table.table().set_index("part").loc[list(PARTS)]
                        held = (rows.low <= right) & (right <= rows.high)
                        found[chance].append((rows.explained - right, held))
                for chance, some in found.items():
                    off, held = np.mean(some, 0).astype(float)
                    cells = " | ".join(f"{o:+.4f}, {h:.2f}" for o, h in zip(off, held, strict=True))
                    what = f"{n_people} x {n_stimuli}, {right[-1]:.2f}, {rest}"
                    print(f"| {what} | {chance} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
