"""Cost that is linear where the work is: ceilings of many subjects, CKA of many layers.

python benchmarks/bench_linear.py [ceilings | cka | tables]
"""

import json
import sys

import numpy as np
from common import arguments, in_a_child, pair, peak_megabytes, say_machine, seconds, sized

import isocortex as ic
from isocortex.numerics.measures.comparison import spearman
from isocortex.numerics.measures.similarity import cka

N_PEOPLE = sized(80, 10)


def ceilings() -> None:
    """80 subjects, 92 stimuli; the peer ranks all others anew for each subject."""
    rng = np.random.default_rng(0)
    stacks = {
        n: ic.RDMs(rng.random((n, 4186)), [f"s{i}" for i in range(92)], {"subject": range(n)})
        for n in (sized(40, 5), N_PEOPLE)
    }

    def anew() -> None:
        from isocortex.numerics.arrays.ranks import midranks

        values = stacks[N_PEOPLE].values
        for out in range(N_PEOPLE):
            others = midranks(np.delete(values, out, 0)).mean(0, keepdims=True)
            spearman(others, values[[out]])

    pair("noise ceiling, 80 subjects, Spearman", lambda: ic.noise_ceiling(stacks[N_PEOPLE]), anew)
    pair(
        "the same, 80 subjects against 40",
        lambda: ic.noise_ceiling(stacks[sized(40, 5)]),
        lambda: ic.noise_ceiling(stacks[N_PEOPLE]),
        5,
    )


def grams(n_layers: int) -> list[np.ndarray]:
    rows = np.random.default_rng(0).normal(size=(n_layers, sized(1000, 30), 50))
    rows -= rows.mean(1, keepdims=True)
    return [each @ each.T for each in rows]


def similarity() -> None:
    """Layers of 1000 stimuli against one product of their stacked Gram matrices."""
    for n in sized((30, 50), (3,)):
        first, second = grams(n), grams(n)

        def one(first: list = first, second: list = second) -> np.ndarray:
            a, b = (np.stack(side).reshape(len(side), -1) for side in (first, second))
            return a @ b.T / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))

        np.testing.assert_allclose(cka(first, second), one(), rtol=1e-12)
        pair(f"CKA, {n} x {n} layers", lambda a=first, b=second: cka(a, b), one)
    found = in_a_child(__file__, "beyond", sized(30, 3))
    print(f"memory of CKA beyond 2 x 30 Grams of 1000 stimuli: {found['more']:.0f} MB")


def beyond(n: str) -> dict:
    first, second = grams(int(n)), grams(int(n))
    before = peak_megabytes()
    cka(first, second)
    return {"more": peak_megabytes() - before}


def tables() -> None:
    """The tidy table of four million scores."""
    scores = ic.Scores(
        np.zeros((20, 10, sized(20_000, 20))),
        {
            "layer": {"layer": [f"conv{i}" for i in range(20)]},
            "fold": {"fold": range(10)},
            "unit": {"voxel": range(sized(20_000, 20))},
        },
        "pearson",
    )
    scores.table()
    took = sorted(seconds(scores.table) for _ in range(3))[1]
    size = scores.table().memory_usage(deep=True).sum() / 2**20
    print(f"table of 4 million scores: {took:.2f} s, {size:.0f} MB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps({"beyond": beyond}[sys.argv[2]](*arguments()[2:])))
    else:
        say_machine()
        parts = {"ceilings": ceilings, "cka": similarity, "tables": tables}
        for part in arguments() or parts:
            parts[part]()
