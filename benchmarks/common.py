"""Timing in pairs: ours and the peer's in turn, medians and their ratio; peak memory apart."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

TINY = "--tiny" in sys.argv
"""Whether a benchmark is only to show that it runs to the end: sizes are then tiny."""


def sized(full: Any, tiny: Any) -> Any:
    """One of two sizes, by whether the benchmark is only to show that it runs."""
    return tiny if TINY else full


def arguments() -> list[str]:
    """What the command line says beside ``--tiny``."""
    return [each for each in sys.argv[1:] if each != "--tiny"]


def chosen_parts(parts: Mapping[str, Callable]) -> list[Callable]:
    """The parts that the command line names; all where it names none."""
    asked = [each for each in sys.argv[1:] if each in parts]
    return [parts[each] for each in asked or parts]


def seconds(job: Callable[[], object]) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def pair(name: str, ours: Callable, peer: Callable, runs: int = 3, scale: float = 1.0) -> float:
    """Print both medians and how many times faster ours is; the peer's may stand for a part."""
    ours(), peer()
    times = [(seconds(ours), scale * seconds(peer)) for _ in range(runs)]
    mine, theirs = (statistics.median(each) for each in zip(*times, strict=True))
    part = "" if scale == 1 else f" (measured on 1/{scale:g} and scaled)"
    print(f"{name}: ours {mine:.3g} s, peer {theirs:.3g} s{part}, {theirs / mine:.3g} times")
    return theirs / mine


def peak_megabytes() -> float:
    """The largest resident memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_a_child(script: str, function: str, *arguments: object) -> dict:
    """Run one function of a benchmark in a new process; it prints JSON as its last line."""
    command = [sys.executable, script, "--child", function, *map(str, arguments)]
    command += ["--tiny"] if TINY else []
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def say_machine(threads: tuple[int, ...] = (1,)) -> None:
    """Print what everything is to be held against: product and copy rates, cores and load."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    square, long = np.ones((1024, 1024)), np.ones(2**24)
    for n in threads:
        with threadpool_limits(n, user_api="blas"):
            took = min(seconds(lambda: square @ square) for _ in range(5))
        print(f"float64 product, {n} thread(s): {2 * 1024**3 / took / 1e9:.0f} GFLOP/s")
    took = min(seconds(long.copy) for _ in range(5))
    print(
        f"copy: {long.nbytes / took / 1e9:.1f} GB/s; {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f}"
    )


def cpu_seconds(job: Callable[[], object]) -> float:
    """Processor time, which other programs on the machine change little."""
    start = time.process_time()
    job()
    return time.process_time() - start
