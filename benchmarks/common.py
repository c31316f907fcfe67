"""Timing in pairs: ours and the peer's in turn, medians and their ratio; peak memory apart."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable


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
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])
