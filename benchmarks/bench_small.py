"""Calls of twenty stimuli, such as users make in loops, against the numbers alone from the peers.

python benchmarks/bench_small.py [growth | rdms | compare | select | identification | encode ...]

Processor time of this process, in which both take turns; medians. The peers give arrays without
names, checks or labels, so that what stands between is what our nouns cost. ``growth`` doubles
what a verb is given, twice, and prints the power with which its time grows.
"""

import os
import statistics
import time
import tracemalloc
import warnings
from collections.abc import Callable

import numpy as np
from common import arguments, say_machine, sized
from rsatoolbox.inference import boot_noise_ceiling
from rsatoolbox.rdm import RDMs as TheirRDMs
from scipy import stats
from scipy.spatial.distance import pdist
from scipy.stats import rankdata, spearmanr
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

import isocortex as ic

RUNS = sized(100, 2)
BUDGET_S = 3.0
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
DEEP = ic.Responses(np.tanh(FEATURES), NAMES, labels={"layer": "conv5"})
PEOPLE = ic.RDMs(RNG.random(190) + RNG.random((8, 190)), NAMES, {"subject": range(8)})
THEIRS = TheirRDMs(PEOPLE.values, rdm_descriptors={"subject": list(range(8))})
TIMES = ic.RDMs(RNG.random((10, 190)), NAMES, {"time": [each / 10 for each in range(10)]})
MODELS = ic.RDMs(RNG.random((2, 190)), NAMES, {"layer": ["conv1", "conv5"]})
TRIALS = ic.Trials(RNG.normal(size=(80, 10)), NAMES * 4)
TABLES = {"layer": {"layer": ["conv1", "conv5"]}, "subject": {"subject": range(8)}}
SCORES = ic.Scores(RNG.normal(0.2, 0.1, (2, 8)), TABLES, "pearson")
COURSE = ic.Scores(
    RNG.normal(0.2, 0.1, (8, 20)),
    {"subject": {"subject": range(8)}, "time": {"time": [each / 10 for each in range(20)]}},
)
RECORDED = [ic.Responses(VOXELS + RNG.normal(size=(20, 10)), NAMES) for _ in range(4)]


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


def cka() -> float:
    """Linear CKA in plain NumPy."""
    x, y = (each - each.mean(0) for each in (FEATURES, VOXELS))
    a, b = x @ x.T, y @ y.T
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


def ceiling() -> tuple[float, float]:
    """Noise ceiling by ranks in plain NumPy."""
    ranks = np.apply_along_axis(rankdata, 1, PEOPLE.values)
    total = ranks.sum(0)
    low = [np.corrcoef(each, rankdata(total - each))[0, 1] for each in ranks]
    high = [np.corrcoef(each, rankdata(total))[0, 1] for each in ranks]
    return float(np.mean(low)), float(np.mean(high))


def fused() -> np.ndarray:
    """Rank correlations of two stacks in plain NumPy."""
    ranks = [np.apply_along_axis(rankdata, 1, each.values) for each in (TIMES, MODELS)]
    z = [(each - each.mean(1, keepdims=True)) / each.std(1, keepdims=True) for each in ranks]
    return z[0] @ z[1].T / 190


def tested() -> tuple[np.ndarray, object]:
    """Means with their t-tests in SciPy."""
    found = stats.ttest_1samp(SCORES.values, 0, axis=1)
    return SCORES.values.mean(1), found.confidence_interval()


def halves() -> np.ndarray:
    """A hundred split halves in plain NumPy."""
    trials, rng = np.asarray(TRIALS.values).reshape(4, 20, 10), np.random.default_rng(0)
    found = np.zeros(10)
    for _ in range(100):
        order = rng.permuted(np.tile(np.arange(4), (20, 1)), axis=1).T
        drawn = np.take_along_axis(trials, order[:, :, None], 0)
        x, y = drawn[:2].mean(0), drawn[2:].mean(0)
        x, y = x - x.mean(0), y - y.mean(0)
        found += (x * y).sum(0) / np.sqrt((x * x).sum(0) * (y * y).sum(0))
    return found / 100


def left_out() -> np.ndarray:
    """Correlation of each recording with the mean of the others, in plain NumPy."""
    z = np.stack([each.numpy() for each in RECORDED])
    z = (z - z.mean(1, keepdims=True)) / z.std(1, keepdims=True)
    others = z.sum(0) - z
    others = (others - others.mean(1, keepdims=True)) / others.std(1, keepdims=True)
    return (z * others).mean(1)


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
    "similarity": (lambda: ic.similarity(LAYER, IT), cka, "NumPy", 1.0),
    "noise ceiling": (lambda: ic.noise_ceiling(PEOPLE), ceiling, "NumPy and SciPy", 1.0),
    "noise ceiling, rsatoolbox": (
        lambda: ic.noise_ceiling(PEOPLE),
        lambda: boot_noise_ceiling(THEIRS, "spearman"),
        "rsatoolbox",
        1.0,
    ),
    "noise ceiling of trials": (lambda: ic.noise_ceiling(TRIALS), halves, "NumPy", 2.0),
    "fuse": (lambda: ic.fuse(TIMES, MODELS), fused, "NumPy and SciPy", 1.0),
    "interval": (lambda: ic.interval(SCORES), tested, "scipy's ttest_1samp", 1.0),
    "intersubject": (lambda: ic.intersubject(RECORDED), left_out, "NumPy", 1.0),
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


def stack_of(n: int) -> ic.RDMs:
    """RDMs of so many people."""
    return ic.RDMs(RNG.random((n, 190)), NAMES, {"subject": range(n)})


def scores_of(n: int) -> ic.Scores:
    """Scores of ten people at so many times."""
    tables = {"subject": {"subject": range(10)}, "time": {"time": np.arange(n) / 1000}}
    return ic.Scores(RNG.normal(size=(10, n)), tables)


def labelled(n: int) -> ic.Scores:
    """Scores of so many units, with text."""
    kinds = {"layer": {"layer": ["conv1", "conv5"]}, "fold": {"fold": range(10)}}
    return ic.Scores(RNG.random((2, 10, n)), kinds | {"unit": {"roi": ["V1", "IT"] * (n // 2)}})


GROWTH: dict[str, tuple[int, Callable[[int], object], Callable[[object], object]]] = {
    # So many at first, what a verb is given, and the verb.
    "ceiling, people": (100, stack_of, ic.noise_ceiling),
    "table, rows": (50_000, labelled, lambda scores: scores.table()),
    "fuse, regions": (200, stack_of, lambda rdms: ic.fuse(TIMES, rdms)),
    "infer, samples": (500, lambda n: n, lambda n: ic.infer(MODELS, PEOPLE, "pearson", n=n)),
    "clusters, times": (1000, scores_of, lambda scores: ic.clusters(scores, n_permutations=100)),
    "select, RDMs": (2000, stack_of, lambda rdms: rdms.select(subject=[1, 5])),
    "interval, times": (1000, scores_of, ic.interval),
    "concat, RDMs": (1000, stack_of, lambda rdms: ic.RDMs.concat([rdms, rdms])),
}


def growth() -> None:
    """The power of the size with which time grows, between the first size and four times it."""
    for name, (first, make, verb) in GROWTH.items():
        took = []
        for n in (first, 2 * first, 4 * first):
            given = make(n)
            verb(given)
            took.append(statistics.median(milliseconds(lambda: verb(given)) for _ in range(5)))  # noqa: B023
        power = np.log2(took[-1] / took[0]) / 2
        said = ", ".join(f"{each:.3g}" for each in took)
        print(f"| {name} | {first}, {2 * first}, {4 * first} | {said} ms | {power:.2f} |")


def peak_kilobytes(job: Callable[[], object]) -> float:
    """What a call takes in memory at most."""
    tracemalloc.start()
    job()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1024


def milliseconds(job: Callable[[], object]) -> float:
    """Processor time of one call."""
    start = time.process_time_ns()
    job()
    return (time.process_time_ns() - start) / 1e6


def main(parts: list[str]) -> None:
    """A line for each part, as the rows of the README."""
    warnings.simplefilter("ignore")
    say_machine()
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{os.cpu_count()} cores, load {load}; 20 stimuli, median of calls in turn")
    for name in [each for each in parts or PARTS if each != "growth"]:
        ours, peer, called, wanted = PARTS[name]
        start = time.perf_counter()
        ours(), peer()
        runs = min(RUNS, max(5, int(BUDGET_S / (time.perf_counter() - start))))
        times = [(milliseconds(ours), milliseconds(peer)) for _ in range(runs)]
        mine, theirs = (statistics.median(each) for each in zip(*times, strict=True))
        print(
            f"| {name} | {mine:.3f} ms, {peak_kilobytes(ours):.0f} kB | {called} {theirs:.3f} ms "
            f"| {mine / theirs:.2g} | {wanted} ms |"
        )
    if not parts or "growth" in parts:
        growth()


if __name__ == "__main__":
    main(arguments())
