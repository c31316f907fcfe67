"""Searchlights against rsatoolbox and scikit-learn, one core, in turn; CPU time per centre.

OMP_NUM_THREADS=1 python benchmarks/bench_searchlight.py [rsa | memory | decoding]
"""

import contextlib
import io
import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
from common import arguments, in_a_child, peak_megabytes, sized

import isocortex as ic

N_CONDITIONS, N_UNITS, N_RUNS = sized((92, 100, 4), (12, 20, 4))


def cpu(job: Callable[[], object]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


def products() -> float:
    """GFLOP/s of this core in float64, which every time below should be read against."""
    square = np.random.default_rng(0).normal(size=(1000, 1000))
    return 2 / min(cpu(lambda: square @ square) for _ in range(sized(5, 1)))


def recording(side: int, trials: bool = False) -> ic.Responses | ic.Trials:
    rng = np.random.default_rng(0)
    places = np.argwhere(np.ones((side, side, side))) * 3.0
    names = [f"c{i}" for i in range(N_CONDITIONS)]
    units = dict(zip("xyz", places.T, strict=True))
    if not trials:
        return ic.Responses(rng.normal(size=(N_CONDITIONS, len(places))), names, units)
    values = rng.normal(size=(N_CONDITIONS * N_RUNS, len(places)))
    return ic.Trials(
        values, names * N_RUNS, runs=np.repeat(range(N_RUNS), N_CONDITIONS), units=units
    )


def models() -> ic.RDMs:
    names = [f"c{i}" for i in range(N_CONDITIONS)]
    pairs = N_CONDITIONS * (N_CONDITIONS - 1) // 2
    return ic.RDMs(np.random.default_rng(1).random((3, pairs)), names)


def rsa() -> None:
    """RDM of 92 conditions x 100 voxels and 3 models, float64."""
    noun, runs = recording(sized(20, 6)), recording(sized(20, 6), trials=True)
    near = ic.neighbours(noun, n_units=N_UNITS).at(np.arange(sized(2000, 60)))
    two_runs = runs.take(np.asarray(runs.runs) < 2)
    cases = [
        (noun, "correlation", "spearman"),
        (noun, "correlation", "pearson"),
        (noun, "cosine", "pearson"),
        (noun, "squared_euclidean", "pearson"),
        (two_runs, "crossnobis", "pearson"),
        (runs, "crossnobis", "pearson"),
        (runs, "crossnobis", "spearman"),
    ]
    times: dict[int, list[float]] = {i: [] for i in range(len(cases))}
    peer: list[float] = []
    peaks: list[float] = []
    for _ in range(sized(5, 1)):
        peaks.append(products())
        for i, (data, distance, comparison) in enumerate(cases):
            chosen = ic.RSA(models(), distance, comparison)
            # The fixed part (reading, ordering, one plain centre) is in it.
            job = lambda data=data, chosen=chosen: ic.searchlight(data, near, chosen)  # noqa: E731
            times[i].append(1e6 * cpu(job) / len(near))
        peer.append(1e6 * rsatoolbox_centre(noun, near))
    print(
        f"this core: {max(peaks):.0f} GFLOP/s at best, {statistics.median(peaks):.0f} in the middle"
    )
    print(
        f"rsatoolbox, correlation and Spearman: {min(peer):.0f} us, {statistics.median(peer):.0f}"
    )
    for i, (data, distance, comparison) in enumerate(cases):
        what = f"{distance}, {comparison}"
        if isinstance(data, ic.Trials):
            what += f", {len(np.unique(data.runs))} runs"
        best, middle = min(times[i]), statistics.median(times[i])
        print(f"{what}: {best:.0f} us at best, {middle:.0f} in the middle; ", end="")
        print(f"rsatoolbox takes {statistics.median(peer) / middle:.0f} times as long")


def rsatoolbox_centre(noun: ic.Responses, near: ic.Neighbours, n: int = 25) -> float:
    """Seconds of rsatoolbox for one centre, its RDM and three models."""
    from rsatoolbox.inference import eval_fixed
    from rsatoolbox.model import ModelFixed
    from rsatoolbox.util.searchlight import evaluate_models_searchlight, get_searchlight_RDMs

    values, names = noun.numpy(), np.arange(N_CONDITIONS)
    fixed = [ModelFixed(f"m{i}", row) for i, row in enumerate(models().values)]
    members = [near.members(c) for c in range(n)]

    def job() -> None:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            made = get_searchlight_RDMs(values, np.arange(n), members, names, method="correlation")
            evaluate_models_searchlight(made, fixed, eval_fixed, method="spearman", n_jobs=1)

    return cpu(job) / n


def memory() -> None:
    """100 000 centres, Spearman: what is held beyond the data."""
    found = in_a_child(__file__, "whole_brain")
    print(
        f"{found['centres']} centres of {found['units']} units: {found['beyond']:.0f} MB beyond "
        f"the data and its neighbourhoods ({found['said']:.0f} MB said beforehand), "
        f"{found['cpu']:.0f} s"
    )


def whole_brain() -> dict:
    noun = recording(sized(47, 6))
    near = ic.neighbours(noun, n_units=N_UNITS)
    before = peak_megabytes()
    start = time.process_time()
    found = ic.searchlight(noun, near, ic.RSA(models(), "correlation", "spearman"))
    spent = time.process_time() - start
    return {
        "centres": len(near),
        "units": N_UNITS,
        "beyond": peak_megabytes() - before,
        "said": found.notes["memory"] / 1e6,
        "cpu": spent,
    }


def decoding() -> None:
    """LDA with a fixed shrinkage in balls of 33 voxels, 8 runs, against cross_val_score."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import LeaveOneGroupOut, cross_val_score

    rng = np.random.default_rng(0)
    places = np.argwhere(np.ones((sized(16, 7),) * 3)) * 3.0
    labels, groups = np.tile([0, 1], 48), np.repeat(np.arange(8), 12)
    values = rng.normal(size=(96, len(places))) + 0.3 * labels[:, None] * (places[:, 0] > 20)
    names = [f"{'face' if label == 0 else 'house'}" for label in labels]
    units = dict(zip("xyz", places.T, strict=True))
    noun = ic.Trials(values, names, runs=groups, units=units)
    near = ic.neighbours(noun, radius=6.0)
    inner = near.at(np.nonzero(near.sizes == 33)[0])
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.5)
    ours, peer, some = [], [], range(0, len(inner), -(-len(inner) // 40))
    for _ in range(sized(5, 1)):
        start = time.process_time()
        found = ic.searchlight(noun, inner, ic.Decoding(names, model))
        ours.append(1e6 * (time.process_time() - start) / len(inner))
        start = time.process_time()
        theirs = [
            cross_val_score(
                model, values[:, inner.members(c)], labels, groups=groups, cv=LeaveOneGroupOut()
            ).mean()
            for c in some
        ]
        peer.append(1e6 * (time.process_time() - start) / len(some))
    same = sum(found.values[c] == t for c, t in zip(some, theirs, strict=True))
    print(
        f"LDA: {min(ours):.0f} us at best, {statistics.median(ours):.0f} in the middle; "
        f"cross_val_score {statistics.median(peer):.0f}, "
        f"{statistics.median(peer) / statistics.median(ours):.0f} times; "
        f"{same} of {len(theirs)} accuracies identical"
    )


JOBS = {"rsa": rsa, "memory": memory, "decoding": decoding}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(globals()[sys.argv[2]]()))
    else:
        for name in arguments() or JOBS:
            JOBS[name]()
