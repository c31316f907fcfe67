"""Banded ridge against himalaya's random search: the score, and the time to reach it, in one run.

    python benchmarks/bench_banded.py             # times at 5000 targets, scores of 100 of them
    python benchmarks/bench_banded.py 500 1312    # times at 500 targets, longest search of 1312

Scores are means over targets, so that some targets tell how long a random search must be. Its
time is that of ten mixtures of all targets, scaled: it does the same for each.
Both the time of the processor and that of the clock are told: on a busy machine the first counts.
"""

import time

import numpy as np
from common import arguments, sized
from himalaya.kernel_ridge import solve_multiple_kernel_ridge_random_search
from sklearn.model_selection import KFold

from isocortex.numerics.linear.band_mixtures import designed_mixtures, unit_scales
from isocortex.numerics.linear.banded import refine_bands

WIDTHS = (4, 60, 400, 30, 150)
PENALTIES = np.logspace(-2, 5, 15)
SOME = sized(100, 4)
TIMED = sized(10, 2)


def made(n, n_targets, seed=0):
    """Each band in .6 of the targets, with gamma weights."""
    rng = np.random.default_rng(seed)
    y, grams = 1.2 * rng.normal(size=(n, n_targets)), []
    for width in WIDTHS:
        x = rng.normal(size=(n, width))
        there = (rng.random(n_targets) < 0.6) * np.sqrt(rng.gamma(1.0, size=n_targets))
        y += x @ rng.normal(size=(width, n_targets)) / np.sqrt(width) * there
        x -= x.mean(0)
        grams.append(x @ x.T)
    scales = unit_scales(grams)
    return [g / s for g, s in zip(grams, scales, strict=True)], y - y.mean(0)


def ours(grams, y):
    folds = list(KFold(5).split(y))
    return refine_bands(grams, y, designed_mixtures(len(grams)), PENALTIES, folds).loss.mean()


def theirs(grams, y, n_mixtures):
    """Mean loss of the best of the first mixtures, of the first two, of three ..."""
    found = solve_multiple_kernel_ridge_random_search(
        np.stack(grams),
        y,
        n_iter=n_mixtures,
        alphas=PENALTIES,
        cv=KFold(5),
        fit_intercept=True,
        return_weights="dual",
        random_state=0,
        progress_bar=False,
        n_targets_batch=1000,
    )
    return -np.maximum.accumulate(found[2], axis=0).mean(1)


def timed(job):
    clock, processor = time.perf_counter(), time.process_time()
    found = job()
    return found, time.process_time() - processor, time.perf_counter() - clock


def main(n_targets=5000, longest=328, n=1000):
    grams, y = made(n, n_targets)
    mine, losses = ours(grams, y[:, :SOME]), theirs(grams, y[:, :SOME], longest)
    reached = np.flatnonzero(losses <= mine)
    length = int(reached[0]) + 1 if len(reached) else longest
    print(f"mean inner loss of {SOME} targets: refined {mine:.4f}")
    for m in (41, 164, longest):
        print(f"  himalaya, {m} mixtures: {losses[min(m, longest) - 1]:.4f}")
    print(f"  {length if len(reached) else f'more than {longest}'} mixtures reach it", flush=True)
    first = timed(lambda: theirs(grams, y, TIMED // 2))
    loss, processor, clock = timed(lambda: ours(grams, y))
    second = timed(lambda: theirs(grams, y, TIMED // 2))
    print(
        f"{n_targets} targets: ours {processor:.0f} s of processor, {clock:.0f} s; loss {loss:.4f}"
    )
    for what, at, own in (("processor", 1, processor), ("clock", 2, clock)):
        each = (first[at] + second[at]) / TIMED
        ratio = each * length / own
        print(
            f"  himalaya {each:.2f} s of {what} a mixture: {length} take {ratio:.1f} times as long"
        )


if __name__ == "__main__":
    main(*map(int, arguments() or sized((), (12, 4, 60))))
