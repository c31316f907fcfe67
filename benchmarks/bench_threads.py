"""The same analysis on one thread of linear algebra and on all: never slower on more.

python benchmarks/bench_threads.py
"""

import os
import statistics
import warnings

import numpy as np
from common import cpu_seconds, say_machine, seconds, sized
from threadpoolctl import threadpool_limits

import isocortex as ic

N = sized(400, 60)


def cases() -> dict:
    rng = np.random.default_rng(0)
    names = [f"s{i}" for i in range(N)]
    x = ic.Responses(rng.normal(size=(N, sized(2000, 150))), names)
    y = ic.Responses(rng.normal(size=(N, sized(500, 120))), names)
    ridge = ic.Ridge(np.logspace(-1, 5, 20).tolist(), inner=5)
    product = rng.normal(size=(sized(1500, 100),) * 2)
    return {
        "bare product": lambda: product @ product,
        "encode, Ridge of 20 alphas, 5 inner folds, n = 400": lambda: ic.encode(
            x, y, ridge, folds=5
        ),
        "decode, SelectiveRidge(100), n = 400": lambda: ic.decode(
            y, x, ic.SelectiveRidge(100), folds=5
        ),
    }


def main() -> None:
    cores = os.cpu_count() or 1
    say_machine((1, cores))
    warnings.simplefilter("ignore")
    for name, job in cases().items():
        job()
        found = {1: [], cores: []}
        for _ in range(3):
            for threads, times in found.items():
                with threadpool_limits(threads, user_api="blas"):
                    times.append((seconds(job), cpu_seconds(job)))
        wall, cpu = (
            [statistics.median(each[i] for each in times) for times in found.values()]
            for i in (0, 1)
        )
        print(
            f"{name}: 1 thread {wall[0]:.3g} s ({cpu[0]:.3g} of processor), {cores} threads "
            f"{wall[1]:.3g} s ({cpu[1]:.3g}); {wall[0] / wall[1]:.2f} times as fast"
        )


if __name__ == "__main__":
    main()
