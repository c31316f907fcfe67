"""MATLAB 5 files against scipy, and the small files of decoded images against the library.

python benchmarks/bench_files.py [mat | small]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from common import pair, say_machine
from scipy.io import loadmat, savemat

from isocortex.formats.mat.alike import write_alike
from isocortex.formats.mat.files import read_array, write_array


def mat() -> None:
    """20 MB, plain, packed, and with a small variable behind them."""
    rng = np.random.default_rng(0)
    large, small = rng.random((1000, 2500)), rng.random((10, 25))
    kinds = {
        "20 MB": ({"feat": large}, False, 5),
        "20 MB, compressed": ({"feat": large}, True, 3),
        "2 kB behind 20 MB": ({"large": large, "feat": small}, False, 200),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.mat"
        for name, (held, packed, times) in kinds.items():
            savemat(path, held, do_compression=packed)
            pair(
                f"MATLAB 5, {name}, {times} times",
                lambda n=times: [read_array(path, "feat") for _ in range(n)],
                lambda n=times: [loadmat(path, variable_names=["feat"])["feat"] for _ in range(n)],
                5,
            )


def small() -> None:
    """500 files of 15 numbers."""
    rows = {f"n{i}": row for i, row in enumerate(np.random.default_rng(0).random((500, 1, 15)))}
    with tempfile.TemporaryDirectory() as folder:
        pair(
            "500 files of decoded images, one by one by the library",
            lambda: write_alike(Path(folder), rows, "feat", dtype=np.float32),
            lambda: [
                write_array(Path(folder) / f"{name}.mat", row, "feat", dtype=np.float32)
                for name, row in rows.items()
            ],
        )


if __name__ == "__main__":
    say_machine()
    parts = {"mat": mat, "small": small}
    for part in sys.argv[1:] or parts:
        parts[part]()
