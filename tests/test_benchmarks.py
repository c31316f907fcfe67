"""Every benchmark runs to its end, at a size at which its figures mean nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("bench_*.py"))

BESIDE_TINY = {
    "bench_extraction": ["arrays", "8"],
    "bench_files": ["numpy"],
    "bench_hierarchy": ["decoding", "encoding", "subsets", "files", "--tiny"],
    "bench_mapping": ["a", "b", "c", "d", "f", "--tiny"],
}
"""What is asked for where ``--tiny`` is not all: sizes of their own, and no pretrained weights."""

NEEDS = {
    "bench_banded": ["himalaya"],
    "bench_mapping": ["himalaya"],
    "bench_scale": ["himalaya", "rsatoolbox"],
    "bench_inference": ["rsatoolbox"],
    "bench_rsa": ["rsatoolbox", "torch"],
    "bench_searchlight": ["rsatoolbox"],
    "bench_time": ["rsatoolbox"],
    "bench_motion_energy": ["moten"],
    "bench_space": ["nilearn", "mne"],
    "bench_text": ["transformers"],
    "bench_extraction": ["torch"],
    "bench_study": ["torch"],
}
"""Peers without which they do not start."""


def test_there_are_benchmarks_for_every_claim():
    assert {"bench_small", "bench_scale", "bench_files", "bench_threads"} <= set(SCRIPTS)
    assert set(BESIDE_TINY) | set(NEEDS) <= set(SCRIPTS)


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_it_runs_to_the_end(script, tmp_path, request):
    for peer in NEEDS.get(script, ()):
        pytest.importorskip(peer)
    if script == "bench_text":
        request.getfixturevalue("shared")
    asked = BESIDE_TINY.get(script, ["--tiny"])
    done = subprocess.run(
        [sys.executable, str(FOLDER / f"{script}.py"), *asked],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1", "ROUNDS": "1"},
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip()
