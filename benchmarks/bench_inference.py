"""Speed of ``infer``, beside rsatoolbox where it does the same.

rsatoolbox runs a few samples, which are scaled; both are timed in turn in one process.
"""

import os
import warnings
from itertools import pairwise

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from common import pair, peak_megabytes, seconds, sized

import isocortex as ic
from isocortex.numerics.inference import reranked
from isocortex.numerics.inference.relabelling import relabelled_moments

warnings.simplefilter("ignore", ic.IsocortexWarning)


def made(n_models: int, n_people: int, n_stimuli: int) -> tuple[ic.RDMs, ic.RDMs]:
    rng = np.random.default_rng(0)
    n_pairs = n_stimuli * (n_stimuli - 1) // 2
    names = [f"stimulus {i}" for i in range(n_stimuli)]
    models = rng.random((n_models, n_pairs))
    brain = models.mean(0) + rng.random((n_people, n_pairs))
    return (
        ic.RDMs(models, names, {"model": [f"model {i}" for i in range(n_models)]}),
        ic.RDMs(brain, names, {"subject": range(n_people)}),
    )


def theirs(models: ic.RDMs, brain: ic.RDMs, method: str, n: int) -> None:
    from rsatoolbox.inference import eval_dual_bootstrap
    from rsatoolbox.model import ModelFixed
    from rsatoolbox.rdm import RDMs

    fixed = [ModelFixed(str(i), row) for i, row in enumerate(models.values)]
    eval_dual_bootstrap(fixed, RDMs(brain.values), method=method, N=n, k_pattern=1, k_rdm=1)


def two_factors() -> None:
    models, brain = made(*sized((20, 15, 92), (3, 6, 15)))
    for ours, method, n in (("whitened_cosine", "cosine_cov", 1), ("pearson", "corr", 4)):
        pair(
            f"1000 two-factor samples, 20 models x 15 people x 92 stimuli, {ours}",
            lambda c=ours: ic.infer(models, brain, c, n=sized(1000, 20)),
            lambda m=method, k=n: theirs(models, brain, m, k),
            scale=1000 / n,
            runs=2,
        )


def ranks() -> None:
    models, brain = made(*sized((20, 15, 92), (3, 6, 15)))
    for name in ("numba", "NumPy alone"):
        if name != "numba":
            reranked._compiled = lambda: None
        elif reranked._compiled() is None:
            continue
        else:
            ic.infer(models, brain, "spearman", n=20)
        time = seconds(lambda: ic.infer(models, brain, "spearman", n=sized(1000, 20)))
        print(f"1000 two-factor samples of Spearman, ranked anew, {name}: {time:.3g} s")


def permutations() -> None:
    models, brain = made(*sized((20, 15, 92), (3, 6, 15)))
    for comparison in ("spearman", "whitened_correlation"):
        job = seconds(
            lambda c=comparison: ic.infer(
                models, brain, c, method="permutation", n=sized(10000, 50)
            )
        )
        print(f"10 000 relabellings, 20 models x 15 people x 92 stimuli, {comparison}: {job:.3g} s")
    first, second = made(*sized((100, 100, 200), (4, 6, 15)))
    rows = [each.values - each.values.mean(1, keepdims=True) for each in (first, second)]
    exact = seconds(lambda: relabelled_moments(*rows))
    print(f"moments of 100 x 100 RDMs of 200 stimuli: {exact:.3g} s")
    screened = seconds(lambda: ic.compare(first, second, "pearson", permutations="moments"))
    print(f"compare with permutations='moments', 100 x 100 RDMs of 200 stimuli: {screened:.3g} s")


def growth() -> None:
    """Doubling one number at a time, from 500 samples x 10 models x 10 people x 60 stimuli."""
    base = sized(
        {"n": 500, "models": 10, "people": 10, "stimuli": 60},
        {"n": 20, "models": 2, "people": 6, "stimuli": 12},
    )
    for name in base:
        times = []
        for factor in (1, 2, 4):
            size = base | {name: factor * base[name]}
            models, brain = made(size["models"], size["people"], size["stimuli"])
            job = lambda n=size["n"], m=models, b=brain: ic.infer(m, b, "whitened_cosine", n=n)  # noqa: E731
            times.append(min(seconds(job) for _ in range(2)))
        steps = ", ".join(f"{b / a:.2g}" for a, b in pairwise(times))
        print(f"twice the {name}, and twice again: {steps} times the time (from {times[0]:.2g} s)")


if __name__ == "__main__":
    two_factors()
    ranks()
    permutations()
    growth()
    print(f"peak memory: {peak_megabytes():.0f} MB")
