"""The same analysis on one thread and on all: never slower on more.

python benchmarks/bench_threads.py

Beside the clock stands processor time, and the longest chain of it: of the thread that calls, and
of the busiest thread of each team. On an idle machine the chain is about what the clock shows; on
a busy one it is not lengthened by what others do.
"""

import os
import statistics
import threading
import time
import warnings

import numpy as np
from common import cpu_seconds, say_machine, seconds, sized
from threadpoolctl import threadpool_limits

import isocortex as ic
from isocortex.numerics.arrays import parallel

RUNS = 3
N = sized(400, 60)


class Chain:
    """Processor seconds of the longest chain of what is done inside."""

    def __enter__(self):
        self.longest, lock, self.work = {}, threading.Lock(), parallel._work_off
        self.todos = []  # kept, so that no two have one identity

        def timed(context, work, todo, team):
            start = time.thread_time()
            try:
                self.work(context, work, todo, team)
            finally:
                took = time.thread_time() - start
                with lock:
                    self.todos.append(todo)
                    self.longest[id(todo)] = max(self.longest.get(id(todo), 0.0), took)

        parallel._work_off = timed
        self.start = time.thread_time()
        return self

    def __exit__(self, *error):
        own = time.thread_time() - self.start
        parallel._work_off = self.work
        self.seconds = own + sum(self.longest.values())


def cases() -> dict:
    rng = np.random.default_rng(0)
    names = [f"s{i}" for i in range(N)]
    x = ic.Responses(rng.normal(size=(N, sized(2000, 150))), names)
    y = ic.Responses(rng.normal(size=(N, sized(500, 120))), names)
    few = ic.Responses(rng.normal(size=(20, 50)), names[:20])
    ridge = ic.Ridge(np.logspace(-1, 5, 20).tolist(), inner=5)
    pcr = ic.PCR(sized(50, 20))
    trials = ic.Trials(rng.normal(size=(160, 60, 40)), names[:20] * 8, times=np.arange(40) / 100)
    matrices = ic.RDMs(rng.random((200, 4950)), [f"s{i}" for i in range(100)])
    product, long = rng.normal(size=(sized(1500, 100),) * 2), np.ones(2**24)
    return {
        "bare product": lambda: product @ product,
        "copy": long.copy,
        "encode, 20 stimuli, Ridge(1.0)": lambda: ic.encode(few, few, ic.Ridge(1.0), folds=5),
        "encode, 400 stimuli, Ridge(1.0)": lambda: ic.encode(x, y, ic.Ridge(1.0), folds=5),
        "encode, Ridge of 20 alphas, 5 inner folds": lambda: ic.encode(x, y, ridge, folds=5),
        "encode, PCR(50)": lambda: ic.encode(x, y, pcr, folds=5),
        "encode, Ridge(1.0), 100 permutations": lambda: ic.encode(
            x, y, ic.Ridge(1.0), folds=5, permutations=100
        ),
        "decode, SelectiveRidge(100)": lambda: ic.decode(y, x, ic.SelectiveRidge(100), folds=5),
        "compare, 200 x 200 RDMs, Spearman": lambda: ic.compare(matrices, matrices, "spearman"),
        "decoding_rdms, 20 conditions, 40 times": lambda: ic.decoding_rdms(trials),
    }


def main() -> None:
    cores = os.cpu_count() or 1
    say_machine((1, cores))
    warnings.simplefilter("ignore")
    for name, job in cases().items():
        job()
        found = {1: [], cores: []}
        for _ in range(RUNS):
            for threads, times in found.items():
                with threadpool_limits(threads, user_api="blas"):
                    with Chain() as chain:
                        wall = seconds(job)
                    times.append((wall, cpu_seconds(job), chain.seconds))
        one, all_cores = (
            [statistics.median(each[i] for each in times) for i in range(3)]
            for times in found.values()
        )
        print(
            f"{name}: 1 thread {one[0]:.3g} s ({one[1]:.3g} of processor), {cores} threads "
            f"{all_cores[0]:.3g} s ({all_cores[1]:.3g}); "
            f"{one[0] / all_cores[0]:.2f} times as fast, "
            f"chain {one[2] / all_cores[2]:.2f} times shorter",
            flush=True,
        )


if __name__ == "__main__":
    main()
