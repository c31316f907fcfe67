"""Correlation RDMs and their comparison, against pdist, rsatoolbox, scipy and the bare product.

python benchmarks/bench_rsa.py [rdm | stored | compare]
"""

import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from common import arguments, in_a_child, pair, peak_megabytes, seconds, sized
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

import isocortex as ic


def rdm() -> None:
    """1000 stimuli x 50 000 units against pdist and rsatoolbox."""
    import rsatoolbox

    x = np.random.default_rng(0).random((sized(1000, 40), sized(50_000, 60)), dtype=np.float32)
    responses = ic.Responses(x)
    part = np.ascontiguousarray(x[: sized(200, 10)])
    found = ic.rdms(responses).values[0]
    small = ic.rdms(ic.Responses(part)).values[0]
    wanted = pdist(part.astype(np.float64), "correlation")
    print(f"largest relative difference from pdist: {np.abs(small / wanted - 1).max():.2g}")
    scale = len(found) / len(small)
    pair("RDM, pdist", lambda: ic.rdms(responses), lambda: pdist(part, "correlation"), 3, scale)
    data = rsatoolbox.data.Dataset(x)
    pair(
        "RDM, rsatoolbox",
        lambda: ic.rdms(responses),
        lambda: rsatoolbox.rdm.calc_rdm(data, method="correlation"),
    )


def stored() -> None:
    """5000 x 193 600 float32 read from the store, against the bare product in memory."""
    folder = Path(tempfile.mkdtemp())
    try:
        ours = [written_and_read(folder / str(i)) for i in range(sized(3, 1))]
        bare = [in_a_child(__file__, "bare") for _ in range(sized(3, 1))]
    finally:
        shutil.rmtree(folder)
    mine, theirs = (statistics.median(run["seconds"] for run in runs) for runs in (ours, bare))
    memory = max(run["peak"] for run in ours)
    print(
        f"stored RDM 5000 x 193600: {mine:.1f} s, peak {memory:.0f} MB; bare X @ X.T in memory "
        f"{theirs:.1f} s, peak {max(run['peak'] for run in bare):.0f} MB; {mine / theirs:.2f} times"
    )


def written_and_read(folder: Path) -> dict:
    """From a store of its own each time, since a first call keeps the Gram matrix in it."""
    folder.mkdir()
    in_a_child(__file__, "write", folder)
    found = in_a_child(__file__, "from_store", folder)
    shutil.rmtree(folder)
    return found


def write(folder: str) -> dict:
    """A store of 5000 x 193 600, made by extraction from a small convolutional module."""
    import torch

    rng = np.random.default_rng(0)
    module = torch.nn.Sequential(torch.nn.Upsample(55), torch.nn.Conv2d(1, 64, 3, padding=1))
    stimuli = ic.Stimuli.from_arrays(rng.random((sized(5000, 20), 1, 28, 28), dtype=np.float32))
    network = ic.load_network(module)
    took = seconds(lambda: ic.extract(network, stimuli, layers="1", into=Path(folder) / "big.zarr"))
    return {"seconds": took}


def from_store(folder: str) -> dict:
    layer = ic.Store(Path(folder) / "big.zarr")["1"]
    took = seconds(lambda: ic.rdms(layer))
    return {"seconds": took, "peak": peak_megabytes()}


def bare() -> dict:
    x = np.random.default_rng(0).random((sized(5000, 20), 193_600), dtype=np.float32)
    return {"seconds": seconds(lambda: x @ x.T), "peak": peak_megabytes()}


def compare() -> None:
    """100 model RDMs with 100 data RDMs of 200 stimuli, Spearman, against a scipy loop."""
    rng = np.random.default_rng(0)
    models, data = (ic.RDMs(rng.random((sized(100, 6), 19_900)), range(200)) for _ in range(2))
    part = data.values[:5]

    def loop():
        return [[spearmanr(a, b).statistic for b in part] for a in models.values[:4]]

    wanted = np.array(loop())
    difference = np.abs(ic.compare(models, data).values[:4, :5] - wanted).max()
    print(f"largest difference from scipy: {difference:.2g}")
    pair(
        "compare, spearman",
        lambda: ic.compare(models, data),
        loop,
        5,
        models.n_rdms * data.n_rdms / wanted.size,
    )


CHILDREN = {"write": write, "from_store": from_store, "bare": bare}
PARTS = {"rdm": rdm, "stored": stored, "compare": compare}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(CHILDREN[sys.argv[2]](*arguments()[2:])))
    else:
        for part in arguments() or PARTS:
            PARTS[part]()
