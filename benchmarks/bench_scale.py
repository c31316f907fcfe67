"""What is large, at a size and at half of it: time, memory, growth, a peer and the floor.

    python benchmarks/bench_scale.py                      # all, in about an hour
    python benchmarks/bench_scale.py encode whitened      # some
    python benchmarks/bench_scale.py encode --at 2000     # at a size of one's own
    python benchmarks/bench_scale.py --tiny               # does it run?

Each size has a process of its own. Seconds are those of the processor; memory is what the call
takes beyond its data. The peer does the same at half the size, or a part of it that is scaled.
The floor is the arithmetic (or the reading) that the way must do, at the rate that this process
found for large products (or copies).
"""

import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import log

import numpy as np
from common import TINY, chosen_parts, cpu_seconds, in_a_child, peak_megabytes, say_machine

import isocortex as ic

warnings.simplefilter("ignore")


@dataclass
class Row:
    """One thing to do at one size."""

    ours: Callable[[], object]
    theirs: Callable[[], object]
    part: float = 1.0
    """Theirs is of so many such parts."""
    flops: float = 0.0
    bytes: float = 0.0


def encode(n: int) -> Row:
    """Ridge, 20 penalties, 5 inner folds, 2000 voxels: one layer's Gram, one of 5 outer folds."""
    from himalaya.kernel_ridge import KernelRidgeCV
    from sklearn.model_selection import KFold

    n_voxels, n_filters, alphas = (30 if TINY else 2000), 10, np.logspace(-1, 6, 20)
    x, y = layered(n, 200 if TINY else 4000, n_voxels)
    gram, recording = ic.gram(ic.Responses(x)), ic.Responses(y)
    fold = next(iter(KFold(5).split(x)))
    train = fold[0]

    def theirs() -> None:
        within = gram.matrix[np.ix_(train, train)]
        KernelRidgeCV(
            alphas, cv=KFold(5), kernel="precomputed", warn=False,
            solver_params={"local_alpha": True, "n_targets_batch": 1000},
        ).fit(within, y[train])  # fmt: skip

    # Of m training stimuli: an eigenproblem, targets on axes, and test stimuli under each filter.
    sizes = [(len(train), 1, 1), *[(0.8 * len(train), 0.25, n_filters)] * 5]
    flops = sum(14 / 3 * m**3 + 2 * m * m * n_voxels * (1 + k * share) for m, share, k in sizes)
    return Row(
        lambda: ic.encode(gram, recording, ic.Ridge(alphas), folds=[fold]), theirs, flops=flops
    )


def permutations(n_voxels: int) -> Row:
    """1000 permutations of ridge with one penalty, 300 stimuli; the peer is 20 fits of ours."""
    n, times = (30, 20) if TINY else (300, 1000)
    x, y = layered(n, 2000, n_voxels)
    gram, recording = ic.gram(ic.Responses(x)), ic.Responses(y)

    def fits() -> None:
        for _ in range(20):
            ic.encode(gram, recording, ic.Ridge(1e3))

    return Row(
        lambda: ic.encode(gram, recording, ic.Ridge(1e3), permutations=times),
        fits,
        flops=2 * times * n**2 * n_voxels,
    )


def rdms(n: int) -> Row:
    """Correlation RDM of 1000 units; the peer is pdist on a tenth of the stimuli."""
    from scipy.spatial.distance import pdist

    x = np.random.default_rng(0).random((n, 1000), dtype=np.float32)
    few = x[: n // 10].astype(np.float64)
    responses = ic.Responses(x)
    return Row(
        lambda: ic.rdms(responses), lambda: pdist(few, "correlation"), 100, flops=n * n * 1000
    )


def whitened(n: int) -> Row:
    """Whitened correlation of two RDMs; the peer centres the square matrices."""
    from scipy.spatial.distance import squareform

    first, second = random_rdms(1, n, 0), random_rdms(1, n, 1)

    def theirs() -> float:
        sides = []
        for side in (first, second):
            square = squareform(side.values[0] - side.values[0].mean())
            square -= square.mean(0)
            square -= square.mean(1)[:, None]
            sides.append(square / np.linalg.norm(square))
        return float(np.vdot(*sides))

    return Row(
        lambda: ic.compare(first, second, "whitened_correlation"), theirs, bytes=3 * 8 * n * (n - 1)
    )


def decoding(n: int) -> Row:
    """LDA of all pairs of conditions, 10 trials, 40 channels, 10 times; scikit-learn on 4 pairs."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    m, p, n_times = (4, 5, 2) if TINY else (10, 40, 10)
    values = np.random.default_rng(0).normal(size=(n * m, p, n_times))
    trials = ic.Trials(values, [f"condition {i % n}" for i in range(n * m)])
    n_pairs = n * (n - 1) // 2

    def theirs() -> None:
        for b in range(1, 5):
            sides = [values[i::n, :, 0] for i in (0, b)]
            for k in range(m):
                left = np.concatenate([np.delete(side, k, 0) for side in sides])
                model = LinearDiscriminantAnalysis().fit(left, np.repeat([0, 1], m - 1))
                model.predict([side[k] for side in sides])

    # A factor of each pair's covariance, and its trials through it.
    flops = n_pairs * n_times * (p**3 / 3 + 4 * m * p**2)
    return Row(lambda: ic.decoding_rdms(trials), theirs, n_pairs * n_times / 4, flops=flops)


def cka(n_layers: int) -> Row:
    """Layers by layers of 1000 stimuli, Grams given; the peer stacks and takes one product."""
    rng, n = np.random.default_rng(0), 40 if TINY else 1000
    sides = [
        [ic.gram(ic.Responses(rng.normal(size=(n, 50)))) for _ in range(n_layers)] for _ in "ab"
    ]

    def theirs() -> np.ndarray:
        a, b = (centred_rows(side) for side in sides)
        return a @ b.T

    return Row(
        lambda: ic.similarity(*sides), theirs, flops=2 * n_layers**2 * n**2,
        bytes=16 * n_layers * n**2,
    )  # fmt: skip


def centred_rows(grams: list) -> np.ndarray:
    rows = np.stack([gram.matrix for gram in grams])
    rows = rows - rows.mean(1, keepdims=True)
    rows = (rows - rows.mean(2, keepdims=True)).reshape(len(grams), -1)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def identification(n: int) -> Row:
    """Each of n decoded stimuli among n, 1000 units; the peer holds the whole correlations."""
    rng = np.random.default_rng(0)
    true = rng.normal(size=(n, 50 if TINY else 1000))
    decoded = true + 5 * rng.normal(size=true.shape)
    sides = ic.Responses(decoded), ic.Responses(true)

    def theirs() -> np.ndarray:
        rows = [x - x.mean(1, keepdims=True) for x in (decoded, true)]
        a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in rows)
        found = a @ b.T
        return (found < found.diagonal()[:, None]).sum(1) / (n - 1)

    return Row(lambda: ic.identification(*sides), theirs, flops=2 * n * n * true.shape[1])


def infer(n: int) -> Row:
    """1000 two-factor samples, 80 people, 5 models, Pearson; rsatoolbox one sample, 8 people."""
    from rsatoolbox.inference import eval_dual_bootstrap
    from rsatoolbox.model import ModelFixed
    from rsatoolbox.rdm import RDMs

    n_people = 6 if TINY else 80
    people, models = random_rdms(n_people, n, 0, "subject"), random_rdms(5, n, 1, "model")
    fixed = [ModelFixed(str(i), row) for i, row in enumerate(models.values)]
    few = RDMs(people.values[: max(3, n_people // 10)])

    def theirs() -> None:
        eval_dual_bootstrap(fixed, few, method="corr", N=1, k_pattern=1, k_rdm=1)

    n_pairs = n * (n - 1) / 2
    # For each sample: the products of all RDMs with one another, over its pairs.
    flops = 1000 * n_pairs * (n_people + 5) ** 2
    return Row(lambda: ic.infer(models, people, "pearson"), theirs, 10_000, flops=flops)


def layered(n: int, p: int, n_voxels: int) -> tuple[np.ndarray, np.ndarray]:
    """A layer of decaying spectrum, float32, and voxels that follow it with noise."""
    rng = np.random.default_rng(0)
    latent = rng.normal(size=(n, 400)) / np.sqrt(1 + np.arange(400))
    x = latent @ rng.normal(size=(400, p)) + 0.5 * rng.normal(size=(n, p))
    y = latent @ rng.normal(size=(400, n_voxels)) + rng.gamma(1, size=n_voxels) * rng.normal(
        size=(n, n_voxels)
    )
    return x.astype(np.float32), y.astype(np.float32)


def random_rdms(n_rdms: int, n: int, seed: int, label: str = "who") -> ic.RDMs:
    values = np.random.default_rng(seed).random((n_rdms, n * (n - 1) // 2))
    return ic.RDMs(values, [f"s{i}" for i in range(n)], {label: [f"{i}" for i in range(n_rdms)]})


ROWS = {
    encode: (5000, 150), permutations: (500, 20), rdms: (10_000, 60), whitened: (10_000, 60),
    decoding: (200, 12), cka: (50, 4), identification: (10_000, 80), infer: (1000, 20),
}  # fmt: skip
"""The large size of each, and a tiny one."""


def measured(name: str, n: str, with_peer: str) -> dict:
    """What one size takes, in this process."""
    square, long = np.ones((2048, 2048)), np.ones(2**24)
    rates = (
        2 * 2048**3 / min(cpu_seconds(lambda: square @ square) for _ in range(3)),
        (2 * long.nbytes / min(cpu_seconds(long.copy) for _ in range(3))),
    )
    row = {each.__name__: each for each in ROWS}[name](int(n))
    before = peak_megabytes()
    own = cpu_seconds(row.ours)
    found = {"seconds": own, "megabytes": peak_megabytes() - before}
    if own < 5:
        found["seconds"] = sorted(cpu_seconds(row.ours) for _ in range(3))[1]
    if int(with_peer):
        found["theirs"] = cpu_seconds(row.theirs) * row.part
    return {**found, "floor": row.flops / rates[0] + row.bytes / rates[1]}


def tell(work: Callable, n: int) -> None:
    name = work.__name__
    small, large = (in_a_child(__file__, name, *more) for more in ((n // 2, 1), (n, 0)))
    power = log(large["seconds"] / small["seconds"], 2)
    told = f"{large['megabytes']:.0f} MB (half: {small['megabytes']:.0f})"
    times = small["theirs"] / small["seconds"]
    print(
        f"{name} {n}: {(work.__doc__ or '').strip()}\n"
        f"  ours {large['seconds']:.3g} s, half the size {small['seconds']:.3g} s: growth by the "
        f"power {power:.2f}; memory {told}\n"
        f"  peer at half the size {small['theirs']:.3g} s, {times:.3g} times ours; "
        f"floor {large['floor']:.3g} s, ours is "
        f"{large['seconds'] / large['floor']:.2f} of it",
        flush=True,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(measured(*sys.argv[2:5])))
    else:
        say_machine()
        at = int(sys.argv[sys.argv.index("--at") + 1]) if "--at" in sys.argv else 0
        for work in chosen_parts({each.__name__: each for each in ROWS}):
            full, tiny = ROWS[work]
            tell(work, at or (tiny if TINY else full))
